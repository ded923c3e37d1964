"""News: what happened in a room, for its channel and for single people, and the channel's topic.

Rules
- News tells what is true when it is sent: a reminder of what is decided meanwhile is the result.
- What tells what happened stays true, since Slack dates it: it is in the past tense, and says
  nothing of what may change. What asks for something is kept true (see `settled`).
- Whom an event concerns hears it by direct message, so that the channel's news calls them by name.
- It says who did what; outside words stand under it, in full.
- A step of the ladder that only a newer version knows is told by its word.
- It has no buttons: news stays as it was sent, and a button would outlive the decision. It says
  where they are, on the card and the page, which are kept up to date. Only a question has one, to
  answer it, for as long as it is open.
"""

from datetime import datetime

from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import proposals, standing
from bot.domain.aggregate import Recorded
from bot.domain.makers import names_of
from bot.domain.person import SYSTEM
from bot.domain.policy import Policy, Role, Rung
from bot.domain.war_room import Proposal, WarRoom
from bot.integrations.slack.show import (
    buttons,
    cards,
    decision,
    excepted,
    explained,
    held_back,
    links,
    participants,
    success,
)
from bot.integrations.slack.show.blocks import context, fitting, quoted, section
from bot.integrations.slack.show.markup import mrkdwn
from bot.integrations.slack.show.participants import called, several
from bot.integrations.slack.show.text import (
    FALLBACK_TEXT,
    Block,
    Rendered,
    clip,
    date,
    long,
    outside,
    utc,
)
from bot.integrations.slack.show.violation import headline, named, title
from bot.integrations.slack.verbs.explain import EXPLAIN

TOPIC = 250
_LINKS = 2000
_TITLE = 300

_TOLD = e.InfoRequested | e.Escalated | e.HandedOff | e.Decided | e.Proposed | e.Assigned


class NotNewsError(Exception):
    """An event that is told to nobody."""


def announcement(  # noqa: C901, PLR0911, PLR0912 - a table: one case an event
    recorded: Recorded[e.Event], room: WarRoom, policy: Policy
) -> Rendered:
    """What the channel is told of an event. NotNewsError where that is nothing."""
    actor, event = recorded.actor, recorded.event
    match event:
        case e.Joined():
            return _joined(event, room)
        case d.Unreachable():
            return _unreachable(event, room)
        case e.HandedOff():
            new = f"the {event.role} on duty became {called(room, event.to)}"
            return _said(f"{_who(room, actor, event.role)} handed off: {new}.")
        case e.Assigned():
            head = f"An operator made {called(room, event.to)} {event.role} on duty:"
            return _said(head, *quoted(head, event.why))
        case e.Split():
            what = "a violation" if len(event.violations) == 1 else "violations with one key"
            left = "one decision settles those that are left"
            head = f"{_who(room, actor, event.role)} settles {what} apart, in war room `{event.to}`"
            return _said(f"{head}; {left}.")
        case e.InfoRequested():
            asked = several(room, room.initiators) or "the initiator"
            head = f"{_who(room, actor, event.role)} asks {asked}:"
            return _said(head, *quoted(head, event.question), *_answer(recorded, room))
        case e.Explained():
            answers = f"answers {called(room, event.asked_by)}" if event.asked_by else "explains"
            head = f"{_who(room, actor, event.role)} {answers}:"
            return _said(head, *quoted(head, event.text))
        case e.Extended():
            head = f"{_who(room, actor, event.role)} extended the window by {long(event.by)}"
            head = f"{head}, to {date(event.expires_at)}."
            return _said(head, *quoted(head, event.reason))
        case e.Proposed():
            return _said(*held_back.proposed(room, _newest(event, room)))
        case e.Identified() if event.role or event.instead_of:
            return _said(_identified(event, room, actor))
        case e.CheckSucceeded():
            return _succeeded(event, room)
        case e.Escalated(rung=Rung.REMIND | Rung.PAGE_BACKUP):
            raise NotNewsError(event.kind)
        case e.Escalated() if not room.decision:
            step = "Last call" if event.rung is Rung.LAST_CALL else event.rung
            head = f"{step}, {several(room, event.notify)}." if event.notify else f"{step}."
            return _said(f"{head} {cards.clock(room, policy)}")
        case e.Escalated() | e.Decided():
            return result(room, policy)
        case e.ExceptionEnded() | e.ExceptionRenewed():
            return excepted.in_the_channel(event, room)
    raise NotNewsError(event.kind)


def heard(  # noqa: PLR0911 - a table: one case an event
    event: e.Event, room: WarRoom
) -> tuple[str, ...]:
    """Who hears of an event by a direct message, or knows of it, and is not to be called again."""
    match event:
        case e.InfoRequested() | e.CheckSucceeded():
            return room.initiators
        case e.Escalated():
            return (*event.notify, *room.pages)
        case e.ExceptionEnded(revoked_by=by) | e.ExceptionRenewed(by=by):
            return (*event.notify, *room.pages, *([by] if by else []))
        case e.HandedOff() | e.Assigned():
            return (event.to,)
        case e.Proposed():
            return (event.proposal.by, *room.on_duty, *event.notify)
        case e.Joined():
            return names_of(event.makers, room.owners)
        case d.Unreachable():
            return (event.name, *(each.on_duty for each in event.assignments if each.on_duty))
        case e.Decided():
            return (*room.pages, *room.initiators)
    return ()


def told(  # noqa: C901, PLR0911, PLR0912 - a table: one case an event
    recorded: Recorded[e.Event], room: WarRoom, policy: Policy, name: str
) -> Rendered:
    """What somebody is told of an event by direct message. NotNewsError where that is nothing."""
    actor, event = recorded.actor, recorded.event
    if isinstance(event, e.CheckSucceeded):
        return _offered(event, room, name)
    if isinstance(event, d.Dropped):
        return _without_channel(event, room, name)
    if isinstance(event, e.ExceptionEnding | e.ExceptionEnded | e.ExceptionRenewed):
        message = excepted.to_somebody(event, room)
        return Rendered(message.text, [*message.blocks, where(room)])
    if isinstance(event, e.Explained):
        head = f"{_who(room, actor, event.role)} answers your question about {named(room)}:"
        return _said(head, *quoted(head, event.text), where(room))
    if not isinstance(event, _TOLD):
        raise NotNewsError(event.kind)
    if room.decision:
        return result(room, policy)
    match event:
        case e.InfoRequested():
            head = f"{_who(room, actor, event.role)} asks you about {named(room)}:"
            return _said(head, *quoted(head, event.question), *_answer(recorded, room), where(room))
        case e.Proposed():
            head, *blocks = held_back.proposed(room, _newest(event, room))
            return _said(head, *blocks, section(named(room)), *_buttons(room, name), where(room))
        case e.HandedOff():
            who = _who(room, actor, event.role)
            head = f"{who} handed off to you: you are {event.role} on duty now."
        case e.Assigned():
            head = f"An operator made you {event.role}: you are on duty now."
        case e.Escalated(rung=Rung.REMIND):
            head = f"A reminder: you are needed as {participants.part_of(room, name)}."
        case e.Escalated(rung=rung) if not rung.is_known:
            head = f"{rung}: you are needed as {participants.part_of(room, name)}."
        case _:
            head = f"Last call: you can still decide as {participants.part_of(room, name)}."
    return _said(
        cards.notification(room, policy, head),
        section(cards.urgency(room, policy)),
        section(f"{head}\n{named(room)}"),
        *_buttons(room, name),
        where(room),
    )


def dated(message: Rendered, at: datetime) -> Rendered:
    """News that comes late, with the time at which it happened."""
    told = f"That was {date(at)}; this message could not be delivered until now."
    return Rendered(message.text, [*message.blocks, context(told)])


def missed(room: WarRoom, policy: Policy) -> Rendered:
    """What somebody is told whose page Slack did not take before the window had ended."""
    told = "You were needed here, and no message could be delivered to you in time to decide."
    decided = result(room, policy)
    return Rendered(decided.text, [context(told), *decided.blocks])


def topic(room: WarRoom, policy: Policy) -> str:
    """The channel's topic: plain words, since nothing is formatted there."""
    if room.decision:
        line = decision.in_a_line(room.decision, room)
        return mrkdwn(clip(f"{room.policy_id}: {line}", TOPIC))
    deadline = f"decide by {utc(room.expires_at)}, default {policy.on_expiry}"
    return mrkdwn(clip(f"{room.policy_id}: {deadline}", TOPIC))


def _newest(event: e.Proposed, room: WarRoom) -> Proposal:
    """What somebody would allow by now who has proposed something then."""
    return proposals.by(room, event.proposal.by) or event.proposal


def _joined(event: e.Joined, room: WarRoom) -> Rendered:
    who = several(room, names_of(event.makers, room.owners))
    who = who or outside(event.violation.report.initiator.label, 100)
    head = f"Another violation joined: {title(event.violation)}, by {who}."
    told = "One decision settles all of them."
    where = links.links(event.violation, _LINKS)
    return _said(f"{head} {told}", section(f"{head}\n{told}"), *([section(where)] if where else []))


def _identified(event: e.Identified, room: WarRoom, actor: str) -> str:
    """Who made the change as somebody says, or as it is known against what was said before."""
    said = f"{_who(room, actor, event.role)} says" if event.role else "It is known by now"
    account = outside(participants.account_label(event.account), 100)
    who = f"{account} is {several(room, event.names)}"
    if event.instead_of:
        who = f"{who}, not {several(room, event.instead_of)} as was said before"
    return f"{said} who made this change: {who}."


def _succeeded(event: e.CheckSucceeded, room: WarRoom) -> Rendered:
    head = f"{success.line(event.success, room)}."
    if room.decision or room.fixed != event.success:
        return _said(head)
    offer = f"{success.WHILE}, *{success.OFFER}* is on the card, for whoever made the change."
    return _said(head, section(head), context(offer))


def _offered(event: e.CheckSucceeded, room: WarRoom, name: str) -> Rendered:
    """What an initiator is told, as long as there is something in it for them."""
    if room.decision or room.fixed != event.success:
        raise NotNewsError(event.kind)
    offer = f"{success.WHILE}, you can withdraw the change by *{success.OFFER}*."
    head = f"{success.line(event.success, room)}. {offer}"
    return _said(head, section(f"{named(room)}\n{head}"), *_buttons(room, name), where(room))


def _unreachable(event: d.Unreachable, room: WarRoom) -> Rendered:
    head = f"{participants.MISSING} {called(room, event.name)} can't be reached in Slack"
    head = f"{head} ({participants.reason(event.error)})."
    on_duty = [
        f"{each.role} {called(room, each.on_duty) if each.on_duty else 'nobody'}"
        for each in event.assignments
    ]
    return _said(f"{head} On duty after that: {', '.join(on_duty)}.")


def _without_channel(event: d.Dropped, room: WarRoom, name: str) -> Rendered:
    """What somebody is told who reads on their page that the channel follows."""
    head = f"{named(room)}\n{cards.NO_CHANNEL}"
    return _said(head, *quoted(head, event.why), *_buttons(room, name), where(room))


def result(room: WarRoom, policy: Policy) -> Rendered:
    """How a room ended. NotNewsError where it has not."""
    if room.decision is None:
        raise NotNewsError("the room is not decided")
    line = decision.in_a_line(room.decision, room)
    text = f"{headline(room, _TITLE)}: {line}"
    mark = decision.mark(room.decision, room)
    head = section(f"{mark} {named(room)}")
    told = fitting(lambda detail: [head, *decision.result(room, policy, detail.quote)])
    return _said(text, *told)


def _buttons(room: WarRoom, name: str) -> list[Block]:
    """Where somebody finds them: on their page, which came before this, and on the card."""
    channel = links.channel(room)
    paged = name in room.pages and name not in room.digested
    places = ["on the page above" if paged else "", f"in {channel}" if channel else ""]
    named = " and ".join(filter(None, places))
    return [section(f"The buttons are {named}.")] if named else []


def where(room: WarRoom) -> Block:
    """Which room it is, with a link to its channel."""
    channel = links.channel(room)
    return context(f"War room `{room.id}`{f' in {channel}' if channel else ''}")


def _answer(recorded: Recorded[e.Event], room: WarRoom) -> list[Block]:
    """The button to answer this question while it is open, and where it has reached nobody."""
    if standing.is_over(recorded, room, None):
        return []
    nobody = explained.nobody_to_ask(room)
    return [*([context(nobody)] if nobody else []), *buttons.only(room, EXPLAIN)]


def _who(room: WarRoom, actor: str, role: Role) -> str:
    return "The war room" if actor == SYSTEM else f"{called(room, actor)} ({role})"


def _said(text: str, *blocks: Block) -> Rendered:
    return Rendered(clip(text, FALLBACK_TEXT), list(blocks) or [section(text)])
