"""The stage of the demo: a local Slack and the bot, on free ports, in a folder of its own.

Rules
- Nothing outside this machine is contacted, nothing of it outlives the demo.
- Both sides speak over HTTP, with real signatures, as they would elsewhere.
"""

import logging
import os
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot import logs
from bot.app import App, running, wired
from bot.sandbox.client import People
from bot.sandbox.config import Person, WorkspaceConfig
from bot.sandbox.server import LocalSlack
from bot.settings import Settings
from bot.slack.scopes import SCOPES

HERE = Path(__file__).parent
GITHUB_SECRET = "WARROOM_GITHUB_SECRET"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that plays a part."""

    app: App
    url: str
    slack: LocalSlack
    people: People


def workspace() -> WorkspaceConfig:
    """The people of the demo's configuration; the app has exactly the scopes of its manifest."""
    return WorkspaceConfig(
        signing_secret=secrets.token_hex(16),
        bot_name="warroom",
        commands=("/warroom",),
        scopes=tuple(SCOPES),
        people=(
            Person(id="U0ADA", name="ada", real_name="Ada Byron", email="ada@acme.test"),
            Person(id="U0VAL", name="val", real_name="Val Osei", email="val@acme.test"),
            Person(id="U0JUDE", name="jude", real_name="Jude Moreau", email="jude@acme.test"),
            Person(id="U0BACK", name="bea", real_name="Bea Lindt", email="bea@acme.test"),
        ),
    )


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A local Slack and the bot, talking to each other."""
    logs.configure(logging.ERROR)
    with TemporaryDirectory(prefix="warroom-demo-") as folder:
        async with LocalSlack(workspace()) as slack, People(slack.url) as people:
            settings = _settings(slack, Path(folder))
            async with wired(settings) as app, running(app, web=True, worker=True) as here:
                slack.set_request_url(f"{here.url}/slack/events")
                yield Stage(app, here.url, slack, people)


def _settings(slack: LocalSlack, folder: Path) -> Settings:
    os.environ[GITHUB_SECRET] = secrets.token_hex(16)
    # Every value is given: nothing of the user's own environment takes part.
    return Settings(
        slack_bot_token=SecretStr(slack.config.bot_token),
        slack_signing_secret=SecretStr(slack.config.signing_secret),
        slack_app_token=SecretStr(""),
        slack_api_url=slack.api_url,
        database_url=f"sqlite:///{folder}/warroom.db",
        warroom_config=HERE / "config",
        warroom_webhook_secret=SecretStr("whsec_" + b64encode(secrets.token_bytes(24)).decode()),
        warroom_api_token=SecretStr(secrets.token_hex(16)),
        warroom_public_url="",
        host="127.0.0.1",
        port=0,
    )
