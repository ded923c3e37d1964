"""What Slack is told after each event, and whom: a function an event, and every event has one.

Rules
- A page waits for the channel for a moment, to carry its link.
- What a message says is taken from the room when it is sent, so cards need no payload.
- In a storm's room nobody is told of each violation that joins: the card counts and lists them.
- Slack is asked once whose an e-mail address or an id is, for all violations that name it.
- The card is posted before anybody is let into the channel: whom it mentions has a page, and a
  mention in what was there before they came calls nobody a second time.
- After each event, whatever it is, the messages are brought up to date whose words depend on what
  it changed.
- In a closed room's channel nothing is changed any more: it is archived.
"""

from collections.abc import Callable
from typing import Any

from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain.aggregate import Happened
from bot.domain.effect import Change, Effect, Follower
from bot.domain.messages import Standing
from bot.domain.policy import Rung
from bot.domain.war_room import State, WarRoom
from bot.integrations.slack import kinds as k
from bot.integrations.slack.effects import (
    Effects,
    announcement,
    call,
    card_while_there,
    for_newcomers,
    group_look_ups,
    identify,
    in_channel,
    new_pages,
    news,
    no_channel,
    page,
    page_updates,
    parts_changed,
    standing_updates,
    tell,
    tell_initiators,
    tell_result,
    update,
)

Follow = Callable[[Any, Change[WarRoom]], Effects]


def opened(event: e.Opened, change: Change[WarRoom]) -> Effects:
    """A channel, look-ups of whoever is not known yet, and pages to those on duty."""
    del event
    room = change.after
    look_ups = (*map(identify, room.awaited), *group_look_ups(room))
    return (in_channel(k.OPEN_CHANNEL), *look_ups, *new_pages(change))


def channel_opened(event: d.ChannelOpened, change: Change[WarRoom]) -> Effects:
    """People and a card in the channel, and its link in the pages that were sent without."""
    del event
    return (*map(in_channel, (k.POST_CARD, k.INVITE, k.SET_TOPIC)), *page_updates(change.after))


def card_posted(event: d.CardPosted, change: Change[WarRoom]) -> Effects:
    """The card is pinned."""
    del event, change
    return (in_channel(k.PIN_CARD),)


def acknowledged(event: e.Acknowledged, change: Change[WarRoom]) -> Effects:
    """The acknowledgement shows on the card, and on the page of whoever gave it."""
    del event
    name, room = change.actor, change.after
    own = page_updates(room, name) if name not in room.digested else ()
    return (in_channel(k.UPDATE_CARD), *own)


def joined(event: e.Joined, change: Change[WarRoom]) -> Effects:
    """Whom it concerns is called in; it is news, but not in a storm, nor of a check once more."""
    before, room = change.before, change.after
    asked = before.awaited if before else ()
    undone = before is not None and before.successes != room.successes
    whole = room.is_storm or undone or event.terms
    return (
        *(identify(account) for account in room.awaited if account not in asked),
        *(group_look_ups(room) if event.terms else ()),
        *for_newcomers(change),
        *(page_updates(room) if whole else parts_changed(change)),
        *((in_channel(k.UPDATE_CARD),) if room.is_storm or undone else news(change)),
    )


def identified(event: e.Identified, change: Change[WarRoom]) -> Effects:
    """Whoever is new is called in; pages and card show who has which part, and what it takes.

    What somebody here said of an initiator is news, and so is what corrects it.
    """
    before, room = change.before, change.after
    in_doubt = any(each.unknown_makers or each.vouching for each in (before, room) if each)
    pages = page_updates(room) if in_doubt else parts_changed(change)
    card = news(change) if event.role or event.instead_of else (in_channel(k.UPDATE_CARD),)
    return (*for_newcomers(change), *pages, *card)


def proposed(event: e.Proposed, change: Change[WarRoom]) -> Effects:
    """What somebody would allow is news, and told to those who are called to be the second person.

    Whoever has proposed something before is told of in the messages that are there.
    """
    before, room = change.before, change.after
    again = before is not None and any(each.by == event.proposal.by for each in before.proposals)
    told = (call(name, change) for name in event.notify)
    card = (in_channel(k.UPDATE_CARD),) if again else news(change)
    return (*told, *for_newcomers(change), *card, *page_updates(room))


def reassigned(event: e.Reassigned, change: Change[WarRoom]) -> Effects:
    """Whoever is new is called in; pages and card show who has which part.

    Once the others of the role were paged, whoever joins them is. Nothing follows where Slack has
    said once more what the card says already. Once it is decided nobody is called in any more.
    """
    before, room = change.before, change.after
    known = before and before.assignment(event.role).group(backup=event.backup)
    if known and not event.joined and not event.left and known.error == event.error:
        return ()
    if room.decision:
        return (*parts_changed(change), *card_while_there(room))
    late = tuple(
        name
        for name in event.joined
        if room.backups_paged and name not in room.on_duty and name not in room.pages
    )
    return (
        *(page(room, name) for name in late),
        *for_newcomers(change, paged=late),
        *parts_changed(change),
        in_channel(k.UPDATE_CARD),
    )


def assigned(event: e.Assigned, change: Change[WarRoom]) -> Effects:
    """Whoever has a page already is told, another is paged, and the room hears of it."""
    told = (tell(event.to, change),) if event.to in change.after.pages else ()
    return (*told, *for_newcomers(change), *parts_changed(change), *news(change))


def team_recorded(event: d.TeamRecorded, change: Change[WarRoom]) -> Effects:
    """The card says where somebody comes from."""
    del event, change
    return (in_channel(k.UPDATE_CARD),)


def unreachable(event: d.Unreachable, change: Change[WarRoom]) -> Effects:
    """Whoever takes over is called in, and the room hears of it; once decided, the card does."""
    del event
    room = change.after
    if room.decision:
        return card_while_there(room)
    return (*for_newcomers(change), *parts_changed(change), *news(change))


def handed_off(event: e.HandedOff, change: Change[WarRoom]) -> Effects:
    """Whoever has a page already is told, another is paged."""
    told = (tell(event.to, change),) if event.to in change.after.pages else ()
    return (*told, *for_newcomers(change), *parts_changed(change), *news(change))


def split(event: e.Split, change: Change[WarRoom]) -> Effects:
    """The split is news, and every page shows what is left."""
    del event
    return (*page_updates(change.after), *news(change))


def info_requested(event: e.InfoRequested, change: Change[WarRoom]) -> Effects:
    """The initiators are told what they are asked, it is news, and it stands on the pages."""
    del event
    return (*news(change), *tell_initiators(change), *page_updates(change.after))


def explained(event: e.Explained, change: Change[WarRoom]) -> Effects:
    """The explanation is news, and on every page; whoever asked is told the answer."""
    told = (tell(event.asked_by, change),) if event.asked_by else ()
    return (*news(change), *told, *page_updates(change.after))


def extended(event: e.Extended, change: Change[WarRoom]) -> Effects:
    """The extension is news, and the new deadline shows everywhere."""
    del event
    return (*news(change), in_channel(k.SET_TOPIC), *page_updates(change.after))


def escalated(event: e.Escalated, change: Change[WarRoom]) -> Effects:
    """The backup is paged, or those who have not answered are told; the last call is announced.

    Whether those on duty are still there is found out at each step.
    """
    check = Effect(kind=k.CHECK_ON_DUTY.name, lane="duty")
    if event.rung is Rung.PAGE_BACKUP:
        pages = tuple(page(change.after, name) for name in event.notify)
        newcomers = for_newcomers(change, paged=event.notify)
        return (check, *pages, *newcomers, in_channel(k.UPDATE_CARD))
    tells = tuple(tell(name, change) for name in event.notify)
    last_call = (announcement(change),) if event.rung is Rung.LAST_CALL else ()
    return (check, *tells, *last_call)


def decided(event: e.Decided, change: Change[WarRoom]) -> Effects:
    """It is news, no button is left anywhere, and each who was paged is told once.

    The initiators are told too, whether they were paged or not.
    """
    del event
    room = change.after
    names = dict.fromkeys((*room.initiators, *room.pages))
    told = (tell_result(room, name) for name in names if name not in room.unreachable)
    return (*told, *news(change), in_channel(k.SET_TOPIC), *page_updates(room))


def closed(event: e.Closed, change: Change[WarRoom]) -> Effects:
    """The channel is archived."""
    del event, change
    return (in_channel(k.ARCHIVE),)


def paged(event: d.Paged, change: Change[WarRoom]) -> Effects:
    """A page that was under way while the room was decided asks for nothing any more."""
    room = change.after
    if room.decision is None:
        return ()
    # The initiators' news of the decision is on its way already.
    told = () if event.name in room.initiators else (tell_result(room, event.name),)
    return (*page_updates(room, event.name), *told)


def check_succeeded(event: e.CheckSucceeded, change: Change[WarRoom]) -> Effects:
    """The success shows everywhere, and the initiators are told; among a storm's it is no news."""
    del event
    room = change.after
    told = (*tell_initiators(change), announcement(change)) if room.fixed else ()
    return (*told, in_channel(k.UPDATE_CARD), *page_updates(room))


def told(event: d.Told, change: Change[WarRoom]) -> Effects:
    """What was under way while it became untrue is brought up to date."""
    message = Standing(**{name: getattr(event, name) for name in Standing.model_fields})
    return (update(change.after, message),) if event.overtaken else ()


def exception_ending(event: e.ExceptionEnding, change: Change[WarRoom]) -> Effects:
    """Those whom it concerns are told."""
    return tuple(tell(name, change) for name in event.notify)


def excepted(event: e.ExceptionEnded | e.ExceptionRenewed, change: Change[WarRoom]) -> Effects:
    """Those whom it concerns are told; card, topic, pages and news say until when it holds."""
    room = change.after
    tells = tuple(tell(name, change) for name in event.notify)
    if room.state is State.CLOSED:
        return (*tells, *page_updates(room))
    return (*tells, *news(change), in_channel(k.SET_TOPIC), *page_updates(room))


def replied(event: e.Replied, change: Change[WarRoom]) -> Effects:
    """Whoever replied is asked whether that is their answer."""
    payload = {"user": event.name, "seq": str(change.seq)}
    return (Effect(kind=k.OFFER_ANSWER.name, lane="offers", payload=payload),)


def nothing(event: e.Event, change: Change[WarRoom]) -> Effects:
    """It is told to nobody."""
    del event, change
    return ()


_FOLLOW: dict[type[Happened], Follow] = {
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
    d.ChannelOpened: channel_opened,
    d.CardPosted: card_posted,
    d.Paged: paged,
    d.Unreachable: unreachable,
    e.Proposed: proposed,
    e.CheckSucceeded: check_succeeded,
    d.Told: told,
    e.ExceptionEnding: exception_ending,
    e.ExceptionEnded: excepted,
    d.Dropped: no_channel,
    e.Assigned: assigned,
    d.TeamRecorded: team_recorded,
    e.Replied: replied,
    e.ExceptionRenewed: excepted,
    **dict.fromkeys((d.Invited, d.ResultShown, d.ChannelLost, e.CarriedOver), nothing),
}


def _kept_true(follow: Follow) -> Follow:
    """What follows from an event, and what it makes untrue that was said before."""

    def whole(event: Happened, change: Change[WarRoom]) -> Effects:
        return (*follow(event, change), *standing_updates(change))

    return whole


FOLLOW: Follower = {event: _kept_true(follow) for event, follow in _FOLLOW.items()}
