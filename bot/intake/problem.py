"""What is wrong with a request, in the one shape that every error has."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Detail:
    """One field: its path, what is wrong with it."""

    path: str
    message: str


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
            shape["detail"] = [{"path": d.path, "message": d.message} for d in self.detail]
        return shape


def malformed(message: str) -> RequestError:
    """400: no such thing can be read."""
    return RequestError(400, "malformed", message)


def invalid(*detail: Detail) -> RequestError:
    """422: it can be read, and does not say what is needed."""
    message = "; ".join(f"{d.path}: {d.message}" for d in detail[:3])
    return RequestError(422, "invalid", message, detail)


def unsigned(message: str) -> RequestError:
    """401: it is not proved who sent it."""
    return RequestError(401, "unauthorized", message)
