"""The shape of `policies.yaml`: what a policy's keys may hold, and what they hold by default."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from bot.domain.conditions import FactType
from bot.domain.policy import (
    LADDER,
    LadderStep,
    Need,
    OnExpiry,
    OverrideRule,
    Policy,
    ReasonRule,
    Roster,
    StormRule,
    UnknownInitiator,
)
from bot.domain.value import Value
from bot.domain.violation import Severity
from bot.policies.beforehand_file import (
    ID,
    ID_NEEDED,
    SCOPES_NEEDED,
    BandEntry,
    ClearRuleEntry,
    Conditions,
    ConditionText,
    Scope,
)
from bot.policies.written import Duration, StepEntry, once_each
from bot.yaml.problems import Place
from bot.yaml.shape import OneOrList

MAX_JUSTIFICATION = 3000  # what one input of a Slack modal can hold
MAX_ROOMS = 1_000_000
_DEFAULT = OverrideRule()
_STORM = StormRule()
_REASONS = ReasonRule()


def _role(value: object) -> object:
    return {"from": value} if isinstance(value, str | list) else value


def _written(value: object) -> object:
    if value is None:
        raise ValueError(f"found nothing, need {NEEDS}")
    return value


NEEDS = "optional or required"
Names = Annotated[list[str], OneOrList]
Needed = Annotated[Need | None, BeforeValidator(_written, json_schema_input_type=Need)]
RiskClass = Annotated[str, Field(pattern=ID, description=f"a word: {ID_NEEDED.split(', such')[0]}")]
HOLDER = "a person, a group or a Slack user group (S…), or a list of them"


class RoleEntry(Value):
    """Who holds a role: names, not yet looked up."""

    source: Names = Field(alias="from", min_length=1, description=HOLDER)
    backup: Names = Field(default=[], description=HOLDER)


_Holders = BeforeValidator(_role, json_schema_input_type=RoleEntry | str | list[str])


class RolesEntry(Value):
    """The two roles that decide."""

    validator: Annotated[RoleEntry, _Holders] = Field(description=HOLDER)
    adjudicator: Annotated[RoleEntry, _Holders] = Field(description=HOLDER)


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
    ladder: Annotated[tuple[StepEntry, ...], AfterValidator(once_each)] = Field(
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
    risk_class: RiskClass | None = None
    scopes: tuple[Scope, ...] = Field(default=(), description=f"a list of {SCOPES_NEEDED}")
    holds: Duration = Policy.model_fields["holds"].default
    varying: Names = Field(default=[], description="a list of names of facts")

    @property
    def steps(self) -> tuple[LadderStep, ...]:
        """The ladder in the order of time."""
        return tuple(step.step for step in self.ladder)


class FileDefaults(Defaults):
    """What stands under `defaults`: of all policies, too, which risk classes are the high ones.

    And for how long personal values of each are kept after a decision.
    """

    high_risk: Annotated[list[RiskClass], OneOrList] = Field(
        default=[], description="a list of risk classes"
    )
    retention: dict[RiskClass, Duration] = Field(
        default={}, description="risk classes, each with a duration such as 730d"
    )


class PolicyEntry(Defaults):
    """One policy, people not yet looked up and conditions not yet compiled."""

    id: str = Field(
        pattern=ID,
        description="at most 60 of a-z, 0-9 and -, such as pii-fine-tuning",
    )
    title: str = Field(min_length=1, max_length=150, description="a text of 1 to 150 characters")
    description: str = Field(
        min_length=1, max_length=1000, description="a text of 1 to 1000 characters"
    )
    roles: RolesEntry
    facts: dict[str, FactType] = Field(
        default={}, description=f"names of facts, each with one of {', '.join(FactType)}"
    )
    when: ConditionText | None = None
    never_clear: Conditions = Field(default=[], description="a condition, or a list of them")
    auto_clear: list[ClearRuleEntry] = Field(default=[], description="a list of rules")
    bands: list[BandEntry] = Field(default=[], description="a list of bands")

    def policy(
        self, validator: Roster, adjudicator: Roster, place: Place, beforehand: Mapping[str, Any]
    ) -> Policy:
        """The policy that this entry describes; `place` is where in the files it stands.

        `beforehand` are its fields that have conditions, compiled.
        """
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
            risk_class=self.risk_class,
            facts=self.facts,
            holds=self.holds,
            varying=tuple(self.varying),
            **beforehand,
        )


class PoliciesFile(Value):
    """The file; each part is looked at by itself, so that one wrong part hides no other."""

    defaults: object = {}
    policies: list[object] = Field(min_length=1, description="a list of policies")
