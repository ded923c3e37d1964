"""What a policy answers to a violation, with all that this rests on: before it comes, and after.

Rules
- What has come is told from the record and judged no second time: the policy as it was kept, and
  its conditions as they answered then.
- Of several answers the gravest is told first: what blocks before what is open, that before what
  allows, and of those alike as everywhere by severity, time and id.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import duration
from bot.domain.answering import OWN_RULE, Judgement
from bot.domain.answers import Answered
from bot.domain.assignments import Assignments, assigned
from bot.domain.conditions import Asked, Truth
from bot.domain.exception import PolicyException
from bot.domain.policy import DECIDERS, ClearRule, Policy, Role
from bot.domain.terms import Basis, Terms
from bot.domain.violation import Severity
from bot.domain.war_room import State, Verdict
from bot.engine import verdict_json
from bot.engine.verdict_json import AUTO_CLEARED
from bot.engine.waiving import Waiver
from bot.policies.origins import Origin, origins
from bot.yaml.reader import YamlFile

_WORST_FIRST = (Verdict.BLOCK, Verdict.PENDING, Verdict.ALLOW)
_TIME = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One policy's answer, which `said` tells in a sentence, and what it rests on.

    `roles` are those who are asked; `configuration` is the number of the load that it stood in.
    Rule and exception are as a verdict has them, and `doubts` as the answer's basis has them.
    """

    policy: Policy
    digest: str
    said: str
    verdict: Verdict
    outcome: str | None
    band: str | None
    rule: dict[str, Any] | None
    exception: dict[str, Any] | None
    roles: Assignments
    conditions: tuple[Asked, ...]
    defaults: tuple[Origin, ...]
    severity: Severity
    window: timedelta
    configuration: int | None = None
    doubts: tuple[str, ...] = ()

    def paged(self, role: Role) -> tuple[str, ...]:
        """Who is paged in a role; a Slack user group stands for whom Slack names of it."""
        on_duty = (each.on_duty or each.unknown_group for each in self.roles if each.role == role)
        return tuple(name for name in on_duty if name)

    def others(self, role: Role) -> tuple[str, ...]:
        """Who may decide in a role besides, or is paged later."""
        return tuple(
            name
            for each in self.roles
            for name in (*each.others, *each.backups)
            if each.role == role
        )

    @property
    def gravity(self) -> tuple[int, int, timedelta, str]:
        """What orders explanations, the gravest first."""
        worst = _WORST_FIRST.index(self.verdict) if self.verdict in _WORST_FIRST else 0
        return worst, -self.severity.rank, self.window, self.policy.id


def foreseen(
    judgement: Judgement,
    initiators: Collection[str],
    source: YamlFile,
    now: datetime,
    waiver: Waiver | None,
) -> Explanation:
    """What a policy of `source` would answer at `now` to a violation that these people have made.

    `waiver` is the exception that would allow it, with what it would be told.
    """
    if waiver:
        exception, order = waiver
        policy, digest = judgement.policy, order.policy_digest
        answered = Answered(policy.id, exception=exception)
        told = verdict_json.verdict("", (answered,), now)
        found = recorded(answered, order.basis, policy, digest, source, now)
        how = f"{_waived(exception)}{_until(told)}: {told['reason']}"
        said = f"Would be allowed at once: {how}"
        return replace(found, said=said, severity=order.severity)
    policy, cleared_by, terms = judgement.policy, judgement.cleared_by, judgement.terms(None)
    digest = policy.digest
    cited = judgement.cited(cleared_by, digest) if cleared_by else None
    assignments: Assignments = () if cleared_by else assigned(policy, initiators, terms.decide)
    return Explanation(
        policy=policy,
        digest=digest,
        said=_foretold(judgement, terms, assignments),
        verdict=Verdict.ALLOW if cleared_by else Verdict.PENDING,
        outcome=AUTO_CLEARED if cleared_by else None,
        band=judgement.band.id if judgement.band else None,
        rule=cited.model_dump(include={"id", "file", "line", "digest"}) if cited else None,
        exception=None,
        roles=assignments,
        conditions=judgement.conditions,
        defaults=origins(policy, judgement.band, source),
        severity=terms.severity,
        window=terms.window,
        doubts=judgement.doubts,
    )


def recorded(
    answered: Answered,
    basis: Basis | None,
    policy: Policy,
    digest: str,
    source: YamlFile | None,
    now: datetime,
) -> Explanation:
    """What a policy has answered, as it stands at `now`; `policy` as it was kept under `digest`."""
    room, told = answered.room, verdict_json.verdict("", (answered,), now)
    band = None
    if basis:
        policy = policy.but(file=basis.file, line=basis.line)
        band = policy.band(basis.band)
        band = band.but(line=basis.band_line) if band else None
    return Explanation(
        policy=policy,
        digest=digest,
        said=_told(answered, told),
        verdict=told["verdict"],
        outcome=told["outcome"],
        band=band.id if band else None,
        rule=told.get("rule"),
        exception=told.get("exception"),
        roles=room.assignments if room else (),
        conditions=basis.conditions if basis else (),
        defaults=origins(policy, band, source),
        severity=room.severity if room else policy.severity,
        window=room.window if room else policy.window,
        configuration=basis.configuration if basis else None,
        doubts=basis.doubts if basis else (),
    )


def in_json(explanations: Iterable[Explanation]) -> dict[str, Any]:
    """The gravest of them, and where there are several `answers` with each."""
    in_order = sorted(explanations, key=lambda each: each.gravity)
    matched = sorted(each.policy.id for each in in_order)
    shown = [
        {
            "policy": each.policy.id,
            "matched": matched,
            "band": each.band,
            "outcome": each.outcome,
            "verdict": each.verdict,
            "rule": each.rule,
            "exception": each.exception,
            "roles": {role: list(each.paged(role)) for role in DECIDERS},
            "conditions": [
                asked.model_dump(include={"place", "text", "value", "why"})
                for asked in each.conditions
            ],
            "defaults": [origin._asdict() for origin in each.defaults],
            **({"doubts": list(each.doubts)} if each.doubts else {}),
        }
        for each in in_order
    ]
    return shown[0] if len(shown) == 1 else {**shown[0], "answers": shown}


def _foretold(judgement: Judgement, terms: Terms, assignments: Assignments) -> str:
    policy, by = judgement.policy, judgement.cleared_by
    if isinstance(by, ClearRule):
        answers = f"for which {by.owner} answers until {by.until:{_TIME}}"
        rule = f"rule {by.id} of {policy.id} clears it, {answers}"
        return f"Would be allowed at once: {rule}: {by.reason}"
    if by:
        band = f"it falls into band {by.id} of {policy.id}, on which nobody has to decide"
        return f"Would be allowed at once: {band}: {by.reason}"
    asked = " and ".join(
        f"{each.on_duty or each.unknown_group or 'nobody'} as {each.role}"
        for each in assignments
        if each.role in terms.decide
    )
    within = f"within {duration.words(terms.window)}"
    nobody = f"what nobody decides is {'allowed' if policy.on_expiry == 'allow' else 'blocked'}"
    asks = f"{policy.id} asks {asked} {within}"
    return f"Would wait for people: {asks}, {_because(judgement)}; {nobody}."


def _because(judgement: Judgement) -> str:
    """Why nothing clears it: what forbade that, or what it falls into."""
    policy, conditions = judgement.policy, judgement.conditions
    forbidding = {each.text for each in policy.never_clear}
    for asked in conditions:
        if asked.text in forbidding and asked.value is not Truth.NO:
            return f"since `{asked.text}` ({asked.place}) is {_answer(asked)}, and never clears"
    own = {each.when.text for each in policy.auto_clear}
    own |= {each.when.text for each in policy.bands if each.when}
    for asked in conditions:
        if asked.text not in own | forbidding and asked.value is Truth.UNKNOWN:
            return f"since nothing clears while `{asked.text}` ({asked.place}) is {_answer(asked)}"
    for asked in conditions:
        if asked.why == OWN_RULE:
            return f"since `{asked.text}` ({asked.place}) is yes, but {asked.why}"
    if judgement.band:
        return f"since it falls into band {judgement.band.id}"
    return "since no rule or band of it says otherwise"


def _answer(asked: Asked) -> str:
    return f"not known ({asked.why})" if asked.value is Truth.UNKNOWN else str(asked.value)


def _told(answered: Answered, told: Mapping[str, Any]) -> str:
    room, clearance, exception = answered.room, answered.clearance, answered.exception
    known = exception or room
    if room and not room.decision:
        until = "is open until" if room.state is State.OPEN else "was to be decided by"
        return f"Not decided yet: war room {room.id} {until} {room.expires_at:{_TIME}}."
    verdict, reason = told["verdict"], told["reason"]
    word = "Allowed" if verdict == Verdict.ALLOW else "Blocked"
    if clearance:
        owner = f", for which {clearance.owner} answers" if clearance.owner else ""
        clears = f"{clearance.rule.id} of {answered.policy_id} clears it{owner}"
        return f"{word} at once on {clearance.at:{_TIME}}: {clears}: {reason}"
    if exception:
        word = word if verdict == Verdict.ALLOW else f"{word} again"
        how = _waived(exception)
    elif room and room.decision:
        decision = room.decision
        role = f" as {decision.role}" if decision.role else ""
        outcome = decision.outcome.replace("_", " ")
        how = f"{outcome} by {decision.by}{role} on {decision.at:{_TIME}}"
        ended = verdict != decision.verdict
        word = f"{word} again" if ended else word
    else:
        return f"Only a newer version can read what {answered.policy_id} has answered."
    if known and known.revoked_by:
        return f"{word} since {_moment(told['valid_until'])}: {reason} (before that {how})"
    return f"{word}: {how}{_until(told)}: {reason}"


def _waived(exception: PolicyException) -> str:
    by = f"{exception.allowed_by} as {exception.role} allowed on {exception.allowed_at:{_TIME}}"
    return f"waived by exception {exception.id}, which {by}"


def _until(told: Mapping[str, Any]) -> str:
    ends = told["valid_until"]
    return f", until {_moment(ends)}" if ends else ""


def _moment(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp):{_TIME}}"
