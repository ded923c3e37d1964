"""What a policy answers to a violation by itself, or on which terms it asks people.

Rules
- In this order: what never clears goes to people; then an approval given beforehand clears; then
  the bands are asked, one after another. An active exception comes before all of it, and is no
  matter of the policy's file.
- What is not known blocks: `never_clear` and a band that asks people count it as yes, a rule and a
  band that allows as no.
- Nobody's own rule clears what they made, or may have made as far as is known: whoever answers for
  it doesn't decide on themselves.
- Where it isn't known of some policy whether it is broken at all, nothing clears.
- A band's severity takes the place of the policy's; a report's raises either, and lowers neither.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.conditions import Ask, Asked, Condition, Known, Truth
from bot.domain.makers import Behind
from bot.domain.policy import DECIDERS, Band, ClearRule, Policy
from bot.domain.terms import Basis, Cited, Terms
from bot.domain.violation import Severity, graver

NOBODY = Behind()
OWN_RULE = "whoever answers for this rule made the change, and nobody's own rule clears that"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one policy answers: what clears it, if anything does, and else on which terms people do.

    `band` is the one that it fell into, where no rule clears it before; `besides` are the policies
    that it breaks besides. `conditions` are all that were asked, in the order in which they were.
    `doubts` say of what would have cleared it whose own it may be, where nothing does.
    """

    policy: Policy
    cleared_by: ClearRule | Band | None
    band: Band | None
    severity: Severity
    conditions: tuple[Asked, ...]
    besides: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def terms(self, configuration: int | None) -> Terms:
        """On which terms people decide, under the load of the configuration with this number."""
        policy, band = self.policy, self.band
        return Terms(
            severity=self.severity,
            window=band.window if band and band.window else policy.window,
            decide=band.decide if band and band.decide else DECIDERS,
            basis=self.basis(configuration),
        )

    def basis(self, configuration: int | None) -> Basis:
        """What the answer rests on, under the load of the configuration with this number."""
        return Basis(
            file=self.policy.file,
            line=self.policy.line,
            configuration=configuration,
            conditions=self.conditions,
            band=self.band and self.band.id,
            band_line=self.band.line if self.band else 0,
            besides=self.besides,
            doubts=self.doubts,
        )

    def cited(self, each: ClearRule | Band, digest: str) -> Cited:
        """A rule or a band of the policy, as the record cites it."""
        return Cited(id=each.id, file=self.policy.file, line=each.line, digest=digest)


def judged(
    policy: Policy,
    reported: Severity | None,
    ask: Ask,
    now: datetime,
    *,
    before: tuple[Asked, ...] = (),
    may_clear: bool = True,
    behind: Behind = NOBODY,
) -> Judgement:
    """What `policy` answers to a violation that is `reported` with a severity, or with none.

    `ask` answers its conditions for that violation; `before` are those that were asked already.
    `behind` are the humans who made the change.
    """
    asking = _Asking(policy, ask)
    open_to_rules = may_clear and not asking.never_clear()
    rule = asking.rule(now, behind) if open_to_rules else None
    band = None if rule else asking.band(open_to_rules)
    own = band.severity if band and band.severity else policy.severity
    cleared_by = rule or (band if band and band.allow else None)
    return Judgement(
        policy=policy,
        cleared_by=cleared_by,
        band=band,
        severity=graver(own, reported) if reported else own,
        conditions=before + tuple(asking.asked),
        doubts=() if cleared_by else tuple(asking.doubts),
    )


class _Asking:
    """Asks the conditions of one policy, and keeps what was answered and what it came to."""

    def __init__(self, policy: Policy, ask: Ask) -> None:
        self._policy, self._ask = policy, ask
        self.asked: list[Asked] = []
        self.doubts: list[str] = []

    def never_clear(self) -> bool:
        return any(self._answer(each) is not Truth.NO for each in self._policy.never_clear)

    def rule(self, now: datetime, behind: Behind) -> ClearRule | None:
        made_by = behind.names
        for rule in self._policy.auto_clear:
            if rule.until <= now:
                continue
            if rule.owner in made_by:
                if (known := self._ask(rule.when)).value is Truth.YES:
                    # Else it would have cleared nothing anyway, and there is nothing to tell.
                    self.asked.append(asked(self._policy, rule.when, known._replace(why=OWN_RULE)))
            elif self._answer(rule.when) is Truth.YES:
                doubt = behind.doubt(rule.owner)
                if doubt is None:
                    return rule
                self.doubts.append(f"Rule {rule.id} doesn't clear this, since {doubt}.")
        return None

    def band(self, open_to_rules: bool) -> Band | None:
        asking = (band for band in self._policy.bands if open_to_rules or not band.allow)
        return next((band for band in asking if self._holds(band)), None)

    def _holds(self, band: Band) -> bool:
        answer = self._answer(band.when) if band.when else Truth.YES
        return answer is Truth.YES or (answer is Truth.UNKNOWN and not band.allow)

    def _answer(self, condition: Condition) -> Truth:
        known = self._ask(condition)
        self.asked.append(asked(self._policy, condition, known))
        return known.value


def asked(policy: Policy, condition: Condition, known: Known) -> Asked:
    """A condition of a policy as the record has it."""
    place = f"{policy.file}:{condition.line}:{condition.column}"
    return Asked(place=place, text=condition.text, value=known.value, why=known.why)
