"""HTTP: webhooks, the gate, Slack, health. One shape for every error, and never a 500.

Rules
- A webhook's route stands in front of the framework, whose layers cost as much as all else; the
  framework knows it too, for the description.
- What we did not expect is logged and answered 503: it may be sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from slack_bolt.async_app import AsyncApp
from starlette.routing import Router
from starlette.types import ASGIApp

from bot import __version__
from bot.engine.engine import Engine
from bot.http import answers, client_archive, gate, health, slack_events
from bot.http.error_answers import HANDLERS
from bot.http.webhooks import Intake, WebhookRoute, unknown_source
from bot.integrations.source import Source
from bot.integrations.standard.gate import SOURCE as GATE
from bot.metrics.meters import Meters
from bot.outbox.kinds import Kinds


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
    address: str = ""  # where others reach it, where that is known


def web_app(web: Web) -> ASGIApp:
    """The ASGI application."""
    webhooks = [WebhookRoute(web.intake, source) for source in web.sources]
    app = _framework()
    app.router.routes += webhooks
    app.add_api_route(
        "/webhooks/{name:path}",
        unknown_source(web.intake),
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        include_in_schema=False,
    )
    tokens = web.intake.secrets[GATE.name]
    app.include_router(gate.router(web.engine, tokens))
    app.include_router(answers.router(web.engine, tokens))
    app.include_router(client_archive.router(web.address))
    app.include_router(health.router(web.engine, web.meters, web.kinds))
    if web.slack:
        app.include_router(slack_events.router(web.slack, web.signing_secret))
    return Router(webhooks, redirect_slashes=False, default=app)


def health_app(engine: Engine, meters: Meters, kinds: Kinds) -> ASGIApp:
    """The ASGI application of a process that hears nothing: its health and its figures."""
    app = _framework()
    app.include_router(health.router(engine, meters, kinds))
    return app


def _framework() -> FastAPI:
    return FastAPI(
        title="Policy violation war room",
        version=__version__,
        redoc_url=None,
        redirect_slashes=False,  # who sends a webhook follows no redirect
        exception_handlers=HANDLERS,
    )
