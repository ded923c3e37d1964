"""The refusals of the local Slack, each with the name Slack gives it."""

from typing import Any

_OK = 200


class SlackError(Exception):
    """Slack says no: `error` is Slack's name for the reason, `extra` what it adds to that."""

    def __init__(self, error: str, **extra: Any) -> None:  # noqa: ANN401 - part of a JSON answer
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"ok": False, "error": self.error, **self.extra}


class RateLimitedError(SlackError):
    """Too many calls: HTTP 429, and `retry_after` whole seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class RefusedError(SlackError):
    """The local Slack refuses what a person tried; `reason` says why, for a reader."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(error, reason=reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.error}: {self.reason}"


class ConfigError(Exception):
    """A file that can't be used; the message names the file and the key."""


def invalid_arguments(*messages: str) -> SlackError:
    """Slack's answer to arguments that fit no schema: each message names one of them."""
    return SlackError("invalid_arguments", response_metadata={"messages": list(messages)})


def error_of(status: int, body: object) -> str | None:
    """The error in an answer of Slack's or the bot's; its status where it names none."""
    said = body if isinstance(body, dict) else {}
    if said.get("ok", status == _OK):
        return None
    return str(said.get("error") or status)
