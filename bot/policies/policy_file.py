"""The shape of `policies.yaml`: what a policy's keys may hold, and what they hold by default."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, field_validator

from bot.domain import duration
from bot.domain.policy import (
    LADDER,
    LadderStep,
    Need,
    OnExpiry,
    OverrideRule,
    Policy,
    ReasonRule,
    Roster,
    Rung,
    StormRule,
    UnknownInitiator,
)
from bot.domain.value import Value
from bot.domain.violation import Severity
from bot.yaml.problems import Place, shown
from bot.yaml.shape import OneOrList

POLICY_ID = r"^[a-z0-9][a-z0-9-]{0,59}$"
SHARE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?) ?%")
MAX_JUSTIFICATION = 3000  # what one input of a Slack modal can hold
MAX_ROOMS = 1_000_000
_DEFAULT = OverrideRule()
_STORM = StormRule()
_REASONS = ReasonRule()


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError(f"found {shown(value)}, need {duration.NEEDED}")  # noqa: TRY004 - pydantic reports ValueError only
    return duration.parse(value)


def _share(value: object) -> float:
    match = SHARE.fullmatch(value) if isinstance(value, str) else None
    share = float(match[1]) / 100 if match else 0.0
    if not share:
        raise ValueError(f"found {shown(value)}, need a share above 0% and below 100%, such as 25%")
    return share


def _role(value: object) -> object:
    return {"from": value} if isinstance(value, str | list) else value


def _written(value: object) -> object:
    if value is None:
        raise ValueError(f"found nothing, need {NEEDS}")
    return value


NEEDS = "optional or required"
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Names = Annotated[list[str], OneOrList]
Needed = Annotated[Need | None, BeforeValidator(_written)]
HOLDER = "a person, a group or a Slack user group (S…), or a list of them"


class RoleEntry(Value):
    """Who holds a role: names, not yet looked up."""

    source: Names = Field(alias="from", min_length=1, description=HOLDER)
    backup: Names = Field(default=[], description=HOLDER)


class RolesEntry(Value):
    """The two roles that decide."""

    validator: Annotated[RoleEntry, BeforeValidator(_role)] = Field(description=HOLDER)
    adjudicator: Annotated[RoleEntry, BeforeValidator(_role)] = Field(description=HOLDER)


class StepEntry(Value):
    """A step of the ladder."""

    at: Annotated[float, BeforeValidator(_share)]
    do: Rung


class OverrideEntry(Value):
    """What a decision against the finding needs."""

    min_justification: StrictInt = Field(
        default=_DEFAULT.min_justification,
        ge=1,
        le=MAX_JUSTIFICATION,
        description=f"a number of letters and digits from 1 to {MAX_JUSTIFICATION}",
    )
    max_validity: Duration = _DEFAULT.max_validity


class StormEntry(Value):
    """From when on violations gather in one room."""

    rooms: StrictInt = Field(
        default=_STORM.rooms,
        ge=1,
        le=MAX_ROOMS,
        description=f"a number of rooms from 1 to {MAX_ROOMS}",
    )
    within: Duration = _STORM.within


class ReasonsEntry(Value):
    """Which decisions need a reason besides an override; unset: as the domain has it."""

    approve: Needed = Field(default=None, description=NEEDS)
    dismiss: Needed = Field(default=None, description=NEEDS)
    min_length: StrictInt = Field(
        default=_REASONS.min_length,
        ge=1,
        le=MAX_JUSTIFICATION,
        description=f"a number of letters and digits from 1 to {MAX_JUSTIFICATION}",
    )


class Defaults(Value):
    """What may stand under `defaults`, and at each policy too."""

    window: Duration = timedelta(hours=4)
    severity: Severity = Severity.MEDIUM
    ladder: tuple[StepEntry, ...] = Field(
        default=tuple(StepEntry.model_construct(at=step.at, do=step.do) for step in LADDER),
        description="a list of steps such as {at: 25%, do: remind}",
    )
    on_expiry: OnExpiry = OnExpiry.BLOCK
    override: OverrideEntry = OverrideEntry()
    storm: StormEntry = StormEntry()
    reasons: ReasonsEntry = ReasonsEntry()
    private: StrictBool = True
    archive_after: Duration = Policy.model_fields["archive_after"].default
    unknown_initiator: UnknownInitiator = UnknownInitiator.SECOND_PERSON

    @field_validator("ladder")
    @classmethod
    def _once(cls, ladder: tuple[StepEntry, ...]) -> tuple[StepEntry, ...]:
        seen: set[tuple[float, Rung]] = set()
        for step in ladder:
            if (step.at, step.do) in seen:
                raise ValueError(f"found {step.do} at {step.at:.4g} of the window twice, need once")
            seen.add((step.at, step.do))
        return tuple(sorted(ladder, key=lambda step: step.at))

    @property
    def steps(self) -> tuple[LadderStep, ...]:
        """The ladder in the order of time."""
        return tuple(LadderStep(at=step.at, do=step.do) for step in self.ladder)


class PolicyEntry(Defaults):
    """One policy, people not yet looked up."""

    id: str = Field(
        pattern=POLICY_ID,
        description="at most 60 of a-z, 0-9 and -, such as pii-fine-tuning",
    )
    title: str = Field(min_length=1, max_length=150, description="a text of 1 to 150 characters")
    description: str = Field(
        min_length=1, max_length=1000, description="a text of 1 to 1000 characters"
    )
    roles: RolesEntry

    def policy(self, validator: Roster, adjudicator: Roster, place: Place) -> Policy:
        """The policy that this entry describes; `place` is where in the files it stands."""
        return Policy(
            id=self.id,
            title=self.title,
            description=self.description,
            severity=self.severity,
            validator=validator,
            adjudicator=adjudicator,
            window=self.window,
            ladder=self.steps,
            on_expiry=self.on_expiry,
            override=OverrideRule(**self.override.model_dump()),
            storm=StormRule(**self.storm.model_dump()),
            private=self.private,
            archive_after=self.archive_after,
            file=place.file,
            line=place.line,
            unknown_initiator=self.unknown_initiator,
            reasons=ReasonRule(**self.reasons.model_dump()),
        )


class PoliciesFile(Value):
    """The file; each part is looked at by itself, so that one wrong part hides no other."""

    defaults: object = {}
    policies: list[object] = Field(min_length=1, description="a list of policies")
