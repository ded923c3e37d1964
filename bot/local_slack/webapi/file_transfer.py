"""The bytes of files over HTTP: `POST /upload/{ticket}`, `GET /files/{id}/{name}`.

Rules
- An upload is a raw body or one file in a form, of the length that was announced; it is taken once.
- A file is given to the bot by its token, and to a person named by `?user=`: to who sees it, that
  is. For anybody else it is not there.
- What comes from outside is never markup here: images that browsers show are shown in place, all
  else is handed out to be saved, and nothing is sniffed.
"""

import time
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.file_store import IMAGES
from bot.local_slack.state.records import File
from bot.local_slack.state.workspace import Workspace
from bot.local_wire.call_log import CallLog
from bot.local_wire.faults import Faults

NAME = "upload"
READ = "files:read"
_FAULTS = frozenset({"http", "error"})
_OK, _BAD, _GONE = 200, 400, 404
_STATUS = {"not_found": _GONE, "wrong_length": _BAD}


def file_routes(workspace: Workspace, faults: Faults, log: CallLog) -> list[web.RouteDef]:
    """Where files come in and go out; an upload is logged, and can fail, as `upload`."""

    async def upload(request: web.Request) -> web.Response:
        began = time.monotonic()
        status, said, size = await _received(workspace, faults, request)
        answer = {"ok": status == _OK, **({} if status == _OK else {"error": said})}
        log.called(NAME, {"bytes": size}, (status, answer), time.monotonic() - began)
        return web.Response(status=status, text=said)

    async def show(request: web.Request) -> web.Response:
        return _handed_out(_found(workspace, request), inline=True)

    async def download(request: web.Request) -> web.Response:
        return _handed_out(_found(workspace, request), inline=False)

    return [
        web.post("/upload/{ticket}", upload),
        web.get("/files/{id}/{name}", show),
        web.get("/files/{id}/download/{name}", download),
    ]


async def _received(
    workspace: Workspace, faults: Faults, request: web.Request
) -> tuple[int, str, int]:
    """The status, what is said to it, and how many bytes came."""
    fault = faults.strike(NAME, _FAULTS)
    if fault is not None:
        return fault.status, fault.error, 0
    ticket = request.match_info["ticket"]
    try:
        content = await _content(request, workspace.files.awaited(ticket))
        workspace.files.receive(ticket, content)
    except SlackError as error:
        return _STATUS[error.error], error.error, 0
    return _OK, f"OK - {len(content)}", len(content)


async def _content(request: web.Request, length: int) -> bytes:
    """The body, or the first file of a form; no more of it than shows that it is too long."""
    source: web.Request | BodyPartReader = request
    if request.content_type == "multipart/form-data":
        form = await request.multipart()
        while (part := await form.next()) is not None:
            if isinstance(part, BodyPartReader) and part.filename is not None:
                source = part
                break
    content = bytearray()
    while len(content) <= length and (chunk := await _chunk(source)):
        content += chunk
    return bytes(content)


async def _chunk(source: web.Request | BodyPartReader) -> bytes:
    if isinstance(source, BodyPartReader):
        return await source.read_chunk()
    return await source.content.readany()


def _found(workspace: Workspace, request: web.Request) -> File:
    """The file that is asked for, by somebody who sees it. Raises HTTPForbidden, HTTPNotFound."""
    viewer = _viewer(workspace, request)
    try:
        file = workspace.files.find(request.match_info["id"])
    except SlackError as error:
        raise web.HTTPNotFound(text=error.error) from error
    if file.name != request.match_info["name"] or not workspace.files.sees(viewer, file):
        raise web.HTTPNotFound(text="file_not_found")
    return file


def _viewer(workspace: Workspace, request: web.Request) -> str:
    config = workspace.config
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip() == config.bot_token:
        if READ not in config.scopes:
            raise web.HTTPForbidden(text="missing_scope")
        return config.bot_user_id
    try:
        return workspace.directory.human(request.query.get("user", "")).id
    except SlackError as error:
        raise web.HTTPForbidden(text="not_authed") from error


def _handed_out(file: File, *, inline: bool) -> web.Response:
    shown = inline and file.mimetype in IMAGES
    disposition = "inline" if shown else "attachment"
    headers = {
        "Content-Type": file.mimetype,
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=file.content, headers=headers)
