"""A violation as it comes in: each policy that it breaks answers, all in one transaction.

Rules
- An active exception that covers it comes first, then what a rule or a band clears: it is on record
  as decided, and asks nobody. What is in the sample of a rule is looked at afterwards; no pipeline
  waits for that.
- A new commit of a pull request ends the rooms of older ones first.
- A delivery that came before has the answers that it got then, whatever is loaded by now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.answering import Judgement
from bot.domain.answers import Answered, gravest_room
from bot.domain.clearance import CLEARANCE, Clear, Clearance, stream_id
from bot.domain.exception import PolicyException
from bot.domain.exception_life import EXCEPTION
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.makers import Attributed
from bot.domain.person import Actor, Person, unlisted
from bot.domain.policy import Band, ClearRule, Rules
from bot.domain.violation import Report, Violation
from bot.domain.war_room import WarRoom
from bot.engine import follow_ups, room_choice
from bot.engine.exceptions import Exceptions
from bot.engine.ids import new_id
from bot.engine.streams import Streams
from bot.engine.superseding import carry_over, supersede
from bot.storage import tables as t
from bot.storage.arrivals import AnswerRow, KnownViolation
from bot.storage.transaction import Transaction


class Steps(room_choice.Steps, Protocol):
    """How streams take steps within a transaction, and under what."""

    @property
    def streams(self) -> Streams:
        """How any stream does."""

    def clear(self, transaction: Transaction, command: Clear, actor: Actor) -> Clearance:
        """Have a clearance written."""

    @property
    def exceptions(self) -> Exceptions:
        """Which exceptions there are."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report, and whether it was known already."""

    violation_id: str
    answers: tuple[Answered, ...]
    duplicate: bool

    @property
    def room(self) -> WarRoom:
        """The gravest of its rooms. LookupError where nobody was asked."""
        room = gravest_room(self.answers)
        if room is None:
            raise LookupError(f"violation {self.violation_id} is in no war room")
        return room


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report as it comes in: by whom, how it is known, and what each policy answers to it.

    `loaded` is what was loaded when they were asked, by the id of the policy.
    """

    report: Report
    makers: tuple[Attributed, ...]
    source: str
    signed_by: str | None
    delivery: str
    judgements: tuple[Judgement, ...]
    same: Mapping[str, tuple[str, ...]]
    loaded: Mapping[str, Rules]


def take_in(transaction: Transaction, arrival: Arrival, steps: Steps) -> Receipt | None:
    """What becomes of a report; None for a new one that no policy answers to."""
    known = transaction.arrivals.known(arrival.source, arrival.delivery)
    if known:
        return Receipt(known.id, answers_of(transaction, known), duplicate=True)
    if not arrival.judgements:
        return None
    violation = Violation.received(
        arrival.report, new_id(16), arrival.source, transaction.now, arrival.signed_by
    )
    supersede(transaction, violation, steps)
    answers = [
        _answer(transaction, violation, judgement, arrival, steps)
        for judgement in arrival.judgements
    ]
    rows = tuple(row for row, _ in answers)
    transaction.arrivals.add(violation, arrival.delivery, rows)
    return Receipt(violation.id, tuple(answered for _, answered in answers), duplicate=False)


def answers_of(transaction: Transaction, known: KnownViolation) -> tuple[Answered, ...]:
    """The answers of a violation that came before, as they stand within the transaction."""
    return tuple(_stored(transaction, known.id, row) for row in known.answers)


def _stored(transaction: Transaction, violation_id: str, row: AnswerRow) -> Answered:
    if row.kind == t.ROOM and row.room_id:
        return Answered(row.policy_id, room=transaction.state(WAR_ROOM, row.room_id))
    if row.kind == t.WAIVED and row.exception_id:
        allowing = transaction.state(EXCEPTION, row.exception_id)
        return Answered(row.policy_id, exception=allowing)
    if row.kind == t.RULE:
        cleared = transaction.state(CLEARANCE, stream_id(violation_id, row.policy_id))
        return Answered(row.policy_id, clearance=cleared)
    return Answered(row.policy_id)


def _answer(
    transaction: Transaction,
    violation: Violation,
    judgement: Judgement,
    arrival: Arrival,
    steps: Steps,
) -> tuple[AnswerRow, Answered]:
    rules, makers = arrival.loaded[judgement.policy.id], arrival.makers
    same = arrival.same[rules.policy.id]
    exception = steps.exceptions.waive(transaction, rules, violation, makers, same)
    if isinstance(exception, PolicyException):
        row = AnswerRow(rules.policy.id, t.WAIVED, exception_id=exception.id)
        answered = Answered(rules.policy.id, exception=exception)
        return transaction.arrivals.answer(violation, row), answered
    rule = judgement.cleared_by
    if rule is None:
        judgement = replace(judgement, doubts=(*exception, *judgement.doubts))
        terms = judgement.terms(rules.configuration)
        room = room_choice.choose_room(transaction, violation, makers, rules, terms, steps)
        room = carry_over(transaction, room, steps)
        row = transaction.arrivals.in_room(violation, room, makers, terms)
        return row, Answered(rules.policy.id, room=room)
    command = Clear(
        violation=violation,
        policy_id=rules.policy.id,
        rule=judgement.cited(rule, rules.digest),
        reason=rule.reason,
        basis=judgement.basis(rules.configuration),
        owner=_owner(rule, rules),
    )
    cleared = steps.clear(transaction, command, Actor(person=Person(name=f"rule:{rule.id}")))
    if isinstance(rule, ClearRule):
        follow_ups.draw(transaction, steps.streams, violation, makers, rules, rule)
    row = transaction.arrivals.answer(violation, AnswerRow(rules.policy.id, t.RULE), rule=rule.id)
    return row, Answered(rules.policy.id, clearance=cleared)


def _owner(rule: ClearRule | Band, rules: Rules) -> Person | None:
    if isinstance(rule, Band):
        return None
    return rules.people.get(rule.owner) or unlisted(rule.owner)
