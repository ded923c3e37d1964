"""Governance debt: what a team still owes, by how long it has owed it.

Rules:
- Debt is every room still open, every exception still active, and every follow-up still owed,
  overdue or not. Whether an exception is active is its own to say: its kind has the answer.
- An exception that has ended is no debt, and weighs nothing. For `ENDED_SHOWN` it is still shown,
  as ended: what it allowed is blocked again, and somebody may have to know.
- weight = severity weight x age in days, the severity weight being 1 for low, 2 for medium, 4 for
  high and 8 for critical, and for one that is not known here. Each severity counts twice the one
  below: a low one open for eight days weighs what a critical one weighs after one. The formula is
  this project's own convention.
- Age starts at `since`: the violation's reception for a room, the grant for an exception, which a
  renewal makes no younger, and for a follow-up when it was raised.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from bot.measures.part import NO_CLASSES, NONE

SEVERITY_WEIGHT = {"low": 1, "medium": 2, "high": 4, "critical": 8}
FORMULA = "severity weight (low 1, medium 2, high 4, critical 8) x age in days"
DAY = timedelta(days=1)
ENDED_SHOWN = timedelta(days=7)


class Kind(StrEnum):
    """What is owed: a decision, the end of an exception, a follow-up; or nothing, as that ended."""

    OPEN = "open"
    EXCEPTION = "exception"
    FOLLOW_UP = "follow_up"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Liability:
    """A room without a decision, what an approval or an override excepts, a follow-up; times aware.

    `until` is when an exception ends or was revoked, None if it has no end. For an open room it is
    the end of its window or None, and for a follow-up when it is to be done; past that, either is
    debt as long as it is open. `room` is None for a follow-up of what no room decided.
    """

    kind: Kind
    room: str | None
    team: str | None
    policy: str
    severity: str
    since: datetime
    until: datetime | None
    title: str
    follow_up: str | None = None

    def age_days(self, now: datetime) -> float:
        """Return the days since it began; 0 if that is still to come."""
        return max(0.0, (now - self.since) / DAY)

    def weight(self, now: datetime) -> float:
        """Return severity weight x age in days."""
        return day_weight(self.severity) * self.age_days(now)


@dataclass(frozen=True, slots=True)
class Sum:
    """So many of one kind, team, policy and severity: their ages together, and the oldest one's."""

    kind: Kind
    team: str | None
    policy: str
    severity: str
    count: int
    days: float
    oldest_days: float

    @property
    def weight(self) -> float:
        """Severity weight x age in days, of all of them."""
        return day_weight(self.severity) * self.days


@dataclass(frozen=True, slots=True)
class Owing:
    """What is owed, added up, with the liabilities that are to be listed.

    `ended` are those that ended lately, or the last of them; `ended_count` is how many did.
    """

    sums: Sequence[Sum]
    listed: Sequence[Liability]
    ended: Sequence[Liability] = ()
    ended_count: int = 0


def day_weight(severity: str) -> int:
    """The weight of a day; one that is not known here weighs as much as the gravest."""
    return SEVERITY_WEIGHT.get(severity, SEVERITY_WEIGHT["critical"])


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Owed(_Shape):
    """One liability with its age in days and its weight."""

    kind: Kind
    room: str | None
    team: str
    policy: str
    severity: str
    title: str
    since: datetime
    until: datetime | None
    age_days: float
    weight: float
    follow_up: str | None = None
    risk_class: str = NONE

    @property
    def id(self) -> str:
        """By what it is called: the follow-up's id, else the room's."""
        return self.follow_up or self.room or ""


class Total(_Shape):
    """Counts and the summed weight; `oldest_days` is None if there is nothing."""

    open: int
    exceptions: int
    follow_ups: int
    weight: float
    oldest_days: float | None


class Debt(Total):
    """The debt at `at`: heaviest first, the teams, the risk classes and the liabilities.

    `ended` are exceptions that ended lately, the last to end first; nothing else counts them. Of
    either, only the first may be listed: `in_all` and `ended_in_all` count all.
    Dumps to JSON with `model_dump(mode="json")`.
    """

    at: datetime
    formula: str
    by_team: dict[str, Total]
    by_risk_class: dict[str, Total]
    liabilities: tuple[Owed, ...]
    ended: tuple[Owed, ...] = ()
    ended_in_all: int = Field(default=0, exclude=True)

    @property
    def in_all(self) -> int:
        """How many liabilities there are, listed or not."""
        return self.open + self.exceptions + self.follow_ups


def debt(
    liabilities: Iterable[Liability], now: datetime, classes: Mapping[str, str] = NO_CLASSES
) -> Debt:
    """Return the debt at `now` (aware): those of `liabilities` that have not ended.

    Beside it stand those that did lately. `classes` are the risk classes of policies, by the
    policies' names.
    """
    every = list(liabilities)
    ended = [
        each
        for each in every
        if each.kind is Kind.ENDED and each.until and each.until > now - ENDED_SHOWN
    ]
    owed = [each for each in every if each.kind is not Kind.ENDED]
    return debt_of(Owing(sums_of(owed, now), owed, ended, len(ended)), now, classes)


def debt_of(owing: Owing, now: datetime, classes: Mapping[str, str] = NO_CLASSES) -> Debt:
    """Return the same of what is added up already."""
    owed = [_owed(each, now, classes) for each in owing.listed]
    owed.sort(key=lambda one: (-one.weight, one.id))
    ended = [_owed(each, now, classes).model_copy(update={"weight": 0.0}) for each in owing.ended]
    ended.sort(key=lambda one: (one.until or now, one.id), reverse=True)
    return Debt(
        **dict(_total(owing.sums)),
        at=now,
        formula=FORMULA,
        by_team=_totals(owing.sums, lambda one: one.team or NONE),
        by_risk_class=_totals(owing.sums, lambda one: classes.get(one.policy, NONE)),
        liabilities=tuple(owed),
        ended=tuple(ended),
        ended_in_all=owing.ended_count,
    )


def sums_of(liabilities: Iterable[Liability], now: datetime) -> list[Sum]:
    """Return what liabilities are together, each a sum of one."""
    return [
        Sum(one.kind, one.team, one.policy, one.severity, 1, *[one.age_days(now)] * 2)
        for one in liabilities
    ]


def _totals(sums: Iterable[Sum], key: Callable[[Sum], str]) -> dict[str, Total]:
    parts: defaultdict[str, list[Sum]] = defaultdict(list)
    for one in sums:
        parts[key(one)].append(one)
    totals = [(name, _total(part)) for name, part in parts.items()]
    return dict(sorted(totals, key=lambda pair: (-pair[1].weight, pair[0])))


def _owed(liability: Liability, now: datetime, classes: Mapping[str, str]) -> Owed:
    return Owed(
        kind=liability.kind,
        room=liability.room,
        team=liability.team or NONE,
        policy=liability.policy,
        severity=liability.severity,
        title=liability.title,
        since=liability.since,
        until=liability.until,
        age_days=liability.age_days(now),
        weight=liability.weight(now),
        follow_up=liability.follow_up,
        risk_class=classes.get(liability.policy, NONE),
    )


def _total(sums: Sequence[Sum]) -> Total:
    count: Counter[Kind] = Counter()
    for each in sums:
        count[each.kind] += each.count
    return Total(
        open=count[Kind.OPEN],
        exceptions=count[Kind.EXCEPTION],
        follow_ups=count[Kind.FOLLOW_UP],
        weight=sum(each.weight for each in sums),
        oldest_days=max((each.oldest_days for each in sums), default=None),
    )
