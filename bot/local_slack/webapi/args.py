"""The arguments of a call, however they came: query, form and JSON body merged.

Rules
- A method that takes no JSON has seen nothing of a JSON body; the call's log shows it all the same.
- A boolean is true as `true`, `1` or `"true"`.
- Blocks, views, metadata may be JSON values or texts that hold JSON.
- A list of ids is a JSON array or a text with commas.
- Texts can be encoded: half a surrogate pair is replaced.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.local_slack.slack_errors import SlackError
from bot.local_wire.untrusted_json import parsed, whole

_TRUE = frozenset({"true", "1", "True"})


class Args:
    """The arguments of one call."""

    def __init__(
        self, given: Mapping[str, object], unseen: Mapping[str, object] | None = None
    ) -> None:
        self._given = {name: value for name, value in given.items() if value is not None}
        self.unseen = {name: value for name, value in (unseen or {}).items() if name != "token"}

    def shown(self) -> dict[str, Any]:
        """All that was sent but the token, for the log."""
        given = {name: value for name, value in self._given.items() if name != "token"}
        return self.unseen | given

    def has(self, name: str) -> bool:
        """Whether a value was given that is not empty."""
        return self._given.get(name) not in (None, "", [])

    def given(self, name: str) -> bool:
        """Whether the argument was given at all, empty or not."""
        return name in self._given

    def text(self, name: str, default: str = "") -> str:
        """A text; a number is taken as its digits."""
        value = self._given.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def optional(self, name: str) -> str | None:
        """A text, or None when nothing was given."""
        return self.text(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """A boolean."""
        value = self._given.get(name)
        return value is True or value == 1 or str(value) in _TRUE

    def number(self, name: str, default: int, error: str = "invalid_limit") -> int:
        """A whole number; `error` names the refusal of anything else."""
        try:
            return int(self.text(name)) if self.has(name) else default
        except ValueError:
            raise SlackError(error) from None

    def json(self, name: str, error: str = "invalid_arguments") -> object:
        """A JSON value, given as one or as a text; `error` names the refusal of other texts."""
        value = self._given.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return parsed(value)
        except ValueError:
            raise SlackError(error) from None

    def names(self, name: str) -> list[str]:
        """A list of ids."""
        value = self._given.get(name, [])
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]


async def read(request: web.Request, *, json_body: bool) -> Args:
    """Merge what a request carries; a JSON body only where the method takes one.

    Raises invalid_json, json_not_object, invalid_form_data.
    """
    given: dict[str, object] = dict(request.query)
    unseen: dict[str, object] = {}
    if request.content_type == "application/json":
        (given if json_body else unseen).update(_from_json(await request.read()))
    elif request.can_read_body:
        try:
            form = await request.post()
        except ValueError:
            raise SlackError("invalid_form_data") from None
        given |= {name: value for name, value in form.items() if isinstance(value, str)}
    return Args(_whole(given), _whole(unseen))


def token_of(request: web.Request, args: Args) -> str:
    """The token from the header or the arguments; empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else args.text("token")


def _whole(given: Mapping[str, object]) -> dict[str, object]:
    return {str(whole(name)): whole(value) for name, value in given.items()}


def _from_json(body: bytes) -> dict[str, object]:
    if not body.strip():
        return {}
    try:
        given = parsed(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(given, dict):
        raise SlackError("json_not_object")
    return given
