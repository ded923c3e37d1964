"""The Web API over HTTP: reads a call, lets faults strike, answers, and logs it.

A connection is cut by aborting its transport: the caller sees a reset, not an answer.
"""

import asyncio
import json
import time

from aiohttp import web

from bot.local_slack.errors import RateLimitedError, SlackError
from bot.local_slack.state.records import Json
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.webapi.args import Args, read, token_of
from bot.local_slack.webapi.checks import answer
from bot.local_slack.webapi.registry import METHODS
from bot.local_slack.wire.faults import ON_CALLS, Fault, Faults
from bot.local_slack.wire.limits import Limits
from bot.local_slack.wire.log import WireLog

_TOO_MANY = 429
_RATE_LIMITED = "ratelimited"


class WebApi:
    """Everything below `/api/`."""

    def __init__(self, workspace: Workspace, faults: Faults, log: WireLog) -> None:
        self._workspace = workspace
        self._faults = faults
        self._log = log
        self._limits = Limits(workspace.config.minute)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call, from the request to the answer."""
        began, name = time.monotonic(), request.match_info["method"]
        args, body, retry_after = Args({}), {}, None
        try:
            args = await read(request)
            await asyncio.sleep(self._faults.latency)
            fault = self._faults.strike(name, ON_CALLS)
            if fault is not None:
                struck = await self._strike(fault, request, args, name)
                if struck is not None:
                    self._keep(name, args, (struck.status, _shown(struck)), began)
                    return struck
            body = self._work(request, args, name)
        except RateLimitedError as error:
            body, retry_after = error.answer(), error.retry_after
        except SlackError as error:
            body = error.answer()
        response = self._response(body, retry_after)
        self._keep(name, args, (response.status, body), began)
        return response

    def _work(self, request: web.Request, args: Args, name: str) -> Json:
        base = f"{request.scheme}://{request.host}"
        token = token_of(request, args)
        return answer(self._workspace, self._limits, name, args, token, base)

    async def _strike(
        self, fault: Fault, request: web.Request, args: Args, name: str
    ) -> web.Response | None:
        """What the fault makes of the call; None: it goes on as usual."""
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.after or fault.kind == "lose_ack":
            self._done_all_the_same(request, args, name)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "http":
            return web.Response(status=fault.status, text="Internal Server Error")
        if fault.kind == "error":
            limited = fault.error == _RATE_LIMITED
            retry_after = max(1, int(fault.seconds)) if limited else None
            return self._response({"ok": False, "error": fault.error}, retry_after)
        return _cut(request)

    def _done_all_the_same(self, request: web.Request, args: Args, name: str) -> None:
        try:
            self._work(request, args, name)
        except SlackError:
            return  # the caller will not learn of it either way

    def _response(self, body: Json, retry_after: int | None) -> web.Response:
        headers = {"X-OAuth-Scopes": ",".join(self._workspace.config.scopes)}
        if retry_after is None:
            return web.json_response(body, headers=headers)
        headers["Retry-After"] = str(retry_after)
        return web.json_response(body, status=_TOO_MANY, headers=headers)

    def _keep(self, name: str, args: Args, outcome: tuple[int, object], began: float) -> None:
        shown, seconds = args.shown(), time.monotonic() - began
        method = METHODS.get(name)
        unknown = tuple(sorted(set(shown) - method.arguments)) if method is not None else ()
        self._log.add("to_slack", name, shown, outcome, seconds, unknown)


def _shown(response: web.Response) -> object:
    text = response.text or ""
    return json.loads(text) if response.content_type == "application/json" else text


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499, text="connection cut")
