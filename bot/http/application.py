"""HTTP: webhooks, the gate, Slack, health. One shape for every error, and never a 500.

Rules
- A webhook's route stands in front of the framework, whose layers cost as much as all else.
- What we did not expect is logged and answered 503: it may be sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from bot.engine.engine import Engine
from bot.http import answers, client_archive, gate, health, log, slack_events
from bot.http.error_answers import HANDLERS
from bot.http.openapi import describing
from bot.http.webhooks import Intake, WebhookRoute, unknown_source
from bot.integrations.source import Source
from bot.integrations.standard.gate import SOURCE as GATE
from bot.metrics.meters import Meters
from bot.outbox.kinds import Kinds

EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Web:
    """What the web needs; `slack` is None where Slack comes by a socket."""

    engine: Engine
    sources: Sequence[Source[Any]]
    intake: Intake
    slack: AsyncApp | None
    kinds: Kinds
    signing_secret: str = field(default="", repr=False)
    meters: Meters = field(default_factory=Meters)
    shared: bool = False  # whether other processes hear at the same port
    address: str = ""  # where others reach it, where that is known


def web_app(web: Web) -> ASGIApp:
    """The ASGI application."""
    webhooks = [WebhookRoute(web.intake, source) for source in web.sources]
    tokens = web.intake.secrets[GATE.name]
    described = [
        gate.route(web.engine, tokens),
        answers.route(web.engine, tokens),
        *client_archive.routes(web.address),
        *log.routes(web.engine),
        *health.routes(web.engine, web.meters, web.kinds, shared=web.shared),
    ]
    others = [Route("/webhooks/{name:path}", unknown_source(web.intake), methods=EVERY_METHOD)]
    if web.slack:
        others.append(slack_events.route(web.slack, web.signing_secret))
    app = _framework([*described, *others, *describing([*webhooks, *described])])
    return Router(webhooks, redirect_slashes=False, default=app)


def health_app(engine: Engine, meters: Meters, kinds: Kinds) -> ASGIApp:
    """The ASGI application of a port that hears nothing: a process's health and its figures."""
    described = health.routes(engine, meters, kinds)
    return _framework([*described, *describing(described)])


def _framework(routes: Sequence[Route]) -> Starlette:
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    app.router.redirect_slashes = False  # who sends a webhook follows no redirect
    return app
