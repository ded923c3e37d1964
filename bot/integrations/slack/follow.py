"""What Slack is told after each event, and whom: a function an event, and every event has one.

Rules
- A page waits for the channel for a moment, to carry its link.
- What a message says is taken from the room when it is sent, so cards need no payload.
- In a storm's room nobody is told of each violation that joins: the card counts and lists them.
"""

from bot.domain import events as e
from bot.domain import storm
from bot.domain.access import roles_of
from bot.domain.effect import Change, Effect, Follower
from bot.domain.policy import Rung
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.integrations.slack import kinds as k
from bot.outbox.kinds import EffectKind

Effects = tuple[Effect, ...]


def opened(event: e.Opened, change: Change) -> Effects:
    """A channel, look-ups of whoever is not known yet, and pages to those on duty."""
    del event
    room = change.room
    groups = [
        (seat.role, group, backup)
        for seat in room.seats
        for group, backup in ((seat.unknown_group, "no"), (seat.unknown_backup_group, "yes"))
        if group
    ]
    resolutions = tuple(
        Effect(
            kind=k.RESOLVE_GROUP.name,
            lane=f"seat:{role}:{backup}",
            payload={"role": role, "group": group, "backup": backup},
        )
        for role, group, backup in groups
    )
    initiator = room.initiators[0] if room.initiators else None
    return (
        _in_channel(k.OPEN_CHANNEL),
        *_unknown_initiator(None, room.violation, initiator),
        *resolutions,
        *_new_pages(change),
    )


def channel_opened(event: e.ChannelOpened, change: Change) -> Effects:
    """People and a card in the channel, and its link in the pages that were sent without."""
    del event
    kinds = (k.INVITE, k.POST_CARD, k.SET_TOPIC)
    return (*map(_in_channel, kinds), *_page_updates(change.room))


def card_posted(event: e.CardPosted, change: Change) -> Effects:
    """The card is pinned."""
    del event, change
    return (_in_channel(k.PIN_CARD),)


def acknowledged(event: e.Acknowledged, change: Change) -> Effects:
    """It shows on the card, and on the page of whoever acknowledged."""
    del event
    user, room = change.actor, change.room
    own = (_page_update(user),) if user in room.pages and user not in room.digested else ()
    return (_in_channel(k.UPDATE_CARD), *own)


def joined(event: e.Joined, change: Change) -> Effects:
    """As for the first violation; it is news too, but not in a storm's room."""
    room = change.room
    return (
        *_unknown_initiator(change.before, event.violation, event.initiator),
        *for_newcomers(change),
        *(_page_updates(room) if room.is_storm else _parts_changed(change)),
        *((_in_channel(k.UPDATE_CARD),) if room.is_storm else _news(change)),
    )


def people_changed(event: e.Identified | e.Reassigned, change: Change) -> Effects:
    """Whoever is new is called in; pages and card show who has which part."""
    del event
    return (*for_newcomers(change), *_parts_changed(change), _in_channel(k.UPDATE_CARD))


def unreachable(event: e.Unreachable, change: Change) -> Effects:
    """The same, and the room hears that somebody could not be reached."""
    del event
    return (*for_newcomers(change), *_parts_changed(change), *_news(change))


def handed_off(event: e.HandedOff, change: Change) -> Effects:
    """Whoever has a page already is told, another is paged."""
    told = (_tell(event.to, change),) if event.to in change.room.pages else ()
    return (*told, *for_newcomers(change), *_parts_changed(change), *_news(change))


def split(event: e.Split, change: Change) -> Effects:
    """It is news, and look-ups that left with a violation are made for those that stay."""
    return (*ask_for_the_rest(event, change), *_page_updates(change.room), *_news(change))


def info_requested(event: e.InfoRequested, change: Change) -> Effects:
    """The initiators are told."""
    del event
    return (*_news(change), *_tell_initiators(change))


def explained(event: e.Explained, change: Change) -> Effects:
    """It is news."""
    del event
    return _news(change)


def extended(event: e.Extended, change: Change) -> Effects:
    """It is news, and the new deadline shows everywhere."""
    del event
    return (*_news(change), _in_channel(k.SET_TOPIC), *_page_updates(change.room))


def escalated(event: e.Escalated, change: Change) -> Effects:
    """The backup is paged, or those who have not answered are told; the last call is announced."""
    if event.rung is Rung.PAGE_BACKUP:
        pages = tuple(_page(user) for user in event.notify)
        newcomers = for_newcomers(change, paged=event.notify)
        return (*pages, *newcomers, _in_channel(k.UPDATE_CARD))
    tells = tuple(_tell(user, change) for user in event.notify)
    return (*tells, _announcement(change)) if event.rung is Rung.LAST_CALL else tells


def decided(event: e.Decided, change: Change) -> Effects:
    """The initiators are told, it is news, and no button is left anywhere."""
    del event
    told = (*_tell_initiators(change), *_news(change))
    return (*told, _in_channel(k.SET_TOPIC), *_page_updates(change.room))


def closed(event: e.Closed, change: Change) -> Effects:
    """The channel is archived."""
    del event, change
    return (_in_channel(k.ARCHIVE),)


def nothing_follows(event: e.Paged, change: Change) -> Effects:
    """Slack has just done it."""
    del event, change
    return ()


FOLLOW: Follower = {
    e.Opened: opened,
    e.Joined: joined,
    e.Identified: people_changed,
    e.Reassigned: people_changed,
    e.Acknowledged: acknowledged,
    e.InfoRequested: info_requested,
    e.Explained: explained,
    e.Extended: extended,
    e.HandedOff: handed_off,
    e.Split: split,
    e.Escalated: escalated,
    e.Decided: decided,
    e.Closed: closed,
    e.ChannelOpened: channel_opened,
    e.CardPosted: card_posted,
    e.Paged: nothing_follows,
    e.Unreachable: unreachable,
}


def for_newcomers(change: Change, paged: tuple[str, ...] = ()) -> Effects:
    """An invitation and pages for whoever is new; those in `paged` have a page already."""
    pages = tuple(page for page in _new_pages(change) if page.payload["user"] not in paged)
    known = set(change.before.invited) if change.before else set[str]()
    invite = (_in_channel(k.INVITE),) if set(change.room.invited) - known else ()
    return (*invite, *pages)


def ask_for_the_rest(event: e.Split, change: Change) -> Effects:
    """Look-ups of addresses that were asked for with a violation that left, for one that stays."""
    awaited = set(change.room.unidentified)
    moved = {
        (violation.email or "").lower()
        for violation in (change.before.violations if change.before else ())
        if violation.id in event.violations
    }
    waiting = {
        (violation.email or "").lower(): violation.id
        for violation in change.room.violations
        if violation.id in awaited
    }
    return tuple(_identify(waiting[email]) for email in sorted(moved & waiting.keys()))


def _unknown_initiator(
    before: WarRoom | None, violation: Violation, initiator: str | None
) -> Effects:
    email = violation.email
    if initiator or not email:
        return ()
    if before and (before.awaiting(email) or storm.is_unknown_address(before, email)):
        return ()  # Slack is being asked for this address already, or has answered
    return (_identify(violation.id),)


def _new_pages(change: Change) -> Effects:
    known = set(change.before.on_duty) if change.before else set[str]()
    room = change.room
    return tuple(
        _page(user) for user in room.on_duty if user not in known and user not in room.pages
    )


def _parts_changed(change: Change) -> Effects:
    """New pages' contents for those whose part, and with it their buttons, is another now."""
    before, room = change.before, change.room
    if before is None:
        return _page_updates(room)
    # Thousands may have a page in a storm: only those are compared whom the change could touch.
    touched = set(before.initiators) ^ set(room.initiators)
    if before.seats != room.seats:
        touched |= {user for seat in before.seats + room.seats for user in seat.holders}
    paged = [user for user in room.pages if user in touched and user not in room.digested]
    return tuple(_page_update(user) for user in paged if _part(before, user) != _part(room, user))


def _part(room: WarRoom, user: str) -> tuple[object, ...]:
    duty = tuple(seat.role for seat in room.seats if seat.on_duty == user)
    return (*roles_of(room, user), *duty)


def _page_updates(room: WarRoom) -> Effects:
    return tuple(_page_update(user) for user in room.pages if user not in room.digested)


def _news(change: Change) -> Effects:
    return (_announcement(change), _in_channel(k.UPDATE_CARD))


def _tell_initiators(change: Change) -> Effects:
    return tuple(_tell(user, change) for user in change.room.initiators)


def _identify(violation_id: str) -> Effect:
    lane, payload = f"identify:{violation_id}", {"violation": violation_id}
    return Effect(kind=k.IDENTIFY.name, lane=lane, payload=payload)


def _in_channel(kind: EffectKind) -> Effect:
    return Effect(kind=kind.name, lane="channel")


def _announcement(change: Change) -> Effect:
    return Effect(kind=k.ANNOUNCE.name, lane="channel", payload={"seq": str(change.seq)})


def _page(user: str) -> Effect:
    payload = {"user": user}
    return Effect(kind=k.PAGE.name, lane=f"dm:{user}", payload=payload, wait_for_channel=True)


def _page_update(user: str) -> Effect:
    return Effect(kind=k.UPDATE_PAGE.name, lane=f"dm:{user}", payload={"user": user})


def _tell(user: str, change: Change) -> Effect:
    payload = {"user": user, "seq": str(change.seq)}
    return Effect(kind=k.TELL.name, lane=f"dm:{user}", payload=payload)
