"""`GET /log/…`: the newest checkpoint, and proofs of what is in the log and of how it has grown.

Rules
- No token is needed, and no content is given: hashes, numbers, and signatures.
- A proof leads to the newest checkpoint where that will do, so that its root is one that was
  signed; `size` asks for another.
"""

import asyncio
import re
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.engine.engine import Engine
from bot.evidence.damage import UNREADABLE, tell_damage
from bot.evidence.errors import MalformedError
from bot.evidence.lines import base64_of, read_decimal
from bot.evidence.stored_tree import StoredTree
from bot.http import description
from bot.http.error_answers import away
from bot.http.openapi import Described
from bot.integrations.request_error import RequestError, malformed
from bot.storage import log as rows
from bot.storage import log_checkpoints as kept_rows
from bot.storage.store import DatabaseUnavailableError

_EVENT = re.compile(r"([a-z_]{1,40})/([0-9A-Za-z_.:-]{1,100})/([1-9][0-9]{0,8})", re.ASCII)
_NEED_EVENT = "need KIND/ID/SEQ, such as war_room/room000001/3, or a position"
SOON = {"Retry-After": "2"}  # until then it is in the log

T = TypeVar("T")


def routes(engine: Engine) -> list[Described]:
    """The log's routes."""

    async def ask(question: Callable[[Connection], T]) -> T:
        try:
            return await asyncio.to_thread(engine.store.ask, question)
        except DatabaseUnavailableError as error:
            raise away() from error
        except UNREADABLE as error:
            tell_damage("http", error)
            message = "the log's tables are damaged: the operator's log says where"
            raise RequestError(503, "damaged", message) from error

    async def checkpoint(_: Request) -> Response:
        newest = await ask(kept_rows.newest_checkpoint)
        if newest is None:
            message = "there is no checkpoint yet: `warroom doctor` says what is missing"
            raise RequestError(404, "not_found", message)
        return PlainTextResponse(newest.whole)

    async def proof(request: Request) -> Response:
        event, size = request.query_params.get("event", ""), _number(request, "size")
        return JSONResponse(await ask(lambda connection: inclusion(connection, event, size)))

    async def consistency(request: Request) -> Response:
        old, size = _number(request, "from"), _number(request, "size")
        if old is None:
            raise malformed("from: need the size of the older tree")
        return JSONResponse(await ask(lambda connection: continued(connection, old, size)))

    return [
        Described("GET", "/log/checkpoint", checkpoint, "checkpoint", description.CHECKPOINT),
        Described("GET", "/log/proof", proof, "proof", description.PROOF),
        Described("GET", "/log/consistency", consistency, "grown", description.CONSISTENCY),
    ]


def inclusion(connection: Connection, event: str, size: int | None) -> dict[str, object]:
    """The proof that an event is in the tree. RequestError where there is none."""
    position = _position(connection, event)
    leaf = None if position is None else rows.leaf_of(connection, position)
    if position is None or (leaf is None and not rows.has_event(connection, position)):
        raise RequestError(404, "not_found", f"there is no event {event}")
    if leaf is None:
        message = f"event {event} is not in the log yet: ask again in two seconds"
        raise RequestError(409, "not_yet", message, headers=SOON)
    size = _size(connection, leaf.index + 1, size)
    if leaf.index >= size:
        message = f"event {event} is leaf {leaf.index}, which a tree of {size} leaves has not"
        raise RequestError(409, "too_small", message)
    tree = StoredTree(connection)
    return {
        "index": leaf.index,
        "size": size,
        "root": base64_of(tree.root(size)),
        "proof": list(map(base64_of, tree.inclusion(leaf.index, size))),
    }


def continued(connection: Connection, old: int, size: int | None) -> dict[str, object]:
    """The proof that the tree continues one of `old` leaves. RequestError where there is none."""
    size = _size(connection, old, size)
    if old > size:
        message = f"a tree of {size} leaves doesn't continue one of {old}"
        raise RequestError(409, "too_small", message)
    tree = StoredTree(connection)
    return {
        "from": old,
        "size": size,
        "root": base64_of(tree.root(size)),
        "proof": list(map(base64_of, tree.consistency(old, size))),
    }


def _number(request: Request, name: str) -> int | None:
    written = request.query_params.get(name)
    try:
        return None if written is None else read_decimal(written, "it")
    except MalformedError as error:
        raise malformed(f"{name}: need a number of leaves, such as 1024") from error


def _position(connection: Connection, event: str) -> int | None:
    if parts := _EVENT.fullmatch(event):
        kind, stream_id, seq = parts.groups()
        return rows.position_of(connection, kind, stream_id, int(seq))
    try:
        return read_decimal(event, "a position")
    except MalformedError as error:
        raise malformed(f"event: {_NEED_EVENT}") from error


def _size(connection: Connection, least: int, asked: int | None) -> int:
    """How many leaves the tree is to have in which something is shown."""
    there = rows.head(connection).size
    if asked is not None:
        if asked > there:
            message = f"the log has {there} leaves, not {asked}"
            raise RequestError(409, "too_large", message)
        return asked
    newest = kept_rows.newest_checkpoint(connection)
    return newest.size if newest and newest.size >= least else there
