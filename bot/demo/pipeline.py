"""The pipeline's panel beside the local Slack: sends violations, shows verdicts, skips time.

Rules
- The server renders, from what is held in memory; `static/pipeline.js` only asks and shows.
- Until the bot runs, the panel is there and every order is refused.
"""

import shlex
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from pydantic import BaseModel, Field

from bot.app import App
from bot.demo import project
from bot.demo.asked import OrderRefusedError, order
from bot.demo.background import background
from bot.demo.checking import Begin, Cancel, Check, Checking
from bot.demo.examples import EXAMPLES, Example
from bot.demo.following import follow
from bot.demo.movable_clock import DemoClock
from bot.demo.project import SCRIPTS
from bot.demo.sending import Answer, Sending
from bot.demo.steps import ClockSteps
from bot.demo.storm import Storm, limit, send_storm
from bot.demo.watch import Sent, Watch
from bot.demo.wording import answered, explain, linked, names, refused, waiting
from bot.domain.countdown import countdown
from bot.domain.person import NEW_COMMIT, TIMEOUT
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.local_slack import LocalSlack, Panel
from bot.settings import Settings

NAME = "pipeline"
HERE = Path(__file__).parent
SKIP_MOST = timedelta(days=7)
NOTHING_DUE = "No clock runs. Send a violation."
JUMPS = ((60, "+1 min"), (600, "+10 min"), (3600, "+1 h"), (86400, "+1 d"))


class Send(BaseModel):
    """Send `body`, whatever it is, as the example's source does."""

    example: str
    body: str


class Again(BaseModel):
    """Send once more what was sent last."""


class SendStorm(BaseModel):
    """Send more of an example at once than its policy opens rooms for."""

    example: str


class Skip(BaseModel):
    """Skip ahead by `seconds`, or to the next step."""

    seconds: float | None = Field(None, gt=0, le=SKIP_MOST.total_seconds())


@dataclass(frozen=True, slots=True)
class _Bot:
    """The parts that need a bot that runs."""

    sending: Sending
    watch: Watch
    steps: ClockSteps
    checking: Checking
    settings: Settings
    policies: Mapping[str, Policy]
    changed: Callable[[], None]


class Pipeline:
    """The panel; `people` are the names to show for Slack's ids, and for ours."""

    def __init__(self, clock: DemoClock, people: Mapping[str, str]) -> None:
        self._clock = clock
        self._people = {**people, TIMEOUT: "the clock", NEW_COMMIT: "a newer commit"}
        self._working: _Bot | None = None
        self._last: Send | None = None
        self._storm: Storm | None = None
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["countdown"] = countdown
        self._templates.filters["limit"] = limit
        self._templates.filters["linked"] = linked
        self._templates.filters["names"] = partial(names, people=self._people)

    def panel(self) -> Panel:
        """What the page shows and asks."""
        script = f"/{NAME}/pipeline.js"
        routes = (
            web.get(script, _script),
            web.get(f"/{NAME}/example/{{name}}", self._example),
            web.post(f"/{NAME}/send", order(Send, self._send)),
            web.post(f"/{NAME}/again", order(Again, self._again)),
            web.post(f"/{NAME}/storm", order(SendStorm, self._rage)),
            web.post(f"/{NAME}/skip", order(Skip, self._skip)),
            web.post(f"/{NAME}/check", order(Begin, self._check)),
            web.post(f"/{NAME}/cancel", order(Cancel, self._cancel)),
        )
        return Panel(NAME, "Pipeline", self.render, self.live, routes, script)

    @asynccontextmanager
    async def running(
        self, app: App, url: str, slack: LocalSlack, checked: Path
    ) -> AsyncIterator[None]:
        """Work with the bot at `url`, and the project at `checked`, as long as the block lasts."""
        unlimited = httpx.Limits(max_connections=None)  # each long poll holds a connection
        http = httpx.AsyncClient(base_url=url, limits=unlimited, trust_env=False)
        changed = partial(slack.refresh, NAME)
        self._clock.on_move(changed)
        async with http, background() as start:
            steps = ClockSteps(app.engine, self._clock, changed)
            watch = Watch(http, app, changed, start)
            await watch.restore()
            start(follow(slack, steps.look, watch.look))
            token = app.settings.warroom_gate_token.get_secret_value()
            around = {"WARROOM_GATE_TOKEN": token, "WARROOM_PUBLIC_URL": url}
            checking = Checking(checked, around, changed, start)
            self._working = _Bot(
                *(Sending(http, app), watch, steps, checking),
                *(app.settings, app.engine.config.policies, changed),
            )
            try:
                yield
            finally:
                self._working = None

    def render(self) -> Markup:
        """The whole panel."""
        body = next(iter(EXAMPLES.values())).body(self._clock())
        return self._html(
            "pipeline.html",
            examples=EXAMPLES.values(),
            body=body,
            again=self._last is not None,
            live=self.live(),
        )

    def live(self) -> Markup:
        """The part that changes by itself."""
        now, bot = self._clock(), self._working
        sent = bot.watch.sent if bot else []
        return self._html(
            "pipeline_live.html",
            now=now,
            local=now.astimezone(),
            ahead=self._clock.ahead,
            next=bot.steps.next if bot else None,
            nothing_due=NOTHING_DUE,
            sent=sent,
            explain=self._explain(bot.settings, sent[0]) if bot and sent else "",
            storm=self._storm,
            scripts=SCRIPTS.values() if project.is_here() else (),
            check=self.check,
            policies=bot.policies if bot else {},
            waiting=waiting(sent),
            jumps=JUMPS,
            people=self._people,
        )

    @property
    def check(self) -> Check | None:
        """What was checked last, or is being checked."""
        return self._working.checking.check if self._working else None

    def _explain(self, settings: Settings, sent: Sent) -> str:
        """The command that says why the gate says what it does, for a shell of its own."""
        place = {"DATABASE_URL": settings.database_url, "WARROOM_CONFIG": settings.warroom_config}
        given = (f"{name}={shlex.quote(str(value))}" for name, value in place.items())
        return " ".join((*given, explain(sent.violation_id, self._clock(), self._clock.ahead)))

    def _html(self, template: str, **given: Any) -> Markup:  # noqa: ANN401 - whatever it takes
        html = self._templates.get_template(template).render(given)
        return Markup(html)  # noqa: S704 - the template escapes

    async def _example(self, request: web.Request) -> web.Response:
        example = EXAMPLES.get(request.match_info["name"])
        if example is None:
            raise web.HTTPNotFound
        return web.json_response({"body": example.body(self._clock())})

    async def _again(self, given: Again) -> dict[str, Any]:
        del given
        if self._last is None:
            raise OrderRefusedError("Nothing was sent yet.", HTTPStatus.CONFLICT)
        return await self._send(self._last)

    async def _send(self, given: Send) -> dict[str, Any]:
        bot, example = self._bot(), _example(given.example)
        self._last = given
        answer, room = await _sent(bot, example, given.body)
        await bot.steps.look()
        gathers = limit(bot.policies[room.policy_id]) if room else ""
        return {
            "status": answer.status,
            "said": answered(answer, room, gathers),
            "refused": refused(answer),
            "answer": answer.body,
        }

    async def _rage(self, given: SendStorm) -> dict[str, Any]:
        bot, example = self._bot(), _example(given.example)

        async def send_one() -> tuple[Answer, WarRoom | None]:
            return await _sent(bot, example, example.body(self._clock()))

        try:
            async for storm in send_storm(bot.policies[example.policy], send_one):
                self._storm = storm
                bot.changed()
        except OrderRefusedError:
            self._storm = None  # why, is said in its place
            bot.changed()
            raise
        await bot.steps.look()
        return {}

    async def _skip(self, given: Skip) -> dict[str, Any]:
        bot, before, reached = self._bot(), self._clock.ahead, ""
        try:
            if given.seconds is not None:
                self._clock.move(timedelta(seconds=given.seconds))
            elif step := await bot.steps.skip():
                reached = f", to {step.name} in {step.room}"
            else:
                raise OrderRefusedError(NOTHING_DUE, HTTPStatus.CONFLICT)
        except OSError as error:
            reason = f"The clock stays: it can't be kept. {error.strerror}."
            raise OrderRefusedError(reason, HTTPStatus.INTERNAL_SERVER_ERROR) from error
        await bot.watch.look()
        await bot.steps.look()
        ahead = countdown((self._clock.ahead - before).total_seconds())
        return {"said": f"Skipped {ahead} ahead{reached}."}

    async def _check(self, given: Begin) -> dict[str, Any]:
        return await self._bot().checking.begin(given)

    async def _cancel(self, given: Cancel) -> dict[str, Any]:
        return await self._bot().checking.cancel(given)

    def _bot(self) -> _Bot:
        if self._working is None:
            raise OrderRefusedError("The bot does not run yet.", HTTPStatus.SERVICE_UNAVAILABLE)
        return self._working


def _example(name: str) -> Example:
    if name not in EXAMPLES:
        raise OrderRefusedError(f"example: {name!r} is none", HTTPStatus.BAD_REQUEST)
    return EXAMPLES[name]


async def _sent(bot: _Bot, example: Example, body: str) -> tuple[Answer, WarRoom | None]:
    """The bot's answer to a violation that is sent, and the room that has it."""
    try:
        answer = await bot.sending.send(example, body.encode())
    except httpx.HTTPError as error:
        reason = f"The bot does not answer: {error!r}"
        raise OrderRefusedError(reason, HTTPStatus.BAD_GATEWAY) from error
    return answer, await bot.watch.add(answer.violation) if answer.violation else None


async def _script(request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - aiohttp's signature
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(HERE / "static" / "pipeline.js", headers=headers)
