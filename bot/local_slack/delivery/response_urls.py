"""What the bot says in answer to a command or through a response URL.

Rules
- Seen by the person alone, unless `response_type` is `in_channel`.
- `replace_original` and `delete_original` change the message the person acted on, an ephemeral one
  too. The bot need not be in the channel.
"""

import time

from aiohttp import web

from bot.local_slack.blockkit.attachments import check_attachments
from bot.local_slack.blockkit.surfaces import check_blocks
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json, Message
from bot.local_slack.state.tickets import ResponseUrl
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.webapi.content import LONGEST_TEXT
from bot.local_wire.call_log import CallLog
from bot.local_wire.faults import Faults
from bot.local_wire.untrusted_json import parsed

NAME = "response_url"
_FAULTS = frozenset({"http", "error"})
_OK, _BAD, _GONE = 200, 500, 404
_OVER = frozenset({"used_url", "expired_url", "not_found"})


def say(workspace: Workspace, place: ResponseUrl, body: object) -> Message | None:
    """Do what the bot's answer says. Raises SlackError."""
    given: Json = body if isinstance(body, dict) else {"text": str(body or "")}
    channel = workspace.conversations.get(place.channel)
    original = channel.messages.get(place.ts or "")
    if given.get("delete_original") and original is not None:
        workspace.messages.delete(channel, original)
        return None
    content = _content(workspace, given)
    if given.get("replace_original") and original is not None:
        workspace.messages.update(original, content)
        return original
    only_for = None if given.get("response_type") == "in_channel" else place.user
    bot = workspace.config.bot_user_id
    draft = Message("", channel.id, bot, **content, from_bot=True, only_for=only_for)
    draft.thread_ts = str(given["thread_ts"]) if given.get("thread_ts") else None
    return workspace.messages.post(channel, draft)


def _content(workspace: Workspace, given: Json) -> Json:
    blocks = check_blocks(given.get("blocks"), workspace.files.image)
    attachments = check_attachments(given.get("attachments"), workspace.files.image)
    text = str(given.get("text") or "")[:LONGEST_TEXT]
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    return {"text": text, "blocks": blocks, "attachments": attachments}


class ResponseUrls:
    """Everything below `/response/`."""

    def __init__(self, workspace: Workspace, faults: Faults, log: CallLog) -> None:
        self._workspace = workspace
        self._faults = faults
        self._log = log

    async def handle(self, request: web.Request) -> web.Response:
        """One use of a response URL."""
        began, given = time.monotonic(), await _read(request)
        fault = self._faults.strike(NAME, _FAULTS)
        status: int = _OK
        body: Json = {"ok": True}
        try:
            if fault is not None:
                status, body = fault.status, {"ok": False, "error": fault.error}
            else:
                place = self._workspace.tickets.use_response(request.match_info["id"])
                say(self._workspace, place, given)
        except SlackError as error:
            status, body = _GONE if error.error in _OVER else _BAD, error.answer()
        seconds = time.monotonic() - began
        self._log.called(NAME, given, (status, body), seconds)
        if status == _OK:
            return web.Response(text="ok")
        return web.json_response(body, status=status)


async def _read(request: web.Request) -> Json:
    try:
        given = parsed(await request.read() or b"{}")
    except ValueError:
        given = {}
    return given if isinstance(given, dict) else {}
