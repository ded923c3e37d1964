"""Recorded violations through other policies: what would be answered otherwise, and who be asked.

Rules
- Both sides are the answers at arrival: a rule or an exception allows, a room blocks. What people
  decided later is no verdict of a policy.
- Each is tried at the time at which it came, as signed by whoever signed it.
- An exception that covered a violation then covers it again; none is tried beyond that.
- What would be refused has no verdict, and is counted with neither.
- Rooms: a violation that was in a room of a policy, and would be in one again, is in the same. Else
  those of one policy and key are in one room, until its window ends: that people decide earlier,
  and that a storm gathers, is not foreseen.
- People are those on duty in the roles that decide, one for each role of each room.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bot.domain.answering import Judgement
from bot.domain.violation import Violation
from bot.domain.war_room import Verdict, WarRoom
from bot.policies.matching import Trial
from bot.policies.trial import Trials, on_duty
from bot.storage import tables as t
from bot.storage.arrived import Arrived

ALLOW, BLOCK, REFUSED = Verdict.ALLOW.value, Verdict.BLOCK.value, "refused"
_ALLOWING = {t.RULE, t.WAIVED}


class Changed(NamedTuple):
    """A violation that would get another verdict, and by what."""

    violation_id: str
    before: str
    after: str
    title: str
    because: str


@dataclass
class Side:
    """The rooms of one side, and whom they ask."""

    rooms: int = 0
    people: int = 0

    def add(self, people: int) -> None:
        """Count a room more, with so many on duty."""
        self.rooms += 1
        self.people += people


@dataclass
class Simulation:
    """What is found while recorded violations come in one after another."""

    trials: Trials
    violations: int = 0
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    changed: list[Changed] = field(default_factory=list)
    _recorded: set[str] = field(default_factory=set)
    _again: set[str] = field(default_factory=set)
    _open_until: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def add(self, arrived: Arrived) -> None:
        """Try one more, which came no earlier than those before it."""
        violation = arrived.violation
        source = violation.signed_by or violation.source
        trial = self.trials.of(violation.report, source, violation.received_at)
        self.violations += 1
        for room in arrived.rooms.values():
            if room.id not in self._recorded:
                self._recorded.add(room.id)
                self.before.add(deciders(room))
        kinds = {row.policy_id: row.kind for row in arrived.answers}
        asking = tuple(
            each
            for each in (trial.asking if trial else ())
            if kinds.get(each.policy.id) != t.WAIVED
        )
        for judgement in asking:
            if trial:
                self._ask_people(arrived, judgement, trial)
        before = ALLOW if kinds and set(kinds.values()) <= _ALLOWING else BLOCK
        after = REFUSED if trial is None else BLOCK if asking else ALLOW
        if before != after:
            because = _because(trial, asking, violation)
            told = Changed(violation.id, before, after, violation.report.title, because)
            self.changed.append(told)

    def count(self, before: str, after: str) -> int:
        """How many would change from one to the other."""
        return sum((each.before, each.after) == (before, after) for each in self.changed)

    @property
    def as_json(self) -> dict[str, Any]:
        """Everything that was found, for scripts."""
        keys = ("violation_id", "before", "after")
        return {
            "violations": self.violations,
            "rooms": {"before": self.before.rooms, "after": self.after.rooms},
            "people": {"before": self.before.people, "after": self.after.people},
            "changed": [{key: getattr(each, key) for key in keys} for each in self.changed],
            "block_to_allow": self.count(BLOCK, ALLOW),
            "allow_to_block": self.count(ALLOW, BLOCK),
        }

    def _ask_people(self, arrived: Arrived, judgement: Judgement, trial: Trial) -> None:
        policy_id, violation = judgement.policy.id, arrived.violation
        people = sum(map(bool, on_duty(judgement, trial.behind.names).values()))
        for row in arrived.answers:
            if row.policy_id == policy_id and row.room_id:
                if row.room_id not in self._again:
                    self._again.add(row.room_id)
                    self.after.add(people)
                return
        key = policy_id, violation.report.bound_key
        if key not in self._open_until or violation.received_at >= self._open_until[key]:
            self._open_until[key] = violation.received_at + judgement.terms(None).window
            self.after.add(people)


def deciders(room: WarRoom) -> int:
    """How many a room has on duty in the roles that decide; a Slack user group is one."""
    return sum(bool(each.on_duty or each.unknown_group) for each in room.assignments)


def _because(trial: Trial | None, asking: Iterable[Judgement], violation: Violation) -> str:
    if trial is None:
        named = violation.report.policy
        return f"the policy {named} is not there" if named else "no policy's `when` says yes"
    if asking:
        return ", ".join(f"{each.policy.id} asks people" for each in asking)
    return ", ".join(
        f"{each.policy.id}: {each.cleared_by.id} ({each.policy.file}:{each.cleared_by.line})"
        for each in trial.judgements
        if each.cleared_by
    )
