"""Replays what was cleared without anybody being asked: the rule is there, and it says yes.

Rules
- The rule or band is looked up in the policy that is cited by its digest.
- It stands in the policy's file. In which line can't be shown: no document has the places.
- Its owner and its reason are the rule's, and its owner isn't whom the report names.
- It is asked anew, at its time. A rule before it that could have cleared the violation too but was
  its maker's own isn't asked: who made it isn't in the event.
"""

from collections.abc import Iterator

from bot.domain.aggregate import Recorded
from bot.domain.answering import judged as answered
from bot.domain.clearance import CLEARED, AutoCleared, stream_id
from bot.domain.policy import Band, ClearRule, Policy
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged, reported
from bot.policies.matching import in_room


def faults(judged: Judged) -> Iterator[Found]:
    """What is wrong with a clearance."""
    event = judged.recorded.event
    if not isinstance(event, AutoCleared):
        return
    if judged.recorded.seq != 1:
        yield Found(Kind.SECOND_DECISION, "it was cleared before")
    if judged.recorded.state != CLEARED:
        yield Found(Kind.TRANSITION, f"it doesn't lead to {judged.recorded.state}")
    if stream_id(event.violation.id, event.policy_id) != judged.stream_id:
        yield Found(Kind.TRANSITION, f"it clears {event.violation.id} under {event.policy_id}")
    rules = judged.rules(event.rule.digest)
    if rules is None or rules.policy.id != event.policy_id:
        what = f"its policy {event.policy_id}, {event.rule.digest}, is no document of the export"
        yield Found(Kind.CITED, what)
        return
    in_band = event.basis.band == event.rule.id
    rule = _rule(rules.policy, event.rule.id, in_band=in_band)
    if rule is None:
        yield Found(Kind.CITED, f"its policy has no rule {event.rule.id}")
        return
    if event.rule.file != event.basis.file:
        yield Found(Kind.CITED, f"its rule is cited in another file than {event.basis.file}")
    if in_band and event.rule.line != event.basis.band_line:
        yield Found(Kind.CITED, f"its band is cited in another line than {event.basis.band_line}")
    yield from _unlike(judged.recorded, event, rule)
    of_rules = (rule,) if isinstance(rule, ClearRule) else ()
    policy = rules.policy.but(auto_clear=of_rules)
    _, ask = in_room(policy, event.violation)
    again = answered(policy, event.violation.report.severity, ask, judged.recorded.at)
    if again.cleared_by != rule:
        yield Found(Kind.RULE, f"the rule {rule.id} doesn't clear this violation", True)


def _unlike(
    recorded: Recorded[AutoCleared], event: AutoCleared, rule: ClearRule | Band
) -> Iterator[Found]:
    """What isn't as its rule says; and that whoever answers for the rule made the change."""
    owner = rule.owner if isinstance(rule, ClearRule) else None
    if (event.owner, event.reason) != (owner, rule.reason):
        yield Found(Kind.RULE, f"the rule {rule.id} has another owner or reason", True)
    if own := reported(event.violation.report, recorded.met):
        yield Found(Kind.OWN_VIOLATION, f"it is {own[0]}'s own rule", True)


def _rule(policy: Policy, rule_id: str, *, in_band: bool) -> ClearRule | Band | None:
    if in_band:
        band = policy.band(rule_id)
        return band if band and band.allow else None
    return next((rule for rule in policy.auto_clear if rule.id == rule_id), None)
