"""What was decided beforehand: the share of all answers that a rule or a band cleared.

Rules:
- An answer is one policy's to one violation: a room, a clearance by a rule or a band, or a waiver
  by an active exception. What only a newer version gives counts among all, and is neither.
- A share is of all answers of the policy, or of all there are; None where there are none.
- Nobody waited for any of these: they are in no half-life, as only rooms are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.answers import AnswerKind
from bot.measures.part import NONE


class Beforehand(NamedTuple):
    """So many answers of one policy for which nobody was asked; `rule` names the rule or band."""

    policy: str
    kind: str
    rule: str | None
    number: int


@dataclass(frozen=True, slots=True)
class OfRule:
    """What one rule or band cleared, and its share of its policy's answers."""

    cleared: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """All answers, those that were cleared, those that were waived, and the share cleared."""

    n: int
    cleared: int
    waived: int
    share: float | None


@dataclass(frozen=True, slots=True)
class OfPolicy(Counts):
    """The answers of one policy."""

    by_rule: Mapping[str, OfRule]


@dataclass(frozen=True, slots=True)
class Cleared(Counts):
    """The answers of all policies."""

    by_policy: Mapping[str, OfPolicy]


def cleared(in_rooms: Mapping[str, int], beforehand: Iterable[Beforehand]) -> Cleared:
    """Return the shares, of so many answers of each policy that are rooms, and of the others."""
    given: defaultdict[str, list[Beforehand]] = defaultdict(list)
    for each in beforehand:
        given[each.policy].append(each)
    by_policy = {
        policy: _of_policy(in_rooms.get(policy, 0), given[policy])
        for policy in sorted({*in_rooms, *given})
    }
    every = by_policy.values()
    n, count = sum(each.n for each in every), sum(each.cleared for each in every)
    waived = sum(each.waived for each in every)
    return Cleared(n, count, waived, _share(count, n), by_policy)


def _of_policy(in_rooms: int, beforehand: list[Beforehand]) -> OfPolicy:
    n = in_rooms + sum(each.number for each in beforehand)
    rules: Counter[str] = Counter()
    for each in beforehand:
        if each.kind == AnswerKind.RULE:
            rules[each.rule or NONE] += each.number
    count = rules.total()
    waived = sum(each.number for each in beforehand if each.kind == AnswerKind.EXCEPTION)
    by_rule = {rule: OfRule(number, _share(number, n)) for rule, number in sorted(rules.items())}
    return OfPolicy(n, count, waived, _share(count, n), by_rule)


def _share(count: int, n: int) -> float | None:
    return count / n if n else None
