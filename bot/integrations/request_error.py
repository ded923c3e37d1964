"""What is wrong with a request, in the one shape that every error has.

Rules
- A field that is wrong is answered with what was found and what is needed, in words of ours.
"""

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

DETAIL_MOST = 20
FOUND_MOST = 200
NUMBER_MOST = 10**15  # thousands of digits are no use to a reader
TEXT_MOST = 60

_KINDS = {dict: "an object", list: "a list", type(None): "nothing"}
_ADDRESS = "need an address such as https://ci.acme.test/218"
_TIME = "need a time with its zone, such as 2026-11-20T09:12:00Z"
_WHOLE = "need a whole number"
# What is needed where pydantic finds something else, by its name for that, with its bounds.
_NEEDS = {
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "need an object"),
    **dict.fromkeys(("list_type", "tuple_type"), "need a list"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "need a number"),
    **dict.fromkeys(
        (
            "datetime_type",
            "datetime_parsing",
            "datetime_from_date_parsing",
            "datetime_object_invalid",
            "timezone_aware",
        ),
        _TIME,
    ),
    **dict.fromkeys(
        (
            "string_pattern_mismatch",
            "url_type",
            "url_parsing",
            "url_scheme",
            "url_syntax_violation",
        ),
        _ADDRESS,
    ),
    "enum": "need {expected}",
    "greater_than_equal": "need at least {ge}",
    "less_than_equal": "need at most {le}",
    "string_type": "need text",
    "string_too_short": "need text",
    "string_too_long": "need at most {max_length} characters",
    "too_long": "need at most {max_length} in it",
    "url_too_long": "need at most {max_length} characters",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One field: its path, what is wrong with it, and what was found there if that is a scalar."""

    path: str
    message: str
    found: str | float | bool | None = None


class RequestError(Exception):
    """An answer other than yes: status, a stable code, words, and the fields it is about."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: tuple[Detail, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = headers or {}

    @property
    def body(self) -> dict[str, Any]:
        """As JSON."""
        shape: dict[str, Any] = {"error": self.code, "message": self.message}
        if self.detail:
            shape["detail"] = [
                {"path": d.path, "message": d.message, "found": d.found} for d in self.detail
            ]
        return shape


def malformed(message: str) -> RequestError:
    """400: no such thing can be read."""
    return RequestError(400, "malformed", message)


def invalid(*detail: Detail) -> RequestError:
    """422: it can be read, and does not say what is needed."""
    message = "; ".join(f"{d.path}: {d.message}" for d in detail[:3])
    return RequestError(422, "invalid", message, detail)


def details(error: ValidationError, prefix: str = "") -> tuple[Detail, ...]:
    """The first of what pydantic found; each path starts with `prefix`."""
    return tuple(detail(found, prefix) for found in islice(error.errors(), DETAIL_MOST))


def detail(error: ErrorDetails, prefix: str = "", message: str | None = None) -> Detail:
    """One finding; `message` where ours says it better."""
    path = prefix + ".".join(str(part)[:FOUND_MOST] for part in error["loc"])
    said = message or _said(error)
    missing = error["type"] == "missing"  # its input is what it is missing from
    return Detail(path.rstrip(".") or "body", said, None if missing else shown(error["input"]))


def as_found(value: object) -> str:
    """What stands there, in words that a message begins with."""
    if kind := _KINDS.get(type(value)):
        return f"found {kind}"
    text = json.dumps(value) if isinstance(value, (bool, float)) else repr(value)
    return f"found {text if len(text) <= TEXT_MOST else f'{text[:TEXT_MOST]}…'}"


def _said(error: ErrorDetails) -> str:
    """What was found and what is needed; pydantic's own words for what it can't find here."""
    need = _NEEDS.get(error["type"])
    if need is None:
        return error["msg"].removeprefix("Value error, ")
    return f"{as_found(error['input'])}, {need.format_map(error.get('ctx', {}))}"


def shown(value: object) -> str | float | bool | None:
    """What an answer may repeat of a value."""
    if isinstance(value, str):
        return value[:FOUND_MOST]
    return value if isinstance(value, (int, float)) and abs(value) < NUMBER_MOST else None


def no_token(message: str) -> RequestError:
    """401: no token is shown that opens this."""
    return RequestError(401, "unauthorized", message, headers={"WWW-Authenticate": "Bearer"})


def other_repository(message: str) -> RequestError:
    """403: the token that is shown is for other repositories."""
    return RequestError(403, "other_repository", message)


def unsigned(message: str) -> RequestError:
    """401: it is not proved who sent it."""
    return RequestError(401, "unauthorized", message)
