"""In front of Bolt, for HTTP: what Bolt would answer with a 500 is refused with a reason.

Rules
- Whether a request is Slack's is not decided here: the signature stays Bolt's, and its 401. Only
  what is large has to be signed before anybody reads it: reading takes a second for some megabytes.
- The shape is what Bolt's matchers and our listeners read, and no more: Slack may add fields.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.clean_text import UNSTORABLE

UNSIGNED_MOST = 16 * 1024
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class _Identified(BaseModel):
    id: str | None = None


class _User(_Identified):
    id: str


class _Team(_Identified):
    enterprise_id: str | None = None


class _Event(BaseModel):
    type: str
    user: _Identified | str | None = None
    channel: _Identified | str | None = None
    tab: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None


class _State(BaseModel):
    values: dict[str, dict[str, dict[str, Any] | None] | None] | None = None


class _View(BaseModel):
    type: str
    id: str | None = None
    callback_id: str | None = None
    private_metadata: str | None = None
    state: _State | None = None
    blocks: list[dict[str, Any]] = []


class _Option(BaseModel):
    value: str | None = None


class _Action(BaseModel):
    action_id: str
    block_id: str | None = None
    selected_option: _Option | None = None


class _Authorization(BaseModel):
    enterprise_id: str | None = None
    team_id: str | None = None
    is_enterprise_install: bool | None = None


class _Body(BaseModel):
    type: str | None = None
    event: _Event | None = None
    command: str | None = None
    text: str | None = None
    user: _Identified | str | None = None
    user_id: str | None = None
    team: _Team | str | None = None
    team_id: str | None = None
    enterprise: _Identified | str | None = None
    channel: _Identified | str | None = None
    channel_id: str | None = None
    authorizations: list[_Authorization] | None = None
    callback_id: str | None = None
    trigger_id: str | None = None
    response_url: str | None = None
    response_urls: list[dict[str, Any]] = []
    view: _View | None = None
    is_ext_shared_channel: bool | None = None


class _Interaction(_Body):
    user: _User


class _Submission(_Interaction):
    view: _View


class _Click(_Interaction):
    actions: Annotated[list[_Action], Field(min_length=1)]


class _Happening(_Body):
    event: _Event


class _Command(_Body):
    user_id: str


_SHAPES: Mapping[str, type[_Body]] = {
    "block_actions": _Click,
    "event_callback": _Happening,
    "interactive_message": _Click,
    "view_closed": _Submission,
    "view_submission": _Submission,
}


def too_large_unsigned(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether `body` is too large to be read, since Slack has not signed it."""
    if len(body) <= UNSIGNED_MOST:
        return False
    timestamp = headers.get("x-slack-request-timestamp", "")
    text = b":".join((b"v0", timestamp.encode(), body))
    expected = "v0=" + hmac.new(secret.encode(), text, "sha256").hexdigest()
    given = headers.get("x-slack-signature", "")
    return not (secret and hmac.compare_digest(expected.encode(), given.encode()))


def refuse(headers: Mapping[str, str], body: bytes) -> str | None:
    """Why this request gets a 400; None where Bolt may have it."""
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp = lower.get("x-slack-request-timestamp")
    if timestamp is not None and not _TIMESTAMP.fullmatch(timestamp):
        return "X-Slack-Request-Timestamp is not a Unix time"
    if not lower.get("x-slack-signature", "").isascii():
        return "X-Slack-Signature is not ASCII"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    try:
        read = AsyncBoltRequest(body=text, headers=dict(lower)).body
    except Exception:  # noqa: BLE001 - whatever Bolt can't read is malformed
        return "the body, or the JSON in its payload, can't be read"
    return _misshapen(read)


def _misshapen(read: object) -> str | None:
    if not isinstance(read, dict):
        return "the JSON is not an object"
    waiting: list[object] = [read]  # not a recursion: how deep it goes is the sender's choice
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, str) and UNSTORABLE.search(part):
            return "a character that can't be stored (NUL, or half a pair)"
    kind = read.get("type")
    shape = _SHAPES.get(kind, _Body) if isinstance(kind, str) else _Body
    if "command" in read:
        shape = _Command
    elif "event" in read:
        shape = _Happening
    try:
        shape.model_validate(read, strict=True)
    except ValidationError as error:
        problem = error.errors()[0]
        return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
    return None
