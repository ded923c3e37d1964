"""What is done to the replicas: who takes the next request, who dies next.

Rules
- Slack has one request URL: a proxy hands each delivery to the next replica that hears, in turn,
  dead or frozen ones included. A dead one's click fails, as in life.
- `absences` are the times (since 1970) at which nobody could have done anything: with one process,
  those without it.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Sequence

import aiohttp
from aiohttp import web

from tests.chaos.plan import Kill, Plan
from tests.staging.processes import EndedError, Part

BAD_GATEWAY = 502
STARTED_EVERY = 0.2
STARTS = 10
_PASSED_ON = ("content-type", "x-slack-signature", "x-slack-request-timestamp")


class Replicas:
    """The processes of the bot, and the address that Slack knows."""

    def __init__(self, parts: Sequence[Part], seed: int) -> None:
        self.parts = parts
        self.frozen = 0.0
        self.kills = 0
        self.absences: list[tuple[float, float]] = []
        self._hearing = [part for part in parts if part.hears]
        self._turn = itertools.cycle(self._hearing)
        self._chance = random.Random(f"{seed}/replicas")
        self._still: Part | None = None
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    def any_url(self) -> str:
        """One that hears, whether or not it lives."""
        return self._chance.choice(self._hearing).url

    def urls(self) -> list[str]:
        """All that hear."""
        return [part.url for part in self._hearing]

    async def listen(self, port: int) -> None:
        """Take Slack's deliveries on this port."""
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=8 << 20)
        app.router.add_post("/slack/events", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()

    async def close(self) -> None:
        """Take nothing any more."""
        if self._runner:
            await self._runner.cleanup()
        if self._session:
            await self._session.close()

    async def carry_out(self, plan: Plan) -> None:
        """Kill, start again and freeze, by the plan."""
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            for kill in plan.kills:
                tasks.create_task(self._kill(kill, began))
            if plan.frozen:
                tasks.create_task(self._freeze(plan, began))

    def check(self) -> None:
        """Raises EndedError where a process ended that nobody killed."""
        for part in self.parts:
            part.check()

    async def _kill(self, kill: Kill, began: float) -> None:
        await until(began + kill.at)
        up = [part for part in self.parts if part.up and part is not self._still]
        if not up:
            return
        victim = up[int(kill.victim * len(up))]
        self.kills += 1
        began = time.time()
        await victim.kill()
        await asyncio.sleep(kill.pause)
        await self._start(victim)
        if len(self.parts) == 1:
            self.absences.append((began, time.time()))

    async def _start(self, victim: Part) -> None:
        """As a supervisor: again, where the database is away and it can't start."""
        for left in reversed(range(STARTS)):
            try:
                await victim.start()
            except EndedError:
                if not left:
                    raise
                await asyncio.sleep(1)
            else:
                return

    async def _freeze(self, plan: Plan, began: float) -> None:
        await until(began + plan.freeze_at)
        # One that delivers: the first of those that are up, as soon as one is.
        while (found := self._serving()) is None:  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(STARTED_EVERY)
        self._still = found
        found.freeze()
        await asyncio.sleep(plan.frozen)
        found.thaw()
        self.frozen = plan.frozen
        self._still = None

    def _serving(self) -> Part | None:
        return next((part for part in self.parts if part.up and part.command == ("serve",)), None)

    async def _pass_on(self, request: web.Request) -> web.Response:
        target, body = next(self._turn), await request.read()
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        if self._session is None:
            return web.Response(status=BAD_GATEWAY)
        try:
            url = f"{target.url}/slack/events"
            async with self._session.post(url, data=body, headers=headers) as answer:
                kind = answer.headers.get("content-type", "text/plain")
                return web.Response(
                    status=answer.status, body=await answer.read(), headers={"content-type": kind}
                )
        except aiohttp.ClientError as error:
            return web.Response(status=BAD_GATEWAY, text=str(error))


async def until(moment: float) -> None:
    """Sleep until this time of the loop's clock."""
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))
