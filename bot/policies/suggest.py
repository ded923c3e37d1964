"""Approvals that could be given beforehand, as far as past decisions were all alike.

Rules
- Decisions are of one kind where the policy, the source, the subject's kind, the environment and
  the texts and truths among the facts are the same. A text that the policy doesn't declare makes a
  kind only where it comes often enough to be one.
- The rule clears what those decisions allowed, by the narrowest condition (see `alike`).
- Nothing is suggested that also holds, or isn't known not to hold, for a violation of the policy
  that was not approved or dismissed: rejected, overridden, withdrawn, expired, revoked since, or
  still open.
- What `never_clear` forbids is no evidence, and neither is what a rule clears by now.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.domain.conditions import Condition, Truth
from bot.domain.makers import Behind
from bot.domain.policy import ClearRule, Policy
from bot.domain.violation import Report
from bot.domain.war_room import Outcome
from bot.policies.alike import Alike, Path, alike, class_of, declared_paths, scalars
from bot.policies.beforehand_file import CONDITION_MOST
from bot.policies.cel import CelError
from bot.policies.matching import Matcher

AHEAD = timedelta(days=90)
SAMPLE = 0.1
_ID_MOST = 40
_OTHER = "other"
_GOOD = (Outcome.APPROVED, Outcome.DISMISSED)


@dataclass(frozen=True, slots=True)
class Decided:
    """A violation that people were asked about, and what they decided in its room, if they have.

    `behind` are the humans behind the change; `asked` is how many the room had on duty to decide.
    """

    report: Report
    source: str
    behind: Behind
    room: str
    opened_at: datetime
    asked: int
    outcome: str | None = None
    by: str = ""
    at: datetime | None = None
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether people found that it may pass; an override is against the finding."""
        return self.outcome in _GOOD


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule for a policy, what it takes, and the decisions that speak for it, one a room."""

    policy: Policy
    rule: ClearRule
    alike: Alike
    evidence: tuple[Decided, ...]


def suggestions(
    policy: Policy, decided: Sequence[Decided], owner: str, now: datetime, least: int
) -> Iterator[Suggestion]:
    """What could be approved beforehand under `policy`, for which `owner` would answer.

    `decided` are all violations that people were asked about under it; `least` is how many
    decisions there have to be of one kind.
    """
    today = Matcher((policy,))
    anything = ClearRule(
        id="anything", when=Condition(text="true"), reason="", owner=owner, until=now + AHEAD
    )
    at_most = Matcher((policy.but(auto_clear=(anything,)),))
    allowed = [
        each
        for each in decided
        if each.allowed
        and _clears(at_most, policy, each, now)
        and not _clears(today, policy, each, now)
    ]
    others = [each for each in decided if not each.allowed]
    seen = {path for each in decided for path in scalars(policy, each.report.facts)}
    paths = sorted(seen | declared_paths(policy))
    taken = {rule.id for rule in policy.auto_clear} | {band.id for band in policy.bands}
    for group in _by_kind(policy, allowed, paths, least):
        facts = [scalars(policy, each.report.facts) for each in group]
        common = alike(policy, group[0].source, group[0].report, paths, facts)
        if len(common.condition) > CONDITION_MOST:
            continue
        rule = _rule(common, group, owner, now, taken)
        try:
            whole = Matcher((policy.but(auto_clear=(rule,)),))
            alone = Matcher((policy.but(when=None, never_clear=(), auto_clear=(rule,), bands=()),))
        except CelError:
            continue  # a fact that a condition has no words for
        evidence = [each for each in group if _clears(whole, policy, each, now)]
        rooms = {each.room: each for each in evidence}
        if len(rooms) < least or any(_may_hold(alone, policy, each, now) for each in others):
            continue
        taken.add(rule.id)
        yield Suggestion(policy, rule, common, tuple(rooms.values()))


def _by_kind(
    policy: Policy, allowed: Sequence[Decided], paths: Sequence[Path], least: int
) -> list[list[Decided]]:
    """Those of one kind together."""
    found = [scalars(policy, each.report.facts) for each in allowed]
    counts = {path: Counter(class_of(facts, path) for facts in found) for path in paths}
    declared = declared_paths(policy)
    groups: defaultdict[tuple[Hashable, ...], list[Decided]] = defaultdict(list)
    for each, facts in zip(allowed, found, strict=True):
        values = [class_of(facts, path) for path in paths]
        kind = (
            value if path in declared or counts[path][value] >= least else _OTHER
            for path, value in zip(paths, values, strict=True)
        )
        report = each.report
        groups[each.source, report.subject.kind, report.origin.environment, *kind].append(each)
    return list(groups.values())


def _rule(
    common: Alike, group: Sequence[Decided], owner: str, now: datetime, taken: Collection[str]
) -> ClearRule:
    days = sorted(each.at.date() for each in group if each.at)
    rooms = len({each.room for each in group})
    return ClearRule(
        id=_id(common, taken),
        when=Condition(text=common.condition),
        reason=f"All {rooms} decisions on these allowed them, from {days[0]} to {days[-1]}.",
        owner=owner,
        until=datetime.combine((now + AHEAD).date(), time(), UTC) + timedelta(days=1),
        review_sample=SAMPLE,
    )


def _id(common: Alike, taken: Collection[str]) -> str:
    """An id made of the words that the condition asks for."""
    words = dict.fromkeys(re.findall(r'(?:==|in \[) ?"([^"\\]+)"', common.condition))
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower())[:_ID_MOST].strip("-") or "alike"
    numbered = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def _clears(matcher: Matcher, policy: Policy, each: Decided, now: datetime) -> bool:
    report = each.report.but(policy=policy.id)
    (judgement,) = matcher.judged(report, each.source, now, each.behind)
    return judgement.cleared_by is not None


def _may_hold(matcher: Matcher, policy: Policy, each: Decided, now: datetime) -> bool:
    """Whether the policy's one rule holds for a violation, or isn't known not to."""
    (judgement,) = matcher.judged(each.report.but(policy=policy.id), each.source, now)
    return any(condition.value is not Truth.NO for condition in judgement.conditions)
