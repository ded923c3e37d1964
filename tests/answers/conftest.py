"""A bot with policies from a file, asked as a pipeline asks it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.policies.load import load
from bot.storage.database import Database
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING
from tests.policies.conftest import PEOPLE
from tests.sources.conftest import Pipeline, asgi

HEAD = """\
defaults: {window: 4h, severity: medium}
policies:
"""
ROLES = """\
    title: A policy
    description: A rule.
    roles:
      validator: {from: val, backup: viv}
      adjudicator: {from: jude, backup: bea}
"""
MORE_PEOPLE = PEOPLE.replace(
    "groups:", "  viv:  {slack: U0VIV, email: viv@acme.test, team: privacy, github: viv}\ngroups:"
)

Started = Callable[[str], AbstractAsyncContextManager[Pipeline]]


def policy(name: str, *lines: str) -> str:
    """A policy of a file, with these lines besides what each one needs."""
    more = "".join(f"    {line}\n" for text in lines for line in text.strip("\n").split("\n"))
    return f"  - id: {name}\n{ROLES}{more}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    (config / "people.yaml").write_text(MORE_PEOPLE)
    return config


@pytest.fixture
def started(database: Database, clock: HandClock, folder: Path) -> Started:
    """Starts a bot with these policies; its violations come in by the webhook."""

    @asynccontextmanager
    async def start(policies: str) -> AsyncIterator[Pipeline]:
        (folder / "policies.yaml").write_text(HEAD + policies)
        config = load(folder, now=clock())
        wakeups = Wakeups(asyncio.get_running_loop())
        engine = Engine(database, config, clock, wakeups, FOLLOWING)
        await engine.start("tests")
        try:
            async with asgi(engine, config=config) as web:
                yield Pipeline(web, engine)
        finally:
            await asyncio.to_thread(engine.stop)

    return start
