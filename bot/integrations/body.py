"""From bytes to a report: JSON that means one thing, and fields that are checked by name."""

import json
import math
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.domain import identity
from bot.domain.clean_text import UNSTORABLE
from bot.domain.value import Value
from bot.domain.violation import Code, Initiator, Origin, Report, Subject
from bot.integrations.request_error import (
    DETAIL_MOST,
    Detail,
    as_found,
    detail,
    invalid,
    malformed,
)
from bot.policies.matching import Nearest

DEPTH_MOST = 32
AHEAD_MOST = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before that it is a clock that was never set
_FIELDS: dict[str, type[Value]] = {
    "initiator": Initiator,
    "contributors": Initiator,
    "subject": Subject,
    "origin": Origin,
    "origin.code": Code,
}


def parse(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """The JSON in `body`; RequestError for what two readers could read differently."""
    try:
        text = body.decode("utf-8")
        data = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise malformed(f"the body is not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise malformed(f"the body is nested deeper than {DEPTH_MOST} levels") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise malformed(f"the body is not JSON: {error.msg} at {place}") from error
    except ValueError as error:
        raise malformed(f"the body is not JSON: {error}") from error
    _check(data, "", 0)
    return data


def report(data: object, now: datetime, prefix: str = "") -> Report:
    """The report in `data`, which stands at `prefix` in the body.

    RequestError with the path of each field that is wrong. Whether the policy that it names is
    loaded is for whoever asks the policies to say: the report may have come before.
    """
    if not isinstance(data, dict):
        raise malformed(f"a violation is a JSON object, not {type(data).__name__}")
    try:
        found = Report.model_validate(data, extra="forbid")
    except ValidationError as error:
        wrong = (_detail(each, prefix) for each in error.errors(include_url=False)[:DETAIL_MOST])
        raise invalid(*wrong) from error
    detected, path = found.detected_at, f"{prefix}detected_at"
    if detected and detected > now + AHEAD_MOST:
        raise invalid(Detail(path, "lies in the future", detected.isoformat()))
    if detected and detected < EARLIEST:
        raise invalid(Detail(path, f"lies before {EARLIEST.year}", detected.isoformat()))
    return found


def unmatched(
    path: str, named: str | None, nearest: Nearest | None, policies: Collection[str]
) -> Detail:
    """What is wrong with a violation that breaks none of `policies`, told at `path` in its body."""
    if named is None:
        return Detail(path, _no_answer(nearest))
    known = ", ".join(sorted(policies))
    return Detail(path, f"no policy {named!r}.{_near(named, policies)} Known: {known}", named)


def _no_answer(nearest: Nearest | None) -> str:
    message = "is needed: no policy's `when` says yes to this violation"
    if nearest is None:
        return f"{message}, and none is loaded that has one"
    missing = "; ".join(
        f"`{each.text}` ({each.place}) is {each.why or each.value}" for each in nearest.missing
    )
    held = f"{nearest.held} of {nearest.parts} parts of it hold"
    return f"{message}. Nearest is that of {nearest.policy!r}, {held}; {missing}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _ in pairs)
        twice = next(key for key in found if times[key] > 1)
        raise ValueError(f"the key {twice[:100]!r} stands in it twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:100]} is too large a number")
    return number


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEPTH_MOST:
        raise malformed(f"the body is nested deeper than {DEPTH_MOST} levels")
    if isinstance(value, str):
        _storable(value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _storable(key, path or "body")
            _check(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check(inner, f"{path}.{number}", depth + 1)


def _storable(text: str, path: str) -> None:
    if UNSTORABLE.search(text):
        raise invalid(Detail(path, "has a character that can't be stored (NUL or half a pair)"))


def _detail(error: ErrorDetails, prefix: str) -> Detail:
    if error["type"] == "extra_forbidden":
        inside = [str(part) for part in error["loc"][:-1] if not isinstance(part, int)]
        model = _FIELDS.get(".".join(inside), Report)
        near = _near(str(error["loc"][-1]), model.model_fields)
        return detail(error, prefix, f"unknown field.{near}")
    if error["type"] == "missing":
        return detail(error, prefix, "is needed")
    if error["type"] == "model_type":
        at = [str(part) for part in error["loc"] if not isinstance(part, int)]
        fields = _FIELDS[".".join(at)].model_fields
        need = f"need an object with one or more of {', '.join(fields)}"
        return detail(error, prefix, f"{as_found(error['input'])}, {need}")
    field, *inside = map(str, error["loc"] or [""])
    if inside and _FIELDS.get(field) is Initiator and inside[-1] in identity.NEED:
        ours = error["type"] == "value_error"  # which says it by itself
        need = f"{as_found(error['input'])}, {identity.NEED[inside[-1]]}"
        return detail(error, prefix, None if ours else need)
    return detail(error, prefix)


def _near(found: str, known: Collection[str]) -> str:
    near = get_close_matches(found, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
