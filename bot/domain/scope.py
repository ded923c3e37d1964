"""Scopes: how far a decision may be asked to hold, and which violations are the same within one.

Rules
- The same violation breaks the same policy, by a subject of the same kind and name, at the same
  coordinates as far as its scope fixes them, with the same facts but those that the policy calls
  varying. Where one is missing here it is missing there.
- Each scope frees more than the one before: the run, then commit and repository, then the digest.
  A condition of the policy's frees the version too; only where it says yes it is that scope.
- A scope is offered where there is what it is called after.
- Two numbers that are equal are the same, `1` and `1.0` too; a number is no truth value, and a null
  is not a fact that is missing. In which order facts come says nothing.
- Words are as they came, with anything in them: who shows them makes them safe.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.domain.conditions import Ask, Truth
from bot.domain.policy import OfferedScope, Policy, ScopeKind
from bot.domain.violation import Report, Severity

_SORTED = json.JSONEncoder(sort_keys=True)
COMMIT_SHOWN = 12
DIGEST_SHOWN = 12  # hex digits behind what it was made with

# What a scope fixes besides subject and facts, in the order in which it is said.
_FIXED: Mapping[ScopeKind, tuple[str, ...]] = {
    ScopeKind.RUN: ("version", "digest", "commit", "repository", "environment", "run_url"),
    ScopeKind.COMMIT: ("version", "digest", "commit", "repository", "environment"),
    ScopeKind.VERSION: ("version", "digest", "environment"),
    ScopeKind.ENVIRONMENT: ("version", "environment"),
    ScopeKind.CONDITION: ("environment",),
}
_NEEDED: Mapping[ScopeKind, str] = {
    ScopeKind.RUN: "run_url",
    ScopeKind.COMMIT: "commit",
    ScopeKind.VERSION: "digest",
    ScopeKind.ENVIRONMENT: "environment",
}
_WORDS: Mapping[str, str] = {
    "version": "version",
    "digest": "digest",
    "commit": "commit",
    "repository": "repository",
    "environment": "environment",
    "run_url": "run",
}


def name_of(scope: OfferedScope) -> str:
    """What it is chosen by: its kind, or the name of a condition."""
    return scope.name or scope.kind


def offered(
    policy: Policy, report: Report, holding: Collection[str] = ()
) -> tuple[OfferedScope, ...]:
    """What a decision on what is reported may be asked to hold for, the narrowest first.

    Of those by a condition only the ones that `holding` names. Where its policy says nothing: its
    commit, or else its run. None where it has neither.
    """
    scopes = policy.scopes
    if not scopes:
        kinds = (ScopeKind.COMMIT, ScopeKind.RUN)
        scopes = tuple(OfferedScope(kind=kind) for kind in kinds if _has(report, kind))[:1]
    order = list(ScopeKind)
    there = (
        each
        for each in scopes
        if each.kind.is_known
        and _has(report, each.kind)
        and (each.when is None or name_of(each) in holding)
    )
    return tuple(sorted(there, key=lambda scope: order.index(scope.kind)))


def key(policy: Policy, report: Report, scope: OfferedScope) -> str | None:
    """What all violations have that are the same within `scope`, and no other one.

    The report has its facts. None where it lacks what the scope is called after.
    """
    return _key(policy, report, scope, _facts(policy, report))


def keys(policy: Policy, report: Report, ask: Ask | None = None) -> tuple[str, ...]:
    """The keys of all exceptions that could cover what is reported, whatever scope they have.

    `ask` answers the conditions of the policy's scopes; without it each of them may hold.
    """
    kinds = (OfferedScope(kind=kind) for kind in _NEEDED)
    conditions = (
        scope for scope in policy.scopes if scope.when and (ask is None or holds(scope, ask))
    )
    facts = _facts(policy, report)
    found = (_key(policy, report, scope, facts) for scope in (*kinds, *conditions))
    return tuple(each for each in found if each)


def _key(policy: Policy, report: Report, scope: OfferedScope, facts: str) -> str | None:
    if not scope.kind.is_known or not _has(report, scope.kind):
        return None
    same = {
        "policy": policy.id,
        "scope": [scope.kind, scope.name, scope.when and scope.when.text],
        "subject": [report.subject.kind, report.subject.name],
        "fixed": {name: _coordinate(report, name) for name in _FIXED[scope.kind]},
        "facts": facts,
    }
    # JSON says where each of them begins and ends, and of which type it is.
    return _digest(same)


def _facts(policy: Policy, report: Report) -> str:
    """A digest of the facts that have to be the same: they may be large, and are read once."""
    same = {name: fact for name, fact in report.facts.items() if name not in policy.varying}
    return _digest(_by_value(same))


def _digest(value: object) -> str:
    return hashlib.sha256(_SORTED.encode(value).encode()).hexdigest()


def holds(scope: OfferedScope, ask: Ask) -> bool:
    """Whether its condition says yes, where it has one: what is not known allows nothing."""
    return scope.when is None or ask(scope.when).value is Truth.YES


def is_within(inner: OfferedScope | None, outer: OfferedScope | None) -> bool:
    """Whether all that `inner` covers is covered by `outer`; None covers nothing more."""
    if inner is None or inner == outer:
        return True
    nested = list(_NEEDED)  # each frees what the one before does, and more
    if outer is None or inner.kind not in nested or outer.kind not in nested:
        return False
    return nested.index(inner.kind) <= nested.index(outer.kind)


def words(policy: Policy, report: Report, scope: OfferedScope, severity: Severity) -> str:
    """What a decision on this violation allows besides it: all that limits it, but policy and end.

    `severity` is what it is given for.
    """
    fixed, freed = _FIXED[scope.kind], [name for name in _WORDS if name not in _FIXED[scope.kind]]
    missing = [_WORDS[name] for name in fixed if not _coordinate(report, name)]
    varying = f" (but {', '.join(policy.varying)})" if policy.varying else ""
    limits = [
        " ".join(("every violation by", *_places(report, fixed))),
        *([f"without {_either(missing)}"] if missing else []),
        *([f"where {scope.words or scope.when.text}"] if scope.when else []),
        *([f"any {_either([_WORDS[name] for name in freed])}"] if freed else []),
        f"same facts{varying}",
        *(["same band"] if policy.bands else []),
        f"severity {severity} at most",
    ]
    return ", ".join(limits)


def _has(report: Report, kind: ScopeKind) -> bool:
    needed = _NEEDED.get(kind)
    return needed is None or _coordinate(report, needed) is not None


def _coordinate(report: Report, name: str) -> str | None:
    of = report.subject if name in ("version", "digest") else report.origin
    found: str | None = getattr(of, name)
    return found


def _by_value(fact: Any) -> Any:  # noqa: ANN401 - any JSON
    """A fact in which numbers that are equal are written alike."""
    if isinstance(fact, Mapping):
        return {name: _by_value(part) for name, part in fact.items()}
    if isinstance(fact, list | tuple):
        return [_by_value(part) for part in fact]
    return int(fact) if isinstance(fact, float) and fact.is_integer() else fact


def _either(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _places(report: Report, fixed: tuple[str, ...]) -> Iterator[str]:
    """What is found, and where, as far as these coordinates are fixed."""
    subject, origin = report.subject, report.origin
    named = [part for part in (subject.kind, subject.name) if part] or ["what has no name"]
    yield from named
    if "version" in fixed and subject.version:
        yield subject.version if subject.name or subject.kind else f"version {subject.version}"
    if "digest" in fixed and subject.digest:
        made_with, _, digest = subject.digest.rpartition(":")
        short = digest if len(digest) <= DIGEST_SHOWN else f"{digest[:DIGEST_SHOWN]}…"
        yield f"({made_with}:{short})" if made_with else f"({short})"
    if "commit" in fixed and origin.commit:
        yield f"at commit {origin.commit[:COMMIT_SHOWN]}"
    if "repository" in fixed and origin.repository:
        yield f"of {origin.repository}"
    if "environment" in fixed and origin.environment:
        yield f"in {origin.environment}"
    if "run_url" in fixed and origin.run_url:
        yield f"in run {origin.run_url}"
