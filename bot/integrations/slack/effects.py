"""The effects that follow from events in Slack: each named for what it does, for whom.

Rules
- A lane is the room's channel, a person, or a message that is kept true: what one waits for, the
  others don't.
- Somebody's direct messages have one lane in all rooms, whatever these call them.
"""

from bot.domain import delivered as d
from bot.domain import standing
from bot.domain.effect import Change, Effect
from bot.domain.messages import Standing
from bot.domain.standing import part
from bot.domain.war_room import State, WarRoom
from bot.integrations.slack import kinds as k
from bot.integrations.slack.accounts import user_of
from bot.outbox.kinds import EffectKind

Effects = tuple[Effect, ...]


def for_newcomers(change: Change[WarRoom], paged: tuple[str, ...] = ()) -> Effects:
    """An invitation and pages for whoever is new; those in `paged` have a page already.

    The question that waits for an answer is on them: whoever had a page before is told of it.
    """
    pages = tuple(page for page in new_pages(change) if page.payload["user"] not in paged)
    known = set(change.before.invited) if change.before else set[str]()
    invite = (in_channel(k.INVITE),) if set(change.after.invited) - known else ()
    return (*invite, *pages, *_open_question(change))


def new_pages(change: Change[WarRoom]) -> Effects:
    """Pages for those on duty who were not, and have none."""
    known = set(change.before.on_duty) if change.before else set[str]()
    room = change.after
    return tuple(
        page(room, name) for name in room.on_duty if name not in known and name not in room.pages
    )


def _open_question(change: Change[WarRoom]) -> Effects:
    """What was asked before they were among the initiators, to those who have a page already."""
    before, room = change.before, change.after
    if before is None or room.question_seq is None or room.answer is not None:
        return ()
    new = [name for name in room.initiators if name not in before.initiators and name in room.pages]
    return tuple(tell(name, change, room.question_seq) for name in new)


def parts_changed(change: Change[WarRoom]) -> Effects:
    """New contents for the pages, which show who has which part, and how much is decided on.

    In a storm only for those whose part, and with it their buttons, is another now: thousands may
    have a page, and each shows the first few initiators.
    """
    before, room = change.before, change.after
    if before is None or before.assignments != room.assignments:
        return page_updates(room)
    if (before.initiators, before.count) == (room.initiators, room.count):
        return ()
    if not room.is_storm:
        return page_updates(room)
    touched = set(before.initiators) ^ set(room.initiators)
    paged = [name for name in room.pages if name in touched]
    changed = [name for name in paged if part(before, name) != part(room, name)]
    return page_updates(room, *changed) if changed else ()


def page_updates(room: WarRoom, *names: str) -> Effects:
    """The pages of these, or of all; and the digests in which the room is listed to them."""
    updates = (_page_update(room, name) for name in names or room.pages)
    return tuple(update for update in updates if update)


def standing_updates(change: Change[WarRoom]) -> Effects:
    """The messages whose words depend on what changed, brought up to date."""
    before, room = change.before, change.after
    changed = standing.outdated(before, room) if before else ()
    return tuple(update(room, message) for message in changed)


def news(change: Change[WarRoom]) -> Effects:
    """The event is told in the channel, and the card shows what it changed."""
    return (announcement(change), in_channel(k.UPDATE_CARD))


def no_channel(event: d.Dropped, change: Change[WarRoom]) -> Effects:
    """Where the channel was dropped, whoever has a page is told that none follows.

    The pages say so too.
    """
    room = change.after
    if event.effect != k.OPEN_CHANNEL.name or room.decision:
        return ()
    told = (tell(name, change) for name in room.pages if name not in room.unreachable)
    return (*told, *page_updates(room))


def tell_initiators(change: Change[WarRoom]) -> Effects:
    """A direct message about the event to each initiator."""
    return tuple(tell(name, change) for name in change.after.initiators)


def group_look_ups(room: WarRoom) -> Effects:
    """For each user group that holds a role, that Slack is asked who is in it."""
    return tuple(
        Effect(
            kind=k.RESOLVE_GROUP.name,
            lane=f"group:{assignment.role}:{backup}",
            payload={"role": assignment.role, "group": group, "backup": backup},
        )
        for assignment in room.assignments
        for group, backup in (
            (assignment.unknown_group, "no"),
            (assignment.unknown_backup_group, "yes"),
        )
        if group
    )


def identify(account: str) -> Effect:
    """Slack is asked whose an account is."""
    payload = {"account": account}
    return Effect(kind=k.IDENTIFY.name, lane=f"identify:{account}", payload=payload)


def in_channel(kind: EffectKind) -> Effect:
    """Something of this kind in the room's channel."""
    return Effect(kind=kind.name, lane="channel")


def card_while_there(room: WarRoom) -> Effects:
    """The card shows what has changed, unless its channel is archived."""
    return () if room.state is State.CLOSED else (in_channel(k.UPDATE_CARD),)


def announcement(change: Change[WarRoom]) -> Effect:
    """The event is told in the channel."""
    return Effect(kind=k.ANNOUNCE.name, lane="channel", payload={"seq": str(change.seq)})


def page(room: WarRoom, name: str) -> Effect:
    """A page, which may wait for the channel for a moment."""
    lane, payload = _conversation(room, name), {"user": name}
    return Effect(kind=k.PAGE.name, lane=lane, payload=payload, wait_for_channel=True)


def _page_update(room: WarRoom, name: str) -> Effect | None:
    """None where there is no page, or a digest that only counts the room."""
    if name in room.digested:
        return _digest_update(room, name) if name in room.listings else None
    if name not in room.pages:
        return None
    lane = _conversation(room, name)
    return Effect(kind=k.UPDATE_PAGE.name, lane=lane, payload={"user": name})


def _digest_update(room: WarRoom, name: str) -> Effect:
    """One for all the rooms of the digest that change together: it has a lane for itself."""
    listing, page = room.listings[name], room.pages[name]
    payload = {
        "user": user_of(room, name),
        "channel": page.channel,
        "ts": page.ts,
        "listing": listing.model_dump_json(),
    }
    lane = f"digest:{page.channel}:{page.ts}"
    return Effect(kind=k.UPDATE_DIGEST.name, lane=lane, payload=payload, shared=True)


def update(room: WarRoom, message: Standing) -> Effect:
    """A message that asks for something is brought up to date, in a lane for itself."""
    place = {"channel": message.message.channel, "ts": message.message.ts}
    payload = {"seq": str(message.about), **place}
    lane = f"told:{message.about}:channel"
    if message.name:
        payload["user"] = message.name
        lane = f"told:{message.about}:{user_of(room, message.name)}"
    return Effect(kind=k.UPDATE_TOLD.name, lane=lane, payload=payload)


def tell_result(room: WarRoom, name: str) -> Effect:
    """How it ended, to somebody in the thread of their page."""
    lane = _conversation(room, name)
    return Effect(kind=k.TELL_RESULT.name, lane=lane, payload={"user": name})


def tell(name: str, change: Change[WarRoom], seq: int | None = None) -> Effect:
    """A direct message about the event, or about the earlier one with the number `seq`."""
    lane, payload = _conversation(change.after, name), {"user": name, "seq": str(seq or change.seq)}
    return Effect(kind=k.TELL.name, lane=lane, payload=payload)


def call(name: str, change: Change[WarRoom]) -> Effect:
    """A direct message about the event to whoever has a page, or is about to; else a page."""
    room = change.after
    is_paged = name in room.on_duty or name in room.pages
    return tell(name, change) if is_paged else page(room, name)


def _conversation(room: WarRoom, name: str) -> str:
    """The lane of direct messages to somebody, the same in all rooms whatever they call them."""
    return f"dm:{user_of(room, name)}"
