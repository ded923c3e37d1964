"""Calls to a running bot, with its errors told apart by exit code."""

from typing import Any

import httpx

from bot.errors import UnreachableError, UsageError

TIMEOUT_SECONDS = 10.0
BUSY = (429, 503)


def call(method: str, url: str, *, timeout: float = TIMEOUT_SECONDS, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own arguments
    """The bot's answer. UnreachableError where it doesn't answer, UsageError where it refuses."""
    try:
        answer = httpx.request(method, url, timeout=timeout, **more)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise UsageError(f"{url} is no address; one starts with http:// or https://") from error
    except httpx.HTTPError as error:
        hint = "does `warroom serve` run there?"
        raise UnreachableError(f"{url} can't be reached ({error}); {hint}") from error
    try:
        body = answer.json()
    except ValueError as error:
        raise UnreachableError(f"{url} answered {answer.status_code}, and no JSON") from error
    if answer.status_code in BUSY:
        raise UnreachableError(f"{url} answered {answer.status_code}: {body.get('message', body)}")
    if answer.is_error:
        said = body
        if isinstance(body, dict):
            said = body.get("message", body)
            if isinstance(detail := body.get("detail"), list):
                lines = (f"\n  {item.get('path')}: {item.get('message')}" for item in detail)
                said = "".join(lines)
        raise UsageError(f"{url} answered {answer.status_code}: {said}")
    return dict(body)
