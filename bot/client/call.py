"""Calls to a running bot, with its errors told apart by exit code.

Rules
- Only the standard library: a pipeline needs nothing else.
- What is sent goes to the address that was named, and no further: no redirect is followed.
- Certificates are verified; a proxy is what the environment names.
- Who answers when to come again is believed: the error says it, as `after`.
"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, InvalidURL
from typing import Any

from bot.errors import UnreachableError, UsageError

TIMEOUT_SECONDS = 10.0
TOO_MANY, REFUSED, FAILED = 429, 400, 500
DIGITS_MOST = 6  # of a wait in seconds; a date, which the bot never says, is nobody's here
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
NONE: Mapping[str, str] = {}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever answers with another address gets no second request."""

    def redirect_request(self, *_: object) -> None:
        """No request."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def call(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] = NONE,
    timeout: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """The bot's answer. UnreachableError where it can't give one, UsageError where it refuses."""
    if not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"{url} is no address; one starts with http:// or https://")
    request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - see above
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return _read(url, answer.status, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            status, content, after = error.code, _rest(error), error.headers.get("Retry-After", "")
    except (InvalidURL, ValueError) as error:
        raise UsageError(f"{url} is no address: {error}") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        hint = "does `warroom serve` run there?"
        raise UnreachableError(f"{url} can't be reached ({reason}); {hint}") from error
    try:
        return _read(url, status, content)
    except UnreachableError as error:
        error.after = float(after[:DIGITS_MOST]) if _DIGITS.fullmatch(after) else 0.0
        raise


def _rest(error: urllib.error.HTTPError) -> bytes:
    """The body of a refusal; nothing where the connection broke in it."""
    try:
        return error.read()
    except (OSError, HTTPException):
        return b""


def _read(url: str, status: int, content: bytes) -> dict[str, Any]:
    """What is in an answer. UnreachableError, UsageError."""
    if 300 <= status < REFUSED:  # noqa: PLR2004 - a redirect, by its hundred
        need = "need the address itself: a token is shown to no other"
        raise UsageError(f"{url} leads elsewhere ({status}), {need}")
    try:
        said = json.loads(content)
    except ValueError as error:
        raise UnreachableError(f"{url} answered {status}, and no JSON") from error
    if not isinstance(said, dict):
        raise UnreachableError(f"{url} answered {status}, and no object")
    message = said.get("message", said)
    if status == TOO_MANY or status >= FAILED:
        raise UnreachableError(f"{url} answered {status}: {message}")
    if status >= REFUSED:
        if isinstance(detail := said.get("detail"), list):
            lines = (f"\n  {item.get('path')}: {item.get('message')}" for item in detail)
            message = "".join(lines)
        raise UsageError(f"{url} answered {status}: {message}")
    return said
