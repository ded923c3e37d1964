"""Effects: what the world outside has to be told after an event. Pure: nothing is sent here.

Rules
- Effects of one lane are delivered in order, lanes in parallel: the room's channel is a lane,
  and so is each person, so that a page never waits for the channel.
- A page waits for the channel `PATIENCE` at most, to carry its link.
- What shows the room as it is (`LATEST_WINS`) is needed once: the newest that waits is sent.
- What a message says is taken from the room when it is sent, so cards need no payload.
- In a storm's room nobody is told of each violation that joins: the card counts and lists them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum

from bot.domain import events as e
from bot.domain import storm
from bot.domain.access import roles_of
from bot.domain.policy import Rung
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom

PATIENCE = timedelta(seconds=5)
SENSIBLE = timedelta(days=7)
HOME_SENSIBLE = timedelta(hours=1)


class EffectKind(StrEnum):
    """What is delivered."""

    OPEN_CHANNEL = "open_channel"
    INVITE = "invite"
    POST_CARD = "post_card"
    PIN_CARD = "pin_card"
    SET_TOPIC = "set_topic"
    UPDATE_CARD = "update_card"
    PAGE = "page"
    DIGEST = "digest"
    UPDATE_PAGE = "update_page"
    TELL = "tell"
    ANNOUNCE = "announce"
    ARCHIVE = "archive"
    IDENTIFY = "identify"
    RESOLVE_GROUP = "resolve_group"
    CALLBACK = "callback"
    PUBLISH_HOME = "publish_home"


class Urgency(IntEnum):
    """The order of delivery: people first, tidiness last."""

    PAGE = 0
    NEWS = 1
    VIEW = 2
    HOUSEKEEPING = 3


# In the order of delivery: what is first here is first among equals too.
URGENCY = {
    EffectKind.PAGE: Urgency.PAGE,
    EffectKind.DIGEST: Urgency.PAGE,
    EffectKind.IDENTIFY: Urgency.PAGE,
    EffectKind.RESOLVE_GROUP: Urgency.PAGE,
    EffectKind.OPEN_CHANNEL: Urgency.PAGE,
    EffectKind.INVITE: Urgency.PAGE,
    EffectKind.POST_CARD: Urgency.PAGE,
    EffectKind.TELL: Urgency.NEWS,
    EffectKind.ANNOUNCE: Urgency.NEWS,
    EffectKind.CALLBACK: Urgency.NEWS,
    EffectKind.UPDATE_CARD: Urgency.VIEW,
    EffectKind.UPDATE_PAGE: Urgency.VIEW,
    EffectKind.PUBLISH_HOME: Urgency.VIEW,
    EffectKind.PIN_CARD: Urgency.HOUSEKEEPING,
    EffectKind.SET_TOPIC: Urgency.HOUSEKEEPING,
    EffectKind.ARCHIVE: Urgency.HOUSEKEEPING,
}
# Nothing but what is true when it is sent is in them, so the last one says it all.
LATEST_WINS = frozenset(
    {
        EffectKind.INVITE,
        EffectKind.UPDATE_CARD,
        EffectKind.UPDATE_PAGE,
        EffectKind.SET_TOPIC,
        EffectKind.PUBLISH_HOME,
    }
)
_MESSAGES = frozenset(
    {
        EffectKind.POST_CARD,
        EffectKind.ANNOUNCE,
        EffectKind.PAGE,
        EffectKind.TELL,
        EffectKind.DIGEST,
    }
)


def sensible(kind: EffectKind) -> timedelta | None:
    """For how long a delivery is tried; None: for as long as the room isn't decided."""
    if kind in (EffectKind.PAGE, EffectKind.DIGEST):
        return None
    return HOME_SENSIBLE if kind is EffectKind.PUBLISH_HOME else SENSIBLE


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to deliver; `waits` for the channel, `PATIENCE` at most.

    Made by us and never read back, so there is nothing to validate.
    """

    kind: EffectKind
    lane: str
    payload: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False

    @property
    def urgency(self) -> Urgency:
        """Its place in the order of delivery."""
        return URGENCY[self.kind]

    @property
    def conversation(self) -> str | None:
        """The lane as the conversation that this is a message in; None for what is none."""
        return self.lane if self.kind in _MESSAGES else None


def effects(  # noqa: C901, PLR0911, PLR0912 - a table: one case an event
    before: WarRoom | None, recorded: e.Recorded, room: WarRoom
) -> tuple[Effect, ...]:
    """What `recorded`, which led from `before` to `room`, has to be followed by."""
    event = recorded.event
    seq = recorded.seq
    news = (_channel(EffectKind.ANNOUNCE, seq=str(seq)), _channel(EffectKind.UPDATE_CARD))
    match event:
        case e.Opened():
            return (_channel(EffectKind.OPEN_CHANNEL), *_unknown(room), *_pages(before, room))
        case e.ChannelOpened():
            kinds = (EffectKind.INVITE, EffectKind.POST_CARD, EffectKind.SET_TOPIC)
            return (*(_channel(kind) for kind in kinds), *_page_updates(room))
        case e.CardPosted():
            return (_channel(EffectKind.PIN_CARD),)
        case e.Acknowledged():
            own = tuple(
                page for page in _page_updates(room) if page.payload["user"] == recorded.actor
            )
            return (_channel(EffectKind.UPDATE_CARD), *own)
        case e.Joined():
            return (
                *_unknown_initiator(before, event.violation, event.initiator),
                *_came(before, room),
                *(_page_updates(room) if room.is_storm else _parts_changed(before, room)),
                *(news[1:] if room.is_storm else news),
            )
        case e.Identified() | e.Reassigned():
            came = (*_came(before, room), *_parts_changed(before, room))
            return (*came, _channel(EffectKind.UPDATE_CARD))
        case e.Unreachable():
            return (*_came(before, room), *_parts_changed(before, room), *news)
        case e.HandedOff():
            told = (_tell(event.to, seq),) if event.to in room.pages else ()
            return (*told, *_came(before, room), *_parts_changed(before, room), *news)
        case e.Split():
            return (*_asked_again(event, before, room), *_page_updates(room), *news)
        case e.InfoRequested():
            return (*news, *(_tell(user, seq) for user in room.initiators))
        case e.Explained():
            return news
        case e.Extended():
            return (*news, _channel(EffectKind.SET_TOPIC), *_page_updates(room))
        case e.Escalated():
            return _escalated(event, seq, before, room)
        case e.Decided():
            return _decided(seq, room, news)
        case e.Closed():
            return (_channel(EffectKind.ARCHIVE),)
        case _:
            return ()


def released(event: e.Event) -> bool:
    """Whether pages that wait for the channel need not wait any more."""
    return isinstance(event, e.ChannelOpened)


def _decided(seq: int, room: WarRoom, news: tuple[Effect, ...]) -> tuple[Effect, ...]:
    callbacks = tuple(
        Effect(
            kind=EffectKind.CALLBACK,
            lane=f"callback:{violation.id}",
            payload={"violation": violation.id},
        )
        for violation in room.violations
        if violation.report.callback_url
    )
    tells = tuple(_tell(user, seq) for user in room.initiators)
    return (*callbacks, *tells, *news, _channel(EffectKind.SET_TOPIC), *_page_updates(room))


def _escalated(
    event: e.Escalated, seq: int, before: WarRoom | None, room: WarRoom
) -> tuple[Effect, ...]:
    if event.rung is Rung.PAGE_BACKUP:
        pages = tuple(_page(user) for user in event.notify)
        return (*pages, *_came(before, room, paged=event.notify), _channel(EffectKind.UPDATE_CARD))
    tells = tuple(_tell(user, seq) for user in event.notify)
    if event.rung is Rung.LAST_CALL:
        return (*tells, _channel(EffectKind.ANNOUNCE, seq=str(seq)))
    return tells


def _came(before: WarRoom | None, room: WarRoom, paged: tuple[str, ...] = ()) -> tuple[Effect, ...]:
    """An invitation and pages for whoever is new."""
    pages = tuple(page for page in _pages(before, room) if page.payload["user"] not in paged)
    known = set(before.invited) if before else set[str]()
    invite = (_channel(EffectKind.INVITE),) if set(room.invited) - known else ()
    return (*invite, *pages)


def _pages(before: WarRoom | None, room: WarRoom) -> tuple[Effect, ...]:
    known = set(before.on_duty) if before else set[str]()
    return tuple(
        _page(user) for user in room.on_duty if user not in known and user not in room.pages
    )


def _parts_changed(before: WarRoom | None, room: WarRoom) -> tuple[Effect, ...]:
    """New pages' contents for those whose part, and with it their buttons, is another now."""
    if before is None:
        return _page_updates(room)
    # Thousands may have a page in a storm: only those are compared whom the change could touch.
    touched = set(before.initiators) ^ set(room.initiators)
    if before.assignments != room.assignments:
        touched |= {user for seat in before.assignments + room.assignments for user in seat.holders}
    paged = [user for user in room.pages if user in touched and user not in room.digested]
    return tuple(_page_update(user) for user in paged if _part(before, user) != _part(room, user))


def _part(room: WarRoom, user: str) -> tuple[object, ...]:
    duty = tuple(seat.role for seat in room.assignments if seat.on_duty == user)
    return (*roles_of(room, user), *duty)


def _page_updates(room: WarRoom) -> tuple[Effect, ...]:
    return tuple(_page_update(user) for user in room.pages if user not in room.digested)


def _page_update(user: str) -> Effect:
    return Effect(kind=EffectKind.UPDATE_PAGE, lane=f"dm:{user}", payload={"user": user})


def _unknown(room: WarRoom) -> tuple[Effect, ...]:
    groups = [
        (seat.role, group, backup)
        for seat in room.assignments
        for group, backup in ((seat.unknown_group, "no"), (seat.unknown_backup_group, "yes"))
        if group
    ]
    seated = tuple(
        Effect(
            kind=EffectKind.RESOLVE_GROUP,
            lane=f"seat:{role}:{backup}",
            payload={"role": role, "group": group, "backup": backup},
        )
        for role, group, backup in groups
    )
    initiator = room.initiators[0] if room.initiators else None
    return (*_unknown_initiator(None, room.violation, initiator), *seated)


def _unknown_initiator(
    before: WarRoom | None, violation: Violation, initiator: str | None
) -> tuple[Effect, ...]:
    email = violation.email
    if initiator or not email:
        return ()
    if before and (before.awaiting(email) or storm.is_unknown_address(before, email)):
        return ()  # Slack is being asked for this address already, or has answered
    return (_identify(violation.id),)


def _asked_again(event: e.Split, before: WarRoom | None, room: WarRoom) -> tuple[Effect, ...]:
    """The question that left with a violation, for the others that await its answer."""
    awaited = set(room.unidentified)
    left = {
        (violation.email or "").lower()
        for violation in (before.violations if before else ())
        if violation.id in event.violations
    }
    waiting = {
        (violation.email or "").lower(): violation.id
        for violation in room.violations
        if violation.id in awaited
    }
    return tuple(_identify(waiting[email]) for email in sorted(left & waiting.keys()))


def _identify(violation_id: str) -> Effect:
    payload = {"violation": violation_id}
    return Effect(kind=EffectKind.IDENTIFY, lane=f"identify:{violation_id}", payload=payload)


def _channel(kind: EffectKind, **payload: str) -> Effect:
    return Effect(kind=kind, lane="channel", payload=payload)


def _page(user: str) -> Effect:
    return Effect(kind=EffectKind.PAGE, lane=f"dm:{user}", payload={"user": user}, waits=True)


def _tell(user: str, seq: int) -> Effect:
    return Effect(kind=EffectKind.TELL, lane=f"dm:{user}", payload={"user": user, "seq": str(seq)})
