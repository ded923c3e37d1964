"""The stage of the demo: a local Slack with the pipeline's panel, and the bot.

Rules
- Nothing outside this machine is contacted, and nothing listens but on the loopback interface.
- Nothing of the user's own environment takes part: every setting is given here.
- Both sides speak over HTTP, with real signatures, as they would elsewhere, and by one clock.
"""

import os
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr
from tzlocal import get_localzone_name

from bot.app import App, Running, create_app, running
from bot.demo import precedent
from bot.demo.examples import EXPORT_CI
from bot.demo.folder import INSTEAD, Folder, configure, folder
from bot.demo.movable_clock import DemoClock
from bot.demo.pipeline import Pipeline
from bot.demo.sending import GITHUB_SECRET
from bot.errors import UnreachableError, UsageError
from bot.integrations.slack.commands.registry import SUBCOMMANDS
from bot.integrations.slack.scopes import EVENTS, SCOPES
from bot.local_slack import ConfigError, LocalSlack, LocalSlackConfig, Member, People, SlashCommand
from bot.settings import Settings
from bot.storage.migrations import OtherVersionError

HOST = "127.0.0.1"
USUAL_PORT = 3000
COMMAND = SlashCommand(
    command="/warroom",
    description="Violations that wait for a decision",
    usage_hint=" | ".join(subcommand.name for subcommand in SUBCOMMANDS),
)
PROXIES = tuple(f"{kind}_PROXY" for kind in ("HTTPS", "HTTP", "ALL"))


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that plays a part."""

    app: App
    bot: Running
    slack: LocalSlack
    people: People
    clock: DemoClock
    pipeline: Pipeline


def local_slack_config() -> LocalSlackConfig:
    """The people of the demo's configuration; the app has exactly what its manifest has.

    Everybody is in the time zone of this machine, or in UTC where it has none with a name.
    """
    people = (
        ("U0ADA", "ada", "Ada Byron"),
        ("U0VAL", "val", "Val Osei"),
        ("U0JUDE", "jude", "Jude Moreau"),
        ("U0BACK", "bea", "Bea Lindt"),
    )
    try:
        zone = ZoneInfo(get_localzone_name() or "UTC").key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        zone = "UTC"
    return LocalSlackConfig(
        bot_token=f"xoxb-{secrets.token_hex(16)}",
        app_token=f"xapp-{secrets.token_hex(16)}",
        signing_secret=secrets.token_hex(16),
        app_name="War room",
        bot_name="warroom",
        commands=(COMMAND,),
        scopes=tuple(SCOPES),
        events=tuple(EVENTS),
        people=tuple(
            Member(id=user, name=name, real_name=real, email=f"{name}@acme.test", tz=zone)
            for user, name, real in people
        ),
    )


@asynccontextmanager
async def stage(
    keep: Path | None = None,
    port: int | None = 0,
    tell: Callable[[str], object] = lambda _: None,
    *,
    with_precedent: bool = False,
) -> AsyncIterator[Stage]:
    """A local Slack and the bot, talking to each other; `tell` what is being started.

    `port` is the page's: 0 is any, None is the usual one where it is free. `with_precedent` has a
    first violation settled, unless what is kept goes on. UsageError where `port` or `keep` can't
    be used.
    """
    with folder(keep) as place:
        configure(place)
        begins = with_precedent and not place.database.exists()
        clock = DemoClock(place.clock, -precedent.AGO if begins else timedelta(0))
        config = local_slack_config()
        names = {key: who.real_name for who in config.people for key in (who.id, who.name)}
        pipeline = Pipeline(clock, names)
        local_slack = partial(
            LocalSlack,
            config,
            host=HOST,
            clock=clock.unix,
            panels=[pipeline.panel()],
            keep=place.local_slack,
        )
        tell("Starting a local Slack …")
        async with _listening(local_slack, port) as slack, People(slack.url) as people:
            tell("Starting the bot …")
            async with _bot(slack, place, clock) as (app, bot):
                if begins:
                    tell("Settling a first violation …")
                    await precedent.settle(app, bot.url, people, clock)
                async with pipeline.running(app, bot.url, slack, place.project):
                    yield Stage(app, bot, slack, people, clock, pipeline)


@asynccontextmanager
async def _listening(
    made: Callable[..., LocalSlack], port: int | None
) -> AsyncIterator[LocalSlack]:
    async with AsyncExitStack() as stack:
        try:
            usual = USUAL_PORT if port is None else port
            slack = await stack.enter_async_context(made(port=usual))
        except ConfigError as error:
            raise UsageError(f"--keep: {error}") from error
        except OSError as error:
            if port is not None:
                reason = os.strerror(error.errno or 0)
                raise UsageError(f"--port: can't listen at {HOST}:{port}: {reason}") from error
            slack = await stack.enter_async_context(made(port=0))
        yield slack


@asynccontextmanager
async def _bot(
    slack: LocalSlack, place: Folder, clock: DemoClock
) -> AsyncIterator[tuple[App, Running]]:
    with _own_environment():
        settings = Settings(
            slack_bot_token=SecretStr(slack.config.bot_token),
            slack_signing_secret=SecretStr(slack.config.signing_secret),
            slack_app_token=SecretStr(""),
            slack_api_url=slack.api_url,
            database_url=place.database_url,
            warroom_config=place.config,
            warroom_webhook_secret=SecretStr(f"{_secret()} {EXPORT_CI}={_secret()}"),
            warroom_api_token=SecretStr(secrets.token_hex(16)),
            warroom_gate_token=SecretStr(secrets.token_hex(16)),
            warroom_public_url="",
            host=HOST,
            port=0,
        )
        async with (
            _wired(settings, place, clock) as app,
            running(app, web=True, worker=True) as bot,
        ):
            slack.set_request_url(f"{bot.url}/slack/events")
            clock.on_move(app.engine.wakeups.clock.set)
            clock.on_move(app.engine.wakeups.outbox.set)
            yield app, bot


def _secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"


@asynccontextmanager
async def _wired(settings: Settings, place: Folder, clock: DemoClock) -> AsyncIterator[App]:
    """The user named a folder and no database: what is wrong is said of the folder's file."""
    async with AsyncExitStack() as stack:
        try:
            app = await stack.enter_async_context(create_app(settings, now=clock))
        except (UnreachableError, OtherVersionError) as error:
            reason = getattr(error.__cause__, "args", None) or error.args
            said = f"{place.database} can't be used ({reason[0]}): {INSTEAD}"
            raise UsageError(f"--keep: {said}" if place.kept else said) from error
        yield app


@contextmanager
def _own_environment() -> Iterator[None]:
    """GitHub's secret, and no proxy: Slack's client would ask one even for this machine."""
    before = dict(os.environ)
    os.environ[GITHUB_SECRET] = secrets.token_hex(16)
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
