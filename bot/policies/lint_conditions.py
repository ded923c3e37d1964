"""What seldom is meant by a policy's conditions, as far as their texts tell it.

Rules
- Two conditions are compared by their parts, which stand between `&&`: who has all parts of another
  holds only where that does. What else may follow from another condition isn't seen.
- A fact that a sender names may be forged: who clears by one asks with which secret it was signed.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import permutations
from typing import NamedTuple

from bot.domain.conditions import Condition
from bot.domain.policy import Band, ClearRule, Policy
from bot.policies.cel import compiled
from bot.policies.cel_checks import compared
from bot.policies.cel_lexemes import lexemes
from bot.policies.cel_parts import conjuncts
from bot.yaml.problems import instead

ENDS_SOON = timedelta(days=30)


class Finding(NamedTuple):
    """What was found, and where: a file, a line and a column where there is one."""

    place: str
    what: str


def findings(policy: Policy, all_policies: Iterable[Policy], now: datetime) -> Iterator[Finding]:
    """What there is to say of one policy's conditions among all policies, as of `now`."""
    yield from _bare(policy)
    for rule in policy.auto_clear:
        yield from _unsure(policy, rule)
        yield from _ending(policy, rule, now)
    yield from _redundant(policy)
    for other in all_policies:
        yield from _forbidden(policy, other)


def place_of(policy: Policy, condition: Condition | None, line: int) -> str:
    """Where a condition stands, or what has none."""
    if condition is None:
        return f"{policy.file}:{line}"
    return f"{policy.file}:{condition.line}:{condition.column}"


def unknown_signers(policy: Policy, signers: Collection[str]) -> Iterator[Finding]:
    """What conditions compare with `source`, and that it is never called; `signers` are its names.

    Nothing where no names are known.
    """
    for condition in _all(policy) if signers else ():
        for text in compared(lexemes(condition.text), "source"):
            if text.literal is not None and text.literal not in signers:
                never = f"source is never {text.literal!r} with the secrets that are set here"
                what = f"{never}: {instead(text.literal, signers)}"
                yield Finding(place_of(policy, condition, 0), what)


def _all(policy: Policy) -> list[Condition]:
    return [
        *([policy.when] if policy.when else []),
        *policy.never_clear,
        *(rule.when for rule in policy.auto_clear),
        *(band.when for band in policy.bands if band.when),
        *(scope.when for scope in policy.scopes if scope.when),
    ]


def _bare(policy: Policy) -> Iterator[Finding]:
    for condition in _all(policy):
        bare = dict.fromkeys(each.path for each in compiled(condition.text, policy.facts).bare)
        for path in bare:
            asked = path.replace(".", ".?", 1)
            what = f"{path} may be missing, and then this is not known: need {asked}.orValue(…)"
            yield Finding(place_of(policy, condition, 0), what)


def _unsure(policy: Policy, rule: ClearRule) -> Iterator[Finding]:
    """Facts that are of any type, or anybody's."""
    place = place_of(policy, rule.when, rule.line)
    condition = compiled(rule.when.text, policy.facts)
    if condition.facts is None:
        what = f"rule {rule.id} reads the facts as a whole: which types they need can't be told"
        yield Finding(place, what)
    for name in sorted((condition.facts or frozenset()) - policy.facts.keys()):
        what = f"rule {rule.id} reads facts.{name}, which may be of any type"
        yield Finding(place, f"{what}: need it under `facts`, such as {{{name}: string}}")
    blocking = [compiled(each.text, policy.facts) for each in policy.never_clear]
    asks = any("source" in each.variables for each in (condition, *blocking))
    if "facts" in condition.variables and not asks:
        what = f"rule {rule.id} clears by facts and doesn't ask who signed them"
        yield Finding(place, f'{what}: need a part such as source == "…"')


def _ending(policy: Policy, rule: ClearRule, now: datetime) -> Iterator[Finding]:
    place = f"{policy.file}:{rule.line}"
    if rule.until <= now:
        yield Finding(place, f"rule {rule.id} has ended ({_day(rule.until)}): it clears nothing")
    elif rule.until - now <= ENDS_SOON:
        yield Finding(place, f"rule {rule.id} ends before long ({_day(rule.until)})")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _redundant(policy: Policy) -> Iterator[Finding]:
    """Rules that another one makes needless, and what its own policy never lets clear."""
    parts = {rule.id: conjuncts(rule.when.text) for rule in policy.auto_clear}
    for rule, other in permutations(policy.auto_clear, 2):
        same = parts[rule.id] == parts[other.id]
        if parts[rule.id] > parts[other.id] or (same and rule.line > other.line):
            what = f"rule {rule.id} takes nothing that rule {other.id} (line {other.line}) doesn't"
            yield Finding(place_of(policy, rule.when, rule.line), what)
    allowing: list[ClearRule | Band] = [*policy.auto_clear]
    allowing += [band for band in policy.bands if band.allow]
    for each in allowing:
        for never in policy.never_clear:
            if each.when and conjuncts(each.when.text) >= conjuncts(never.text):
                kind = "rule" if isinstance(each, ClearRule) else "band"
                where = place_of(policy, never, 0)
                what = f"{kind} {each.id} never clears: never_clear ({where}) forbids all it takes"
                yield Finding(place_of(policy, each.when, each.line), what)


def _forbidden(policy: Policy, other: Policy) -> Iterator[Finding]:
    """Rules that would clear what another policy forbids to clear."""
    if policy.id == other.id:
        return
    when = conjuncts(policy.when.text) if policy.when else frozenset()
    for rule in policy.auto_clear:
        for never in other.never_clear:
            if conjuncts(rule.when.text) | when >= conjuncts(never.text):
                where = place_of(other, never, 0)
                what = f"rule {rule.id} clears what never_clear of {other.id} ({where}) forbids"
                yield Finding(place_of(policy, rule.when, rule.line), what)
