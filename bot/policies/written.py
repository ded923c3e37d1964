"""How single values are written in `policies.yaml`: durations, shares, days, steps of a ladder."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.domain import duration
from bot.domain.policy import LadderStep, Rung
from bot.domain.value import Value
from bot.yaml.problems import shown

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_END = "a day such as 2027-06-30, or a time such as 2027-06-30T12:00:00Z"


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError(f"found {shown(value)}, need {duration.NEEDED}")  # noqa: TRY004 - pydantic reports ValueError only
    return duration.parse(value)


def _share(value: object) -> float | None:
    match = _SHARE.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) / 100 if match else None


def _part(value: object) -> float:
    share = _share(value)
    if share is None or not 0 < share < 1:
        raise ValueError(f"found {shown(value)}, need a share above 0% and below 100%, such as 25%")
    return share


def _sample(value: object) -> float:
    share = _share(value)
    if share is None or share > 1:
        raise ValueError(f"found {shown(value)}, need a share from 0% to 100%, such as 2%")
    return share


def end(value: object) -> datetime:
    """The end that a day or a time means. ValueError for what is none."""
    if not isinstance(value, str):
        raise ValueError(f"found {shown(value)}, need {_END}")  # noqa: TRY004 - pydantic reports ValueError only
    try:
        moment = datetime.fromisoformat(value)
        if _DAY.fullmatch(value):
            return datetime.combine(moment.date(), time(), UTC) + timedelta(days=1)
        if moment.tzinfo:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"found {shown(value)}, need {_END}") from error
    raise ValueError(f"found {shown(value)} without a time zone, need {_END}")


def _as(pattern: str) -> object:
    """How a value is written, for the schemas."""
    return Annotated[str, Field(pattern=f"^{pattern}$")]


_SHARE_WRITTEN = _as(_SHARE.pattern)
Duration = Annotated[
    timedelta,
    BeforeValidator(
        _duration, json_schema_input_type=_as(r"\s*(?!0+\s*[smhd])[0-9]{1,6}\s*[smhd]\s*")
    ),
]
Sample = Annotated[float, BeforeValidator(_sample, json_schema_input_type=_SHARE_WRITTEN)]
_TIME = r"[T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})"
MOMENT_WRITTEN = _as(_DAY.pattern + _TIME)
# A day means until its end, in UTC.
End = Annotated[
    datetime, BeforeValidator(end, json_schema_input_type=_as(f"{_DAY.pattern}({_TIME})?"))
]


class StepEntry(Value):
    """A step of the ladder."""

    at: Annotated[float, BeforeValidator(_part, json_schema_input_type=_SHARE_WRITTEN)]
    do: Rung

    @property
    def step(self) -> LadderStep:
        """The step that it describes."""
        return LadderStep(at=self.at, do=self.do)


def once_each(ladder: tuple[StepEntry, ...]) -> tuple[StepEntry, ...]:
    """A ladder in the order of time; ValueError where a step stands in it twice."""
    seen: set[tuple[float, Rung]] = set()
    for step in ladder:
        if (step.at, step.do) in seen:
            raise ValueError(f"found {step.do} at {step.at:.4g} of the window twice, need once")
        seen.add((step.at, step.do))
    return tuple(sorted(ladder, key=lambda step: step.at))
