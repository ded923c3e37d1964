"""What a violation got: an answer from each policy that it breaks, and the verdict of all.

Rules
- Each answer is a room in which people decide, a clearance by a rule, or an active exception.
- What an exception allows is allowed for as long as it is active: what its room decided, too.
- It is allowed when all allow it, blocked when one blocks it, and pending else.
- An answer of a kind that only a newer version knows allows nothing here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.clearance import Clearance
from bot.domain.exception import PolicyException
from bot.domain.war_room import Verdict, WarRoom


class AnswerKind(StrEnum):
    """What a policy answers with."""

    ROOM = "room"
    RULE = "rule"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class Answered:
    """One policy's answer; one that is none of these is for a newer version to read."""

    policy_id: str
    room: WarRoom | None = None
    clearance: Clearance | None = None
    exception: PolicyException | None = None

    @property
    def kind(self) -> AnswerKind | None:
        """What it is."""
        if self.room:
            return AnswerKind.ROOM
        if self.exception:
            return AnswerKind.EXCEPTION
        return AnswerKind.RULE if self.clearance else None

    def verdict(self, now: datetime) -> Verdict:
        """What it says at `now`."""
        if self.clearance:
            return Verdict.ALLOW
        if self.exception:
            return Verdict.ALLOW if self.exception.is_active(now) else Verdict.BLOCK
        room = self.room
        if room is None or room.decision is None:
            return Verdict.PENDING
        return Verdict.BLOCK if room.exception_ended_at else room.decision.verdict_at(now)


Answers = Sequence[Answered]


def verdict(answers: Answers, now: datetime) -> Verdict:
    """The verdict of all answers at `now`; without one nothing is allowed yet."""
    verdicts = {answer.verdict(now) for answer in answers}
    if Verdict.BLOCK in verdicts:
        return Verdict.BLOCK
    return verdicts.pop() if len(verdicts) == 1 else Verdict.PENDING


def telling(answers: Answers, now: datetime) -> Answered | None:
    """The answer that says why the verdict is so: the gravest of those that say the same."""
    decided = verdict(answers, now)
    same = [answer for answer in answers if answer.verdict(now) is decided]
    return min(same, key=_gravity, default=None)


def gravest_room(answers: Iterable[Answered]) -> WarRoom | None:
    """The gravest room: by severity, then the shorter window, then the policy's id."""
    rooms = sorted((answer for answer in answers if answer.room), key=_gravity)
    return rooms[0].room if rooms else None


def _gravity(answer: Answered) -> tuple[bool, int, float, str]:
    room = answer.room
    if room is None:
        return True, 0, 0.0, answer.policy_id
    return False, -room.severity.rank, room.window.total_seconds(), answer.policy_id
