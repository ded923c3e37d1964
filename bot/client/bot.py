"""The bot that a pipeline talks to: where it is, the token it is shown, and what it is asked.

Rules
- Token and address come from one place. A token of the environment is shown to an address of the
  environment, of the command line, or of the bot that this program was fetched from. `.env` is read
  only where the environment has neither, not even an empty one, and no CI runs us: a tree that is
  checked doesn't name the bot that judges it.
- `.env` is taken as it is written: nothing of the environment is put into it.
"""

import json
import os
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.client.call import TIMEOUT_SECONDS, call
from bot.client.ci.systems import around
from bot.errors import UsageError
from bot.signatures import Secret, SignatureError

OWN, OF_ALL, ADDRESS = "WARROOM_GATE_TOKEN", "WARROOM_API_TOKEN", "WARROOM_PUBLIC_URL"
HOME = "home"  # a file beside this one, where a bot has handed it out: that bot's address
BODIES_MOST = 1000
# What CIs set of which nothing more is read: a fork's pull request has no token there.
_IN_A_CI = ("CI", "TF_BUILD", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "AIRFLOW_CTX_DAG_ID")

Body = dict[str, Any]
Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot at `url`. Whatever it is asked raises UnreachableError and UsageError."""

    url: str
    token: str = field(repr=False)

    def report(self, body: Body, key: str) -> Body:
        """What became of a violation; the same `key` again gives the same answer."""
        return self._call("POST", "/gate", body, {"Idempotency-Key": key})

    def answers(self, bodies: Sequence[Body]) -> list[Body]:
        """What each of these violations would get now; nothing is opened."""
        found: list[Body] = []
        for start in range(0, len(bodies), BODIES_MOST):
            asked = {"violations": bodies[start : start + BODIES_MOST]}
            found += self._call("POST", "/answers", asked)["answers"]
        return found

    def verdict(self, violation_id: str, wait: float) -> Body:
        """The gate's answer, after `wait` seconds at the latest."""
        path = f"/gate/{quote(violation_id, safe='')}?wait={wait:g}"
        return self._call("GET", path, timeout=wait + TIMEOUT_SECONDS)

    def _call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        headers: Mapping[str, str] = {},
        timeout: float = TIMEOUT_SECONDS,
    ) -> Body:
        given = {"Authorization": f"Bearer {self.token}", **headers}
        content = None
        if body is not None:
            given["Content-Type"], content = "application/json", json.dumps(body).encode()
        return call(method, self.url + path, body=content, headers=given, timeout=timeout)


def is_named() -> bool:
    """Whether the environment itself names a token, and no file that could be anybody's."""
    return bool(_token(os.environ))


def found(url: str | None = None) -> Bot:
    """The bot of this environment, at `url` where that is given. UsageError for what is missing."""
    values = _values()
    token = _token(values)
    if not token:
        empty = f" ({OWN} is empty)" if OWN in values else ""
        raise UsageError(f"{OWN} is not set{empty}; the gate asks for it")
    address = url or values.get(ADDRESS) or _home() or _listening(values)
    if not address:
        place = "the environment, as the token is, or --url"
        raise UsageError(f"{ADDRESS} is not set: need the bot's address from {place}")
    return Bot(address.rstrip("/"), token)


def _values() -> Values:
    """Where token and address come from: the environment, or else `.env`."""
    if around(os.environ) or {OWN, OF_ALL, ADDRESS, *_IN_A_CI} & os.environ.keys():
        return os.environ
    from dotenv import dotenv_values  # noqa: PLC0415 - no CI waits for it

    return dotenv_values(".env", interpolate=False)


def _token(values: Values) -> str:
    """The gate's own token, the first of several; or else the one that opens everything."""
    own = (values.get(OWN) or "").split()
    try:
        token = Secret.token(own[0]).text if own else (values.get(OF_ALL) or "").strip()
    except SignatureError as error:
        raise UsageError(f"{OWN}: {error}") from error
    if not (token.isascii() and token.isprintable()):
        raise UsageError(f"{OWN if own else OF_ALL}: need printable ASCII characters alone")
    return token


def _home() -> str:
    """The address of the bot that has handed out this program; nothing for one installed."""
    try:
        return (pkgutil.get_data(__package__, HOME) or b"").decode().strip()
    except OSError:
        return ""


def _listening(values: Values) -> str | None:
    """Where a bot with the settings of this `.env` listens; None for the environment."""
    if values is os.environ:
        return None
    return f"http://{values.get('HOST') or '127.0.0.1'}:{values.get('PORT') or 8000}"
