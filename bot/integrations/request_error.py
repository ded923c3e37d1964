"""What is wrong with a request, in the one shape that every error has."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

DETAIL_MOST = 20
FOUND_MOST = 200
NUMBER_MOST = 10**15  # thousands of digits are no use to a reader


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
    """The first of what pydantic found, in its words; each path starts with `prefix`."""
    return tuple(detail(found, prefix) for found in islice(error.errors(), DETAIL_MOST))


def detail(error: ErrorDetails, prefix: str = "", message: str | None = None) -> Detail:
    """One finding; `message` where ours says it better."""
    path = prefix + ".".join(str(part)[:FOUND_MOST] for part in error["loc"])
    said = message or error["msg"].removeprefix("Value error, ")
    missing = error["type"] == "missing"  # its input is what it is missing from
    return Detail(path.rstrip(".") or "body", said, None if missing else shown(error["input"]))


def shown(value: object) -> str | float | bool | None:
    """What an answer may repeat of a value."""
    if isinstance(value, str):
        return value[:FOUND_MOST]
    return value if isinstance(value, (int, float)) and abs(value) < NUMBER_MOST else None


def unsigned(message: str) -> RequestError:
    """401: it is not proved who sent it."""
    return RequestError(401, "unauthorized", message)
