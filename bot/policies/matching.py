"""Which policies a violation breaks, and what each of them answers by itself.

Rules
- A policy that is named is asked besides those whose `when` says yes, and not instead of them.
- Only where none says yes do those count that could not be known: of them the gravest, so that
  somebody looks; what was missing is on the record.
- While one is not known, nothing clears by a rule or a band of any.
- The order of the policies in their file changes nothing: they are asked in that of their ids.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from bot.domain import scope
from bot.domain.answering import NOBODY, Judgement, asked, judged
from bot.domain.conditions import Ask, Asked, Condition, Truth
from bot.domain.makers import Behind
from bot.domain.policy import Policy
from bot.domain.violation import Report, Severity, Violation, graver
from bot.domain.war_room import Verdict
from bot.policies.cel import Compiled, Inputs, compiled
from bot.policies.cel_parts import parts
from bot.policies.people import Directory


@dataclass(frozen=True, slots=True)
class Nearest:
    """The policy that a violation comes nearest to breaking, and what of its `when` didn't hold."""

    policy: str
    held: int
    parts: int
    missing: tuple[Asked, ...]


class NoPolicyError(Exception):
    """A violation names no policy, and the `when` of none says yes."""

    def __init__(self, nearest: Nearest | None) -> None:
        super().__init__("no policy is named, and no policy's `when` says yes")
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Trial:
    """A report with its initiator's team, the humans behind it, and what each policy answers.

    Where it breaks none `refusal` says so, and which came nearest.
    """

    report: Report
    behind: Behind
    judgements: tuple[Judgement, ...]
    refusal: NoPolicyError | None = None

    @property
    def asking(self) -> tuple[Judgement, ...]:
        """Those answers that ask people."""
        return tuple(each for each in self.judgements if each.cleared_by is None)

    @property
    def verdict(self) -> Verdict:
        """What the pipeline would be told at once."""
        return Verdict.PENDING if self.asking else Verdict.ALLOW

    @property
    def gravest(self) -> Judgement:
        """The gravest of those that ask people, or else of all."""
        return min(self.asking or self.judgements, key=_gravity)


class Matcher:
    """The policies of one load, with their conditions compiled."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._by_id = {policy.id: policy for policy in policies}
        in_order = sorted(self._by_id.items())
        self._compiled = {policy.id: _compiled(policy) for policy in self._by_id.values()}
        self._asking = [
            (policy, policy.when, self._compiled[policy.id][policy.when.text])
            for _, policy in in_order
            if policy.when
        ]

    def tried(self, report: Report, people: Directory, source: str, now: datetime) -> Trial:
        """Who is behind a report, and what each policy answers that it breaks.

        It was signed as `source`. What is not in force is tried as what comes in is asked.
        """
        report, makers = people.attributed(report)
        trial = Trial(report, Behind(makers, people.people), ())
        try:
            return replace(trial, judgements=self.judged(report, source, now, trial.behind))
        except NoPolicyError as error:
            return replace(trial, refusal=error)

    def judged(
        self, report: Report, source: str, now: datetime, behind: Behind = NOBODY
    ) -> tuple[Judgement, ...]:
        """What each policy answers that a report breaks, which was signed as `source`.

        `behind` are the humans who made the change. NoPolicyError where it breaks none, and where
        the one that it names isn't loaded.
        """
        asks = _Asks(self._compiled, report, source, now)
        named = self._by_id.get(report.policy) if report.policy is not None else None
        if report.policy is not None and named is None:
            raise NoPolicyError(None)
        broken = {named.id: named} if named else {}
        whens: dict[str, tuple[Asked, ...]] = {}
        not_known: dict[str, Policy] = {}
        # All policies are asked: nothing is made that isn't used.
        for policy, when, condition in self._asking:
            known = condition.ask(asks.inputs(policy.severity))
            if known.value is Truth.NO and policy.id not in broken:
                continue
            whens[policy.id] = (asked(policy, when, known),)
            if known.value is Truth.YES:
                broken[policy.id] = policy
            elif known.value is Truth.UNKNOWN:
                not_known[policy.id] = policy
        if not broken and not_known:
            gravest = min(not_known.values(), key=gravity)
            broken[gravest.id] = gravest
        if not broken:
            raise NoPolicyError(self._nearest(report, source, now))
        missing = tuple(when for each in not_known for when in whens[each])
        told = [
            judged(
                policy,
                report.severity,
                asks.of(policy),
                now,
                before=tuple(dict.fromkeys((*whens.get(policy.id, ()), *missing))),
                may_clear=not missing,
                behind=behind,
            )
            for _, policy in sorted(broken.items())
        ]
        ids = tuple(sorted(broken))
        return tuple(
            replace(each, besides=tuple(other for other in ids if other != each.policy.id))
            for each in told
        )

    def _nearest(self, report: Report, source: str, now: datetime) -> Nearest | None:
        """The policy of whose `when` most parts hold; of several, the one with fewest parts."""
        found = []
        for policy, when, _ in self._asking:
            texts = parts(when.text)
            compiled_parts = {policy.id: {text: compiled(text, policy.facts) for text in texts}}
            ask = _Asks(compiled_parts, report, source, now).of(policy)
            told = [asked(policy, each, ask(each)) for each in (when.but(text=t) for t in texts)]
            missing = tuple(each for each in told if each.value is not Truth.YES)
            found.append(Nearest(policy.id, len(texts) - len(missing), len(texts), missing))
        return max(found, key=lambda near: (near.held, -near.parts), default=None)


def in_room(policy: Policy, violation: Violation) -> tuple[Judgement, Ask]:
    """Which band people decide on a violation in, and how grave it is, as it was when it came in.

    With what answers the policy's conditions for it. Nothing clears it.
    """
    source, at = violation.signed_by or violation.source, violation.received_at
    ask = _Asks({policy.id: _compiled(policy)}, violation.report, source, at).of(policy)
    return judged(policy, violation.report.severity, ask, at, may_clear=False), ask


def holding(policy: Policy, violation: Violation) -> tuple[str, ...]:
    """The scopes of a policy whose condition says yes to a violation, by name: it has its facts.

    They alone may be offered, whoever asks.
    """
    asking = [each for each in policy.scopes if each.when]
    if not asking:
        return ()
    _, ask = in_room(policy, violation)
    return tuple(scope.name_of(each) for each in asking if scope.holds(each, ask))


def gravity(policy: Policy) -> tuple[int, float, str]:
    """What orders policies, the gravest first: severity, then the shorter window, then the id."""
    return -policy.severity.rank, policy.window.total_seconds(), policy.id


def _gravity(judgement: Judgement) -> tuple[int, float, str]:
    window = judgement.terms(None).window
    return -judgement.severity.rank, window.total_seconds(), judgement.policy.id


def conditions(policy: Policy) -> Iterator[Condition]:
    """All that a policy asks."""
    yield from (policy.when,) if policy.when else ()
    yield from policy.never_clear
    yield from (rule.when for rule in policy.auto_clear)
    yield from (band.when for band in policy.bands if band.when)
    yield from (scope.when for scope in policy.scopes if scope.when)


def _compiled(policy: Policy) -> Mapping[str, Compiled]:
    return {each.text: compiled(each.text, policy.facts) for each in conditions(policy)}


class _Asks:
    """Asks compiled conditions about one report; what they need of it is made once."""

    def __init__(
        self,
        conditions: Mapping[str, Mapping[str, Compiled]],
        report: Report,
        source: str,
        now: datetime,
    ) -> None:
        self._conditions = conditions
        self._reported = report.severity
        self._about = (report, now, source)
        self._inputs: dict[Severity, Inputs] = {}

    def of(self, policy: Policy) -> Ask:
        """How the conditions of `policy` are asked."""
        conditions = self._conditions[policy.id]
        return lambda condition: conditions[condition.text].ask(self.inputs(policy.severity))

    def inputs(self, severity: Severity) -> Inputs:
        """What is asked of the report under a policy of this severity."""
        made = self._inputs.get(severity)
        if made is None:
            at = graver(severity, self._reported) if self._reported else severity
            made = self._inputs[severity] = self._first.with_severity(at)
        return made

    @cached_property
    def _first(self) -> Inputs:
        report, now, source = self._about
        return Inputs(report, Severity.LOW, now, source)
