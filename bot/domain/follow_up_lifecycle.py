"""The life of a follow-up: the one table of its steps, and `decide`.

Rules
- A command that is not in the table for its state is refused, and a refusal changes nothing.
- It is owed once and closed once: with a link or a reason, and a sample with an answer, of which a
  *no* needs its reason.
- Who may close it is its owner, and whoever else holds the role for which it was raised; never
  somebody who made the change that it is about. The bot itself closes what was settled elsewhere.
- The owner is reminded once, and told once that it is overdue. That changes nothing: it is owed
  until it is closed. What is owed about an exception is settled by its end, and never overdue.
- Whom Slack can't reach makes way for the next who may close it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain import follow_up as f
from bot.domain.aggregate import Aggregate, Recorded, Step, Timer
from bot.domain.ask import misfit
from bot.domain.follow_up import FollowUp, FollowUpKind, FollowUpState, SampleAnswer
from bot.domain.follow_up_fold import evolve
from bot.domain.person import BY_SYSTEM, SYSTEM, Actor, Person, name_in
from bot.domain.refusal import Refusal, Why

KIND = "follow_up"
REMIND, OVERDUE = "remind", "overdue"
LINK_MOST = 2000
_LINK = re.compile(r"https?://[^\s<>|]+")

FollowUpStep = Step[FollowUp, f.Event]
Answer = f.Event | Refusal
NO_SUCH = Refusal(Why.NOTHING_TO_DO, "There is no such follow-up.")


@dataclass(frozen=True, slots=True)
class Row:
    """A legal step: the state it ends in, and what it leads to at a time."""

    to: FollowUpState
    handle: Callable[[FollowUp, Any, datetime], Answer]


def _remind(owed: FollowUp, command: f.Remind, now: datetime) -> Answer:
    del command
    if owed.was_reminded or not owed.remind_at <= now < owed.until:
        return Refusal(Why.NOTHING_TO_DO, "The end is not near, or its owner was reminded.")
    return f.FollowUpReminded(owner=owed.owner)


def _tell_overdue(owed: FollowUp, command: f.TellOverdue, now: datetime) -> Answer:
    del command
    if owed.was_overdue or now < owed.until:
        return Refusal(Why.NOTHING_TO_DO, "The end has not come, or its owner was told.")
    return f.FollowUpOverdue(owner=owed.owner)


def _close(owed: FollowUp, command: f.CloseFollowUp, now: datetime) -> Answer:
    del now
    link, reason = command.link.strip(), command.reason.strip()
    if owed.kind is FollowUpKind.SAMPLE and command.answer is None:
        return Refusal(Why.INVALID, "A sample is answered: yes, or no and the reason.", "reason")
    if owed.kind is not FollowUpKind.SAMPLE and command.answer is not None:
        return Refusal(Why.INVALID, "Only a sample is answered: need a link or a reason.", "reason")
    if command.answer is None and not (link or reason):
        return Refusal(Why.INVALID, "Found neither a link nor a reason: need one.", "reason")
    if link and (len(link) > LINK_MOST or not _LINK.fullmatch(link)):
        need = f"an address that begins with https:// or http://, up to {LINK_MOST} characters"
        return Refusal(Why.INVALID, f"Found something else, need {need}.", "link")
    refusal = misfit("reason", reason, 1 if command.answer is SampleAnswer.NO else 0)
    closed = f.FollowUpClosed(answer=command.answer, link=link or None, reason=reason or None)
    return refusal or closed


def _record_asked(owed: FollowUp, command: f.RecordAsked, now: datetime) -> Answer:
    del now
    if owed.asked.get(command.name) == command.message:
        return Refusal(Why.NOTHING_TO_DO, "That message is known already.")
    return f.FollowUpAsked(name=command.name, message=command.message)


def _pass_on(owed: FollowUp, command: f.RecordNotReached, now: datetime) -> Answer:
    del now
    if command.name in owed.not_reached:
        return Refusal(Why.NOTHING_TO_DO, "It is known already that they can't be reached.")
    left = [name for name in owed.others if name not in owed.not_reached]
    next_owner = left[0] if left and command.name == owed.owner else owed.owner
    return f.FollowUpPassedOn(name=command.name, error=command.error, owner=next_owner)


def _name_holders(owed: FollowUp, command: f.NameHolders, now: datetime) -> Answer:
    del now
    if owed.group is None:
        return Refusal(Why.NOTHING_TO_DO, "No user group was to be asked.")
    made = [owed.people[name] for name in owed.initiators]
    names = dict.fromkeys(
        owed.name_of(member)
        for member in command.members
        if not any(Actor(person=member).is_one_with(each) for each in made)
    )
    new = [name for name in names if name not in owed.holders]
    owner = owed.owner or next(iter([*new, *owed.others]), None)
    others = tuple(name for name in (*new, *owed.others) if name != owner)
    return f.HoldersNamed(owner=owner, others=others)


_OPEN, _CLOSED = FollowUpState.OPEN, FollowUpState.CLOSED
TABLE: Mapping[tuple[FollowUpState, type[f.Command]], Row] = {
    (_OPEN, f.CloseFollowUp): Row(_CLOSED, _close),
    (_OPEN, f.Remind): Row(_OPEN, _remind),
    (_OPEN, f.TellOverdue): Row(_OPEN, _tell_overdue),
    (_OPEN, f.RecordAsked): Row(_OPEN, _record_asked),
    (_CLOSED, f.RecordAsked): Row(_CLOSED, _record_asked),  # it was under way meanwhile
    (_OPEN, f.RecordNotReached): Row(_OPEN, _pass_on),
    (_OPEN, f.NameHolders): Row(_OPEN, _name_holders),
}


def decide(
    before: FollowUp | None, command: f.Owe | f.Command, actor: Actor, _: None, now: datetime
) -> FollowUpStep | Refusal:
    """The step that a command leads to at `now`, or why there is none."""
    if isinstance(command, f.Owe):
        return _owe(command, now) if before is None else _out_of_turn(before)
    if before is None:
        return NO_SUCH
    if refusal := obstacle(before, command, actor):
        return refusal
    row = TABLE[before.state, type(command)]
    event = row.handle(before, command, now)
    if isinstance(event, Refusal):
        return event
    named = command.members if isinstance(command, f.NameHolders) else ()
    met = {before.name_of(person): person for person in named}
    recorded: Recorded[f.Event] = Recorded(
        seq=before.version + 1,
        at=now,
        actor=before.name_of(actor.person),
        event=event,
        state=row.to,
        account=actor.account,
        met=tuple(person for name, person in met.items() if name not in before.people),
    )
    return Step(evolve(before, recorded), (recorded,))


def obstacle(owed: FollowUp, command: f.Command, actor: Actor) -> Refusal | None:
    """Why a command can't be given by somebody now, whatever it says; None where it can."""
    if (owed.state, type(command)) not in TABLE:
        return _out_of_turn(owed)
    return None if actor.person.name == SYSTEM else _not_entitled(owed, command, actor)


def _not_entitled(owed: FollowUp, command: f.Command, actor: Actor) -> Refusal | None:
    if not isinstance(command, f.CloseFollowUp):
        return Refusal(Why.NOT_ALLOWED, "Only the bot itself records that.")
    if any(actor.is_one_with(owed.people[each]) for each in owed.initiators):
        words = "You made this change, so it is for others to look at, whatever roles you hold."
        return Refusal(Why.OWN_VIOLATION, words)
    if owed.name_of(actor.person) in owed.holders:
        return None
    if not owed.holders:
        return Refusal(Why.NOT_ALLOWED, f"Nobody is known yet who can close follow-up {owed.id}.")
    may = tuple(owed.people[each] for each in owed.holders)
    words = f"Follow-up {owed.id} can be closed by {{holders}} alone."
    return Refusal(Why.NOT_ALLOWED, words, people={"holders": may})


def _owe(command: f.Owe, now: datetime) -> FollowUpStep | Refusal:
    made, owner = command.initiators, command.owner
    if command.until <= now:
        return Refusal(Why.INVALID, "A follow-up ends later than it begins.", "until")
    if owner is None and command.group is None:
        return Refusal(Why.INVALID, "A follow-up has an owner, or a user group that gives one.")
    if owner and any(Actor(person=owner).is_one_with(each) for each in made):
        return Refusal(Why.OWN_VIOLATION, "Who made the change can't owe a look at it.")
    met: dict[str, Person] = {}

    def named(person: Person) -> str:
        name = name_in(met, person)
        met.setdefault(name, person)
        return name

    initiators = tuple(dict.fromkeys(map(named, made)))
    owner_name = named(owner) if owner else None
    others = dict.fromkeys(map(named, command.others))
    event = f.FollowUpOwed(
        follow_up_id=command.id,
        owes=command.kind,
        owner=owner_name,
        others=tuple(each for each in others if each not in (owner_name, *initiators)),
        group=command.group,
        initiators=initiators,
        violation_id=command.violation_id,
        room_id=command.room_id,
        exception_id=command.exception_id,
        policy_id=command.policy_id,
        severity=command.severity,
        team=command.team,
        title=command.title,
        because=command.because,
        until=command.until,
    )
    recorded: Recorded[f.Event] = Recorded(
        seq=1, at=now, actor=SYSTEM, event=event, state=_OPEN, met=tuple(met.values())
    )
    return Step(evolve(None, recorded), (recorded,))


def _out_of_turn(owed: FollowUp) -> Refusal:
    closure = owed.closure
    if closure is None:
        words = f"Follow-up {owed.id} is {owed.state}: nothing can be done in it."
        return Refusal(Why.NOTHING_TO_DO, words)
    return Refusal(
        Why.DECIDED,
        f"Follow-up {owed.id} was closed by {{by}} on {closure.at:%d %b %Y %H:%M} UTC.",
        people={"by": (owed.closed_by,)},
    )


def _next_timers(owed: FollowUp, _: None) -> tuple[Timer, ...]:
    if owed.state is not FollowUpState.OPEN or owed.was_overdue:
        return ()
    reminder = () if owed.was_reminded else (Timer(REMIND, owed.remind_at),)
    # What is owed about an exception its end settles.
    return reminder if owed.exception_id else (*reminder, Timer(OVERDUE, owed.until))


def _due_command(owed: FollowUp, _: None, now: datetime) -> tuple[f.Command, Actor] | None:
    due = [timer.name for timer in _next_timers(owed, None) if timer.due_at <= now]
    if not due:
        return None
    # Nobody is reminded of an end that has come.
    return (f.TellOverdue() if OVERDUE in due else f.Remind()), BY_SYSTEM


FOLLOW_UP: Aggregate[FollowUp, f.Owe | f.Command, f.Event] = Aggregate(
    kind=KIND,
    events=(
        f.FollowUpOwed,
        f.FollowUpAsked,
        f.FollowUpReminded,
        f.FollowUpOverdue,
        f.FollowUpPassedOn,
        f.HoldersNamed,
        f.FollowUpClosed,
    ),
    timers=frozenset({REMIND, OVERDUE}),
    evolve=evolve,
    decide=decide,
    next_timers=_next_timers,
    due_command=_due_command,
    rules=lambda _: None,
)
