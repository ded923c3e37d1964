"""News: what happened in a room, for its channel and for single people, and the channel's topic.

Rules
- News tells what is true when it is sent: a reminder of what is decided meanwhile is the result.
- It says who did what; outside words stand under it, in full.
- It has no buttons: news stays as it was sent, and a button would outlive the decision. It says
  where they are, on the card and the page, which are kept up to date.
"""

from datetime import datetime

from bot.domain import events as e
from bot.domain.policy import OnExpiry, Policy, Role, Rung
from bot.domain.war_room import SYSTEM, Assignment, WarRoom
from bot.integrations.slack.show import cards, decision, links, participants
from bot.integrations.slack.show.blocks import context, quoted, section
from bot.integrations.slack.show.text import (
    FALLBACK_TEXT,
    Block,
    Rendered,
    clip,
    date,
    long,
    mention,
    mentions,
    outside,
    utc,
)
from bot.integrations.slack.show.violation import name, named, title
from bot.integrations.slack.verbs.explain import EXPLAIN

TOPIC = 250
_LINKS = 2000
_TITLE = 300


class NotNewsError(Exception):
    """An event that is told to nobody."""


def announcement(  # noqa: PLR0911 - a table: one case an event
    recorded: e.Recorded, room: WarRoom, policy: Policy
) -> Rendered:
    """What the channel is told of an event. NotNewsError where that is nothing."""
    actor, event = recorded.actor, recorded.event
    match event:
        case e.Joined():
            return _joined(event, room)
        case e.Unreachable():
            return _unreachable(event)
        case e.HandedOff():
            new = f"{mention(event.to)} is {event.role} on duty now"
            return _said(f"{_who(actor, event.role)} handed off: {new}.")
        case e.Split():
            what = "a violation" if len(event.violations) == 1 else "violations with one key"
            left = f"one decision settles the {len(room.violations)} that are left"
            head = f"{_who(actor, event.role)} settles {what} apart, in war room `{event.to}`"
            return _said(f"{head}; {left}.")
        case e.InfoRequested():
            asked = mentions(room.initiators) or "the initiator"
            head = f"{_who(actor, event.role)} asks {asked}:"
            hint = context(f"To answer: *{EXPLAIN.label}* on the card.")
            answer = [hint] if EXPLAIN.on_card(room) else []
            return _said(head, *quoted(head, event.question), *answer)
        case e.Explained():
            head = f"{_who(actor, event.role)} explains:"
            return _said(head, *quoted(head, event.text))
        case e.Extended():
            head = f"{_who(actor, event.role)} extended the window by {long(event.by)}"
            head = f"{head}: decide by {date(event.expires_at)}."
            return _said(head, *quoted(head, event.reason))
        case e.Escalated(rung=Rung.LAST_CALL):
            return _last_call(event, room, policy)
        case e.Decided():
            return _decided(room, policy)
    raise NotNewsError(event.kind)


def told(recorded: e.Recorded, room: WarRoom, policy: Policy, user: str) -> Rendered:
    """What `user` is told of an event by direct message. NotNewsError where that is nothing."""
    actor, event = recorded.actor, recorded.event
    if not isinstance(event, e.InfoRequested | e.Escalated | e.HandedOff | e.Decided):
        raise NotNewsError(event.kind)
    if room.decision:
        return _decided(room, policy)
    match event:
        case e.InfoRequested():
            head = f"{_who(actor, event.role)} asks you about {named(room)}:"
            return _said(head, *quoted(head, event.question), *_buttons(room, user), _where(room))
        case e.HandedOff():
            head = f"{_who(actor, event.role)} handed off to you: you are {event.role} on duty now."
        case e.Escalated(rung=Rung.REMIND):
            head = f"A reminder: you are needed as {participants.part_of(room, user)}."
        case _:
            head = f"Last call: you can still decide as {participants.part_of(room, user)}."
    return _called(head, room, policy, user)


def dated(message: Rendered, at: datetime) -> Rendered:
    """News that comes late, with the time at which it happened."""
    told = f"That was at {date(at)}; this message could not be delivered until now."
    return Rendered(message.text, [*message.blocks, context(told)])


def missed(room: WarRoom, policy: Policy) -> Rendered:
    """What somebody is told whose page Slack did not take before the window had ended."""
    told = "You were needed here, and no message could be delivered to you in time to decide."
    decided = _decided(room, policy)
    return Rendered(decided.text, [context(told), *decided.blocks])


def topic(room: WarRoom, policy: Policy) -> str:
    """The channel's topic: plain words, since nothing is formatted there."""
    if room.decision:
        return clip(f"{room.policy_id}: {decision.in_a_line(room.decision)}", TOPIC)
    default = "block" if policy.on_expiry is OnExpiry.BLOCK else "allow"
    deadline = f"decide by {utc(room.expires_at)}, default {default}"
    return clip(f"{room.policy_id}: {deadline}", TOPIC)


def _joined(event: e.Joined, room: WarRoom) -> Rendered:
    who = mention(event.initiator) if event.initiator else "somebody not known in Slack"
    if not event.initiator:
        who = outside(event.violation.report.initiator.label, 100) or who
    head = f"Another violation joined: {title(event.violation)}, by {who}."
    told = f"One decision settles all {len(room.violations)}."
    where = links.links(event.violation, _LINKS)
    return _said(f"{head} {told}", section(f"{head}\n{told}"), *([section(where)] if where else []))


def _unreachable(event: e.Unreachable) -> Rendered:
    head = f"{participants.MISSING} {mention(event.user)} can't be reached in Slack"
    head = f"{head} ({participants.reason(event.error)})."
    return _said(f"{head} On duty: {', '.join(_duty(seat) for seat in event.seats)}.")


def _duty(seat: Assignment) -> str:
    return f"{seat.role} {mention(seat.on_duty) if seat.on_duty else 'nobody'}"


def _last_call(event: e.Escalated, room: WarRoom, policy: Policy) -> Rendered:
    if room.decision:
        return _decided(room, policy)
    head = f"Last call, {mentions(event.notify)}." if event.notify else "Last call."
    return _said(f"{head} {cards.clock(room, policy)}")


def _called(head: str, room: WarRoom, policy: Policy, user: str) -> Rendered:
    what = f"{named(room)}\n{cards.clock(room, policy)}"
    return _said(
        f"{head} {name(room, _TITLE)}",
        section(f"{head}\n{what}"),
        *_buttons(room, user),
        _where(room),
    )


def _decided(room: WarRoom, policy: Policy) -> Rendered:
    if room.decision is None:
        raise NotNewsError("the room is not decided")
    text = f"{name(room, _TITLE)}: {decision.in_a_line(room.decision)}"
    mark = decision.MARKS[room.decision.verdict]
    return _said(text, section(f"{mark} {named(room)}"), *decision.result(room, policy))


def _buttons(room: WarRoom, user: str) -> list[Block]:
    """Where `user` finds them: on their page, which came before this, and on the card."""
    channel = links.channel(room)
    paged = user in room.pages and user not in room.digested
    places = ["on the page above" if paged else "", f"in {channel}" if channel else ""]
    named = " and ".join(filter(None, places))
    return [section(f"The buttons are {named}.")] if named else []


def _where(room: WarRoom) -> Block:
    where = links.channel(room)
    return context(f"War room `{room.id}`{f' in {where}' if where else ''}")


def _who(actor: str, role: Role) -> str:
    return "The war room" if actor == SYSTEM else f"{mention(actor)} ({role})"


def _said(text: str, *blocks: Block) -> Rendered:
    return Rendered(clip(text, FALLBACK_TEXT), list(blocks) or [section(text)])
