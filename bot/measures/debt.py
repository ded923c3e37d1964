"""Governance debt: what a team still owes, by how long it has owed it.

Rules:
- Debt is every room still open and every exception still active; `Liability.is_active` alone says
  which.
- An exception that has ended is no debt, and weighs nothing. For `ENDED_SHOWN` it is still shown,
  as ended: what it allowed is blocked again, and somebody may have to know.
- weight = severity weight x age in days, the severity weight being 1 for low, 2 for medium, 4 for
  high and 8 for critical, and for one that is not known here. Each severity counts twice the one
  below: a low one open for eight days weighs what a critical one weighs after one. The formula is
  this project's own convention.
- Age starts at `since`: the violation's reception for a room, the decision for an exception.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

NO_TEAM = "(none)"
SEVERITY_WEIGHT = {"low": 1, "medium": 2, "high": 4, "critical": 8}
FORMULA = "severity weight (low 1, medium 2, high 4, critical 8) x age in days"
DAY = timedelta(days=1)
ENDED_SHOWN = timedelta(days=7)


class Kind(StrEnum):
    """What is owed: a decision, or the end of an exception; or nothing, since it has ended."""

    OPEN = "open"
    EXCEPTION = "exception"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Liability:
    """A room without a decision, or a violation that an override excepts; times aware.

    `until` is the end of an exception's validity, None if it has none. For an open room it is the
    end of its window or None; a room past its window is debt as long as it is open.
    """

    kind: Kind
    room: str
    team: str | None
    policy: str
    severity: str
    since: datetime
    until: datetime | None
    title: str

    def is_active(self, now: datetime) -> bool:
        """Return whether it is debt at `now`; an exception is until, and not at, its end."""
        return self.kind is Kind.OPEN or self.until is None or now < self.until

    def has_ended(self, now: datetime) -> bool:
        """Return whether it is an exception that ended no longer ago than it is shown."""
        return not self.is_active(now) and bool(self.until and self.until > now - ENDED_SHOWN)

    def age_days(self, now: datetime) -> float:
        """Return the days since it began; 0 if that is still to come."""
        return max(0.0, (now - self.since) / DAY)

    def weight(self, now: datetime) -> float:
        """Return severity weight x age in days."""
        heaviest = SEVERITY_WEIGHT["critical"]
        return SEVERITY_WEIGHT.get(self.severity, heaviest) * self.age_days(now)


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Owed(_Shape):
    """One liability with its age in days and its weight."""

    kind: Kind
    room: str
    team: str
    policy: str
    severity: str
    title: str
    since: datetime
    until: datetime | None
    age_days: float
    weight: float


class Total(_Shape):
    """Counts and the summed weight; `oldest_days` is None if there is nothing."""

    open: int
    exceptions: int
    weight: float
    oldest_days: float | None


class Debt(Total):
    """The debt at `at`: heaviest first, both the teams and the liabilities.

    `ended` are exceptions that ended lately, the last to end first; nothing else counts them.
    Dumps to JSON with `model_dump(mode="json")`.
    """

    at: datetime
    formula: str
    by_team: dict[str, Total]
    liabilities: tuple[Owed, ...]
    ended: tuple[Owed, ...] = ()


def debt(liabilities: Iterable[Liability], now: datetime) -> Debt:
    """Return the debt at `now` (aware): those of `liabilities` that are active.

    Beside it stand those that ended lately.
    """
    known = list(liabilities)
    owed = [_owed(liability, now) for liability in known if liability.is_active(now)]
    ended = [
        _owed(liability, now).model_copy(update={"kind": Kind.ENDED, "weight": 0.0})
        for liability in known
        if liability.has_ended(now)
    ]
    ended.sort(key=lambda one: (one.until or now, one.room), reverse=True)
    owed.sort(key=lambda one: (-one.weight, one.room))
    teams: defaultdict[str, list[Owed]] = defaultdict(list)
    for one in owed:
        teams[one.team].append(one)
    totals = [(team, _total(part)) for team, part in teams.items()]
    totals.sort(key=lambda pair: (-pair[1].weight, pair[0]))
    return Debt(
        **dict(_total(owed)),
        at=now,
        formula=FORMULA,
        by_team=dict(totals),
        liabilities=tuple(owed),
        ended=tuple(ended),
    )


def _owed(liability: Liability, now: datetime) -> Owed:
    return Owed(
        kind=liability.kind,
        room=liability.room,
        team=liability.team or NO_TEAM,
        policy=liability.policy,
        severity=liability.severity,
        title=liability.title,
        since=liability.since,
        until=liability.until,
        age_days=liability.age_days(now),
        weight=liability.weight(now),
    )


def _total(owed: list[Owed]) -> Total:
    exceptions = sum(each.kind is Kind.EXCEPTION for each in owed)
    return Total(
        open=len(owed) - exceptions,
        exceptions=exceptions,
        weight=sum(each.weight for each in owed),
        oldest_days=max((each.age_days for each in owed), default=None),
    )
