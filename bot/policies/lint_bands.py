"""What seldom is meant by a policy's bands: what none takes, what two take, what none can reach.

Rules
- Where each band compares one fact with numbers, the ranges are computed; else bands are compared
  by the parts of their conditions alone.
- Bands are asked in order, so a later one may well overlap an earlier: that is said only where it
  can never be reached, or where both have two ends.
- A band that allows is passed over while nothing may clear: what asks people behind it is reached
  then.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import inf

from bot.domain.policy import Band, Policy, Role, Roster, UnknownInitiator
from bot.policies.cel_parts import conjuncts
from bot.policies.lint_conditions import Finding, place_of

# A place between numbers: just before one (0), or just behind it (1).
Cut = tuple[float, int]
Range = tuple[Cut, Cut]
ALL: Range = ((-inf, 0), (inf, 1))

_FACT = r"(?P<fact>facts(?: \. (?:\? )?\w+)+?)(?: \. orValue \( (?:- )?[\d.]+ \))?"
_NUMBER = r"(?P<number>(?:- )?[0-9.]+(?:[eE][+-]?[0-9]+)?)"
_SIGN = "(?P<sign><=|>=|==|<|>)"
_COMPARED = (
    re.compile(f"{_FACT} {_SIGN} {_NUMBER}", re.ASCII),
    re.compile(f"{_NUMBER} {_SIGN} {_FACT}", re.ASCII),
)
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def findings(policy: Policy) -> Iterator[Finding]:
    """What there is to say of one policy's bands."""
    if policy.bands:
        by_range = _numeric(policy)
        yield from _textual(policy) if by_range is None else by_range
    for band in policy.bands:
        yield from _nobody(policy, band)


def holders(roster: Roster) -> set[str]:
    """Everybody who may hold the role; a Slack user group counts for the two it should have."""
    groups = [group for group in (roster.member_group, roster.backup_group) if group]
    inside = [f"{group} {number}" for group in groups for number in (1, 2)]
    return {*roster.members, *roster.backups, *inside}


def _nobody(policy: Policy, band: Band) -> Iterator[Finding]:
    place = f"{policy.file}:{band.line}"
    if len(band.decide) != 1:
        return
    (role,) = band.decide
    alone = holders(policy.roster(role))
    if len(alone) == 1:
        what = f"band {band.id} asks the {role} alone, who is one person"
        yield Finding(place, f"{what}: nobody could decide on a change of {alone.pop()}'s")
    if policy.unknown_initiator is UnknownInitiator.ADJUDICATOR and role is Role.VALIDATOR:
        what = f"band {band.id} asks the validator alone, and unknown_initiator: adjudicator"
        yield Finding(place, f"{what}: nobody could allow what somebody unknown made")


def _textual(policy: Policy) -> list[Finding]:
    """By the parts of the conditions alone."""
    found = []
    parts = [conjuncts(band.when.text) if band.when else frozenset() for band in policy.bands]
    pairs = combinations(zip(policy.bands, parts, strict=True), 2)
    for (first, wider), (second, narrower) in pairs:
        if narrower >= wider and (second.allow or not first.allow):
            taker = f"band {first.id} (line {first.line}) takes"
            found.append(_unreachable(policy, second, taker))
    if parts[-1]:
        last = policy.bands[-1]
        what = "the last band has a condition: what no band takes is the policy's own roles'"
        found.append(Finding(place_of(policy, last.when, last.line), what))
    return list(dict.fromkeys(found))


def _numeric(policy: Policy) -> list[Finding] | None:
    """By the ranges of the one fact that all compare; None where they don't."""
    compared = [_range(band) for band in policy.bands]
    facts = {each[0] for each in compared if each and each[0]}
    if None in compared or len(facts) != 1:
        return None
    (fact,) = facts
    ranges = [each[1] for each in compared if each]
    found = []
    for number, (band, own) in enumerate(zip(policy.bands, ranges, strict=True)):
        before = zip(policy.bands[:number], ranges[:number], strict=True)
        taken = [each for earlier, each in before if band.allow or not earlier.allow]
        if own[0] >= own[1]:
            what = f"band {band.id} takes nothing: no {fact} is {_words(own)}"
            found.append(Finding(place_of(policy, band.when, band.line), what))
        elif not list(_left(own, taken)):
            found.append(_unreachable(policy, band, "those before it take"))
        else:
            found += _shared(policy, band, own, zip(policy.bands[:number], ranges, strict=False))
    gaps = " and ".join(_words(gap) for gap in _left(ALL, ranges))
    if gaps:
        last = policy.bands[-1]
        what = f"no band takes {fact} {gaps}: the policy's own roles decide on that"
        found.append(Finding(place_of(policy, last.when, last.line), what))
    return found


def _unreachable(policy: Policy, band: Band, by: str) -> Finding:
    what = f"band {band.id} can never be reached: {by} all of it"
    return Finding(place_of(policy, band.when, band.line), what)


def _shared(
    policy: Policy, band: Band, own: Range, before: Iterable[tuple[Band, Range]]
) -> Iterator[Finding]:
    """What a band with two ends shares with another one with two ends."""
    for other, its in before:
        both = (max(own[0], its[0]), min(own[1], its[1]))
        ends = (own[0][0], own[1][0], its[0][0], its[1][0])
        if both[0] < both[1] and not {inf, -inf} & set(ends):
            what = f"band {band.id} overlaps band {other.id} (line {other.line})"
            where = place_of(policy, band.when, band.line)
            yield Finding(where, f"{what}: {_words(both)}, which that one takes")


def _range(band: Band) -> tuple[str | None, Range] | None:
    """The fact that a band compares with numbers, and from where to where; None where it doesn't.

    Without a condition it takes all, of any fact.
    """
    (low, high), fact = ALL, None
    for part in conjuncts(band.when.text) if band.when else ():
        match = next((found for form in _COMPARED if (found := form.fullmatch(part))), None)
        path = match["fact"].replace("? ", "").replace(" ", "") if match else None
        if match is None or path != (fact or path):
            return None
        fact = path
        number = float(match["number"].replace(" ", ""))
        sign = match["sign"] if match.start("fact") == 0 else _TURNED[match["sign"]]
        if sign in {">", ">=", "=="}:
            low = max(low, (number, int(sign == ">")))
        if sign in {"<", "<=", "=="}:
            high = min(high, (number, int(sign != "<")))
    return fact, (low, high)


def _left(whole: Range, taken: Iterable[Range]) -> Iterator[Range]:
    """What of a range none of the others takes."""
    at, end = whole
    for low, high in sorted(taken):
        if low > at and at < end:
            yield at, min(low, end)
        at = max(at, high)
    if at < end:
        yield at, end


def _words(part: Range) -> str:
    (low, behind), (high, to) = part
    if low == -inf:
        return f"{'up to' if to else 'below'} {high:g}"
    above = f"{'above' if behind else 'from'} {low:g}"
    return above if high == inf else f"{above} {'up to' if to else 'to below'} {high:g}"
