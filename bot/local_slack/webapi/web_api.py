"""The Web API over HTTP: reads a call, lets faults strike, answers, and logs it."""

import asyncio
import contextlib
import json
import time
from functools import partial

from aiohttp import web

from bot.local_slack.slack_errors import RateLimitedError, SlackError
from bot.local_slack.state.records import Json
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.webapi.args import Args, read, token_of
from bot.local_slack.webapi.checks import answer
from bot.local_slack.webapi.method_table import METHODS
from bot.local_slack.webapi.rates import Rates
from bot.local_wire.call_log import CallLog
from bot.local_wire.faults import Fault, Faults

_TOO_MANY = 429
_compact = partial(json.dumps, separators=(",", ":"))  # as Slack writes it: `{"ok":true,…`
_RATE_LIMITED = "ratelimited"


class WebApi:
    """Everything below `/api/`."""

    def __init__(self, workspace: Workspace, faults: Faults, log: CallLog) -> None:
        self._workspace = workspace
        self._faults = faults
        self._log = log
        self._rates = Rates(workspace)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call, from the request to the answer."""
        began, name = time.monotonic(), request.match_info["method"]
        args, body, retry_after = Args({}), {}, None
        method = METHODS.get(name)

        def work() -> Json:
            base, token = f"{request.scheme}://{request.host}", token_of(request, args)
            return answer(self._workspace, self._rates, name, args, token, base)

        def done_all_the_same() -> None:
            with contextlib.suppress(SlackError):  # the caller will not learn of it either way
                work()

        try:
            args = await read(request, json_body=method is None or method.json_body)
            await asyncio.sleep(self._faults.latency)
            struck = await self._faults.on_call(name, request, done_all_the_same, self._refusal)
            if struck is not None:
                self._keep(name, args, (struck.status, _shown(struck)), began)
                return struck
            body = work()
        except RateLimitedError as error:
            body, retry_after = error.answer(), error.retry_after
        except SlackError as error:
            body = error.answer()
        response = self._response(body, retry_after)
        self._keep(name, args, (response.status, body), began)
        return response

    def _refusal(self, fault: Fault) -> web.Response:
        limited = fault.error == _RATE_LIMITED
        retry_after = max(1, int(fault.seconds)) if limited else None
        return self._response({"ok": False, "error": fault.error}, retry_after)

    def _response(self, body: Json, retry_after: int | None) -> web.Response:
        headers = {"X-OAuth-Scopes": ",".join(self._workspace.config.scopes)}
        if retry_after is None:
            return web.json_response(body, headers=headers, dumps=_compact)
        headers["Retry-After"] = str(retry_after)
        return web.json_response(body, status=_TOO_MANY, headers=headers, dumps=_compact)

    def _keep(self, name: str, args: Args, outcome: tuple[int, object], began: float) -> None:
        method = METHODS.get(name)
        warnings = method.warnings(args) if method is not None else ()
        self._log.called(name, args.shown(), outcome, time.monotonic() - began, warnings)


def _shown(response: web.Response) -> object:
    text = response.text or ""
    return json.loads(text) if response.content_type == "application/json" else text
