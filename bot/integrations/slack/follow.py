"""What Slack is told after each event, and whom: a function an event, and every event has one.

Rules
- A page waits for the channel for a moment, to carry its link.
- What a message says is taken from the room when it is sent, so cards need no payload.
- In a storm's room nobody is told of each violation that joins: the card counts and lists them.
- Slack is asked once whose an e-mail address or an id is, for all violations that name it.
"""

from bot.domain import events as e
from bot.domain.access import roles_of
from bot.domain.effect import Change, Effect, Follower
from bot.domain.policy import Rung
from bot.domain.war_room import WarRoom
from bot.integrations.slack import kinds as k
from bot.outbox.kinds import EffectKind

Effects = tuple[Effect, ...]


def opened(event: e.Opened, change: Change[WarRoom]) -> Effects:
    """A channel, look-ups of whoever is not known yet, and pages to those on duty."""
    del event
    room = change.after
    resolutions = tuple(
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
    return (
        _in_channel(k.OPEN_CHANNEL),
        *map(_identify, room.awaited),
        *resolutions,
        *_new_pages(change),
    )


def channel_opened(event: e.ChannelOpened, change: Change[WarRoom]) -> Effects:
    """People and a card in the channel, and its link in the pages that were sent without."""
    del event
    kinds = (k.INVITE, k.POST_CARD, k.SET_TOPIC)
    return (*map(_in_channel, kinds), *_page_updates(change.after))


def card_posted(event: e.CardPosted, change: Change[WarRoom]) -> Effects:
    """The card is pinned."""
    del event, change
    return (_in_channel(k.PIN_CARD),)


def acknowledged(event: e.Acknowledged, change: Change[WarRoom]) -> Effects:
    """The acknowledgement shows on the card, and on the page of whoever gave it."""
    del event
    name, room = change.actor, change.after
    own = (_page_update(room, name),) if name in room.pages and name not in room.digested else ()
    return (_in_channel(k.UPDATE_CARD), *own)


def joined(event: e.Joined, change: Change[WarRoom]) -> Effects:
    """Whom the violation concerns is looked up and called in; it is news, but not in a storm."""
    room = change.after
    del event
    asked = change.before.awaited if change.before else ()
    undone = change.before is not None and change.before.successes != room.successes
    return (
        *(_identify(account) for account in room.awaited if account not in asked),
        *for_newcomers(change),
        *(_page_updates(room) if room.is_storm or undone else _parts_changed(change)),
        *((_in_channel(k.UPDATE_CARD),) if room.is_storm else _news(change)),
    )


def identified(event: e.Identified, change: Change[WarRoom]) -> Effects:
    """Whoever is new is called in; pages and card show who has which part, and what it takes.

    What somebody here said of an initiator is news.
    """
    before, room = change.before, change.after
    in_doubt = bool(before and before.unknown_makers) or bool(room.unknown_makers)
    pages = _page_updates(room) if in_doubt else _parts_changed(change)
    card = _news(change) if event.role else (_in_channel(k.UPDATE_CARD),)
    return (*for_newcomers(change), *pages, *card)


def reassigned(event: e.Reassigned, change: Change[WarRoom]) -> Effects:
    """Whoever is new is called in; pages and card show who has which part."""
    del event
    return (*for_newcomers(change), *_parts_changed(change), _in_channel(k.UPDATE_CARD))


def proposed(event: e.Proposed, change: Change[WarRoom]) -> Effects:
    """What somebody would allow is news, and told to those who are on duty besides."""
    room = change.after
    deciders = {each.on_duty for each in room.assignments if each.on_duty}
    told = (_tell(name, change) for name in room.on_duty if name in deciders - {event.proposal.by})
    return (*told, *_news(change), *_page_updates(room))


def unreachable(event: e.Unreachable, change: Change[WarRoom]) -> Effects:
    """Whoever takes over is called in, and the room hears that somebody can't be reached."""
    del event
    return (*for_newcomers(change), *_parts_changed(change), *_news(change))


def handed_off(event: e.HandedOff, change: Change[WarRoom]) -> Effects:
    """Whoever has a page already is told, another is paged."""
    told = (_tell(event.to, change),) if event.to in change.after.pages else ()
    return (*told, *for_newcomers(change), *_parts_changed(change), *_news(change))


def split(event: e.Split, change: Change[WarRoom]) -> Effects:
    """The split is news, and every page shows what is left."""
    del event
    return (*_page_updates(change.after), *_news(change))


def info_requested(event: e.InfoRequested, change: Change[WarRoom]) -> Effects:
    """The initiators are told what they are asked, and it is news."""
    del event
    return (*_news(change), *_tell_initiators(change))


def explained(event: e.Explained, change: Change[WarRoom]) -> Effects:
    """The explanation is news."""
    del event
    return _news(change)


def extended(event: e.Extended, change: Change[WarRoom]) -> Effects:
    """The extension is news, and the new deadline shows everywhere."""
    del event
    return (*_news(change), _in_channel(k.SET_TOPIC), *_page_updates(change.after))


def escalated(event: e.Escalated, change: Change[WarRoom]) -> Effects:
    """The backup is paged, or those who have not answered are told; the last call is announced."""
    if event.rung is Rung.PAGE_BACKUP:
        pages = tuple(_page(change.after, name) for name in event.notify)
        newcomers = for_newcomers(change, paged=event.notify)
        return (*pages, *newcomers, _in_channel(k.UPDATE_CARD))
    tells = tuple(_tell(name, change) for name in event.notify)
    return (*tells, _announcement(change)) if event.rung is Rung.LAST_CALL else tells


def decided(event: e.Decided, change: Change[WarRoom]) -> Effects:
    """The initiators are told, the decision is news, and no button is left anywhere."""
    del event
    told = (*_tell_initiators(change), *_news(change))
    return (*told, _in_channel(k.SET_TOPIC), *_page_updates(change.after))


def closed(event: e.Closed, change: Change[WarRoom]) -> Effects:
    """The channel is archived."""
    del event, change
    return (_in_channel(k.ARCHIVE),)


def paged(event: e.Paged, change: Change[WarRoom]) -> Effects:
    """A page that was under way while the room was decided asks for nothing any more."""
    return (_page_update(change.after, event.name),) if change.after.decision else ()


def check_succeeded(event: e.CheckSucceeded, change: Change[WarRoom]) -> Effects:
    """The success shows everywhere, and the initiators are told; among a storm's it is no news."""
    del event
    room = change.after
    told = (*_tell_initiators(change), _announcement(change)) if room.fixed else ()
    return (*told, _in_channel(k.UPDATE_CARD), *_page_updates(room))


FOLLOW: Follower = {
    e.Opened: opened,
    e.Joined: joined,
    e.Identified: identified,
    e.Reassigned: reassigned,
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
    e.Paged: paged,
    e.Unreachable: unreachable,
    e.Proposed: proposed,
    e.CheckSucceeded: check_succeeded,
}


def for_newcomers(change: Change[WarRoom], paged: tuple[str, ...] = ()) -> Effects:
    """An invitation and pages for whoever is new; those in `paged` have a page already."""
    pages = tuple(page for page in _new_pages(change) if page.payload["user"] not in paged)
    known = set(change.before.invited) if change.before else set[str]()
    invite = (_in_channel(k.INVITE),) if set(change.after.invited) - known else ()
    return (*invite, *pages)


def _new_pages(change: Change[WarRoom]) -> Effects:
    known = set(change.before.on_duty) if change.before else set[str]()
    room = change.after
    return tuple(
        _page(room, name) for name in room.on_duty if name not in known and name not in room.pages
    )


def _parts_changed(change: Change[WarRoom]) -> Effects:
    """New pages' contents for those whose part, and with it their buttons, is another now."""
    before, room = change.before, change.after
    if before is None:
        return _page_updates(room)
    # Thousands may have a page in a storm: only those are compared whom the change could touch.
    touched = set(before.initiators) ^ set(room.initiators)
    if before.assignments != room.assignments:
        touched |= {name for each in before.assignments + room.assignments for name in each.holders}
    paged = [name for name in room.pages if name in touched and name not in room.digested]
    return tuple(
        _page_update(room, name) for name in paged if _part(before, name) != _part(room, name)
    )


def _part(room: WarRoom, name: str) -> tuple[object, ...]:
    duty = tuple(each.role for each in room.assignments if each.on_duty == name)
    return (*roles_of(room, name), *duty)


def _page_updates(room: WarRoom) -> Effects:
    return tuple(_page_update(room, name) for name in room.pages if name not in room.digested)


def _news(change: Change[WarRoom]) -> Effects:
    return (_announcement(change), _in_channel(k.UPDATE_CARD))


def _tell_initiators(change: Change[WarRoom]) -> Effects:
    return tuple(_tell(name, change) for name in change.after.initiators)


def _identify(account: str) -> Effect:
    payload = {"account": account}
    return Effect(kind=k.IDENTIFY.name, lane=f"identify:{account}", payload=payload)


def _in_channel(kind: EffectKind) -> Effect:
    return Effect(kind=kind.name, lane="channel")


def _announcement(change: Change[WarRoom]) -> Effect:
    return Effect(kind=k.ANNOUNCE.name, lane="channel", payload={"seq": str(change.seq)})


def _page(room: WarRoom, name: str) -> Effect:
    lane, payload = _conversation(room, name), {"user": name}
    return Effect(kind=k.PAGE.name, lane=lane, payload=payload, wait_for_channel=True)


def _page_update(room: WarRoom, name: str) -> Effect:
    lane = _conversation(room, name)
    return Effect(kind=k.UPDATE_PAGE.name, lane=lane, payload={"user": name})


def _tell(name: str, change: Change[WarRoom]) -> Effect:
    lane, payload = _conversation(change.after, name), {"user": name, "seq": str(change.seq)}
    return Effect(kind=k.TELL.name, lane=lane, payload=payload)


def _conversation(room: WarRoom, name: str) -> str:
    """The lane of direct messages to somebody, the same in all rooms whatever they call them."""
    return f"dm:{room.person(name).slack or name}"
