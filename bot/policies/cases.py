"""Cases: violations with what the policies have to answer to them, from `cases/*.yaml`.

Rules
- What stands in `expect` is compared, and what doesn't isn't.
- Where a violation breaks several policies, all but `policies` and `verdict` is of one answer: that
  of `policy`, or else the gravest.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from bot.domain import duration
from bot.domain.policy import Band, ClearRule
from bot.domain.value import Value
from bot.domain.violation import Severity
from bot.policies.matching import Trial
from bot.policies.trial import on_duty
from bot.policies.written import MOMENT_WRITTEN, Duration
from bot.yaml.problems import shown
from bot.yaml.shape import OneOrList

ROOM, AUTO_CLEARED, REFUSED = "room", "auto_cleared", "refused"
NOTHING = "none"
_TIME = "a time with its zone, such as 2026-11-27T22:30:00Z"


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"found {shown(value)}, need {_TIME}") from error
    if moment.tzinfo is None:
        raise ValueError(f"found {shown(value)}, need {_TIME}")
    return moment


Names = Annotated[list[str], OneOrList]


class ExpectedRoles(Value):
    """Who has to be on duty; a Slack user group by its id."""

    validator: Names = Field(default=[], description="a list of people")
    adjudicator: Names = Field(default=[], description="a list of people")


class Expected(Value):
    """What the answer has to be; `null` for a band or a rule: none."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    policy: str | None = Field(default=None, description="the id of a policy")
    policies: Names = Field(default=[], description="the ids of all policies that it breaks")
    band: str | None = Field(default=None, description="a band's id, or null")
    rule: str | None = Field(default=None, description="a rule's or an allowing band's id, or null")
    outcome: str = Field(
        default=ROOM,
        pattern=f"^({ROOM}|{AUTO_CLEARED}|{REFUSED})$",
        description=f"{ROOM}, {AUTO_CLEARED} or {REFUSED}",
    )
    verdict: str = Field(
        default="pending", pattern="^(pending|allow)$", description="pending or allow"
    )
    roles: ExpectedRoles = ExpectedRoles()
    severity: Severity | None = None
    window: Duration | None = None

    @model_validator(mode="after")
    def _something(self) -> "Expected":
        if not self.model_fields_set:
            raise ValueError(f"found nothing, need one of {', '.join(type(self).model_fields)}")
        return self


class CaseEntry(Value):
    """One violation at one time; its initiator and its title may be left out of the body."""

    name: str = Field(min_length=1, max_length=200, description="a text of 1 to 200 characters")
    now: Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=MOMENT_WRITTEN)]
    source: str = Field(default="violations", description="the name of the secret that signed it")
    violation: dict[str, Any] = Field(description="a body as the webhook takes it")
    expect: Expected

    @property
    def body(self) -> dict[str, Any]:
        """The whole body."""
        return {"title": self.name, "initiator": {"name": "somebody"}, **self.violation}


class CasesFile(Value):
    """A file of cases."""

    cases: list[CaseEntry] = Field(min_length=1, description="a list of cases")


class Difference(NamedTuple):
    """Where an answer isn't as expected: at which key of `expect`, and the words of both."""

    key: str
    expected: str
    found: str


def differences(expected: Expected, trial: Trial | None) -> Iterator[Difference]:
    """How an answer differs from what is expected; None is the answer of what is refused."""
    answer: dict[str, Any] = {"outcome": REFUSED, "policies": ()}
    if trial:
        answer = _answer(expected, trial)
    for key in type(expected).model_fields:
        if key not in expected.model_fields_set:
            continue
        wanted, got = getattr(expected, key), answer.get(key)
        if key == "policies":
            wanted = tuple(sorted(wanted))
        elif key == "roles":
            wanted = {
                role: tuple(getattr(wanted, role)) for role in sorted(wanted.model_fields_set)
            }
            got = {role: (got or {}).get(role, ()) for role in wanted}
        if wanted != got:
            yield Difference(key, _words(wanted), _words(got))


def _answer(expected: Expected, trial: Trial) -> dict[str, Any]:
    by_policy = {each.policy.id: each for each in trial.judgements}
    judgement = by_policy.get(expected.policy or "", trial.gravest)
    cleared_by = judgement.cleared_by
    people = cleared_by is None
    return {
        "policy": judgement.policy.id,
        "policies": tuple(sorted(by_policy)),
        "band": judgement.band.id if judgement.band and _asked(cleared_by) else None,
        "rule": cleared_by.id if cleared_by else None,
        "outcome": ROOM if people else AUTO_CLEARED,
        "verdict": trial.verdict.value,
        "roles": on_duty(judgement, trial.behind.names),
        "severity": judgement.severity,
        "window": judgement.terms(None).window if people else None,
    }


def _asked(cleared_by: ClearRule | Band | None) -> bool:
    """Whether the bands count: a rule comes before them."""
    return not isinstance(cleared_by, ClearRule)


def _words(value: object) -> str:
    """A value as it would be written in `expect`."""
    if isinstance(value, dict):
        return ", ".join(f"{role}: {_words(names)}" for role, names in value.items())
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return duration.text(value) if isinstance(value, timedelta) else str(value or NOTHING)
