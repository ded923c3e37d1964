"""The shape of what a policy decides beforehand: its rules, bands and scopes, as written."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from bot.domain.policy import DECIDERS, Role, ScopeKind
from bot.domain.value import Value
from bot.domain.violation import Severity
from bot.policies.written import Duration, End, Sample, StepEntry, once_each
from bot.yaml.problems import shown
from bot.yaml.shape import OneOrList

ID = r"^[a-z0-9][a-z0-9-]{0,59}$"
ID_NEEDED = "at most 60 of a-z, 0-9 and -, such as internal-copies"
CONDITION_MOST = 4000
_WORDS = tuple(kind for kind in ScopeKind if kind is not ScopeKind.CONDITION)
SCOPES_NEEDED = f"{', '.join(_WORDS)}, or {{id: …, when: …, words: …}}"


Text = Annotated[str, Field(min_length=1, max_length=300, description="some text, at most 300")]
ConditionText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=CONDITION_MOST,
        description='a condition, such as facts.?to.orValue("") == "internal"',
    ),
]
Id = Annotated[str, Field(pattern=ID, description=ID_NEEDED)]
Conditions = Annotated[list[ConditionText], OneOrList]
_ASKING = ("decide", "severity", "window", "ladder")  # what goes with no `then: allow`
_Decider = Annotated[Role, WithJsonSchema({"enum": list(DECIDERS)})]


class ClearRuleEntry(Value):
    """An approval given beforehand."""

    id: Id
    when: ConditionText
    reason: Text
    owner: str = Field(description="a person of people.yaml")
    until: End
    review_sample: Sample = 0.0


class BandEntry(Value):
    """A range of a violation's facts, with what then."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["then"]},
            "then": {
                "required": ["reason"],
                "not": {"anyOf": [{"required": [key]} for key in _ASKING]},
            },
            "else": {"not": {"required": ["reason"]}},
        }
    )

    id: Id
    when: ConditionText | None = None
    then: str | None = Field(default=None, pattern="^allow$", description="allow, or no `then`")
    reason: Text | None = None
    decide: Annotated[tuple[_Decider, ...] | None, OneOrList] = Field(
        default=None, description="validator, adjudicator or a list of both"
    )
    severity: Severity | None = None
    window: Duration | None = None
    ladder: Annotated[tuple[StepEntry, ...], AfterValidator(once_each)] | None = None

    @model_validator(mode="after")
    def _one_answer(self) -> "BandEntry":
        if self.then is None:
            if self.reason is not None:
                raise ValueError("found a reason beside no `then: allow`, need one only there")
            if self.decide is not None and not set(self.decide) <= {*DECIDERS}:
                raise ValueError("found another role, need validator, adjudicator or both")
            if self.decide == ():
                raise ValueError("found nobody to decide, need validator, adjudicator or both")
            return self
        if self.reason is None:
            raise ValueError("found `then: allow` without a reason, need one: it is on the record")
        for key in _ASKING:
            if getattr(self, key) is not None:
                message = f"found {key} beside `then: allow`, need one of both: nobody decides then"
                raise ValueError(message)
        return self


class ScopeEntry(Value):
    """A scope by a condition of the policy's own."""

    id: Id
    when: ConditionText
    words: Text


def _scope(value: object) -> object:
    if isinstance(value, dict):
        return ScopeEntry.model_validate(value)
    if value not in _WORDS:
        raise ValueError(f"found {shown(value)}, need {SCOPES_NEEDED}")
    return ScopeKind(str(value))


_ScopeWritten = Literal["run", "commit", "version", "environment"] | ScopeEntry
Scope = Annotated[
    ScopeKind | ScopeEntry, BeforeValidator(_scope, json_schema_input_type=_ScopeWritten)
]
