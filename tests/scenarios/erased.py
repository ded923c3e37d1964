"""What scenarios of erasures share: a bot whose configuration changes, and what its tables hold."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import Connection, Table, select

from bot.cli.main import main
from bot.domain.aggregate import Recorded
from bot.domain.erasure import ERASURE, Erased
from bot.storage.tables import documents, events, metadata
from tests.staging.environment import variables
from tests.staging.stage import Stage


async def command(stage: Stage, *arguments: str) -> Result:
    """A command of the command line, while the bot runs."""
    settings = stage.app.settings
    folder = settings.warroom_config
    env = variables(settings.api_url, settings.database_url, WARROOM_CONFIG=folder)
    return await asyncio.to_thread(CliRunner(env=env).invoke, main, arguments)


async def unlisted(stage: Stage, name: str) -> None:
    """Take somebody out of people.yaml, and of the groups in it, and reload it."""
    path = stage.app.settings.warroom_config / "people.yaml"
    lines = path.read_text().splitlines()
    kept = [line for line in lines if not line.strip().startswith(f"{name}:")]
    path.write_text("\n".join(kept).replace(f", {name}]", "]"))
    await stage.app.reloading.reload()
    assert name not in stage.app.engine.people.people


def holding(stage: Stage, *words: str) -> list[str]:
    """The tables in which one of these words stands, but for policies whole."""
    return sorted(
        {
            f"{name}.{column}: {text[:300]}"
            for name, column, text in _texts(stage)
            if any(word.lower() in text.lower() for word in words)
        }
    )


def payloads(stage: Stage) -> dict[int, str]:
    """The bytes of all events, by their positions."""
    question = select(events.c.position, events.c.payload, events.c.actor)
    rows = stage.app.engine.store.ask(lambda asked: asked.execute(question).all())
    return {row.position: f"{row.actor} {row.payload}" for row in rows}


def erasures(stage: Stage) -> list[Recorded[Erased]]:
    """What is on record of erasures, in order."""
    c, store = events.c, stage.app.engine.store
    question = select(c.stream_id).where(c.stream_kind == ERASURE.kind).order_by(c.position)
    ids = store.ask(lambda asked: asked.execute(question).scalars().all())
    return [recorded for each in ids for recorded in store.stream(ERASURE, each)]


async def numbers(stage: Stage) -> dict[str, Any]:
    """What `warroom stats` says, but for what the moment of asking changes."""
    done = await command(stage, "stats", "--json")
    assert done.exit_code == 0, done.output
    said = done.stdout  # among which are lines of the bot's log
    return dict(json.loads(said[said.index("{\n") : said.rindex("\n}") + 2]))


def folder(tmp_path: Path, source: Path) -> Path:
    """A configuration that a test may change."""
    folder = tmp_path / "config"
    folder.mkdir()
    for path in source.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text().replace("backup: viv", "backup: bea"))
    return folder


def _texts(stage: Stage) -> Iterator[tuple[str, str, str]]:
    for table in metadata.sorted_tables:
        if table is documents:
            continue
        for row in stage.app.engine.store.ask(partial(_all, table)):
            for column, value in zip(table.c.keys(), row, strict=True):
                if isinstance(value, str):
                    yield table.name, column, value


def _all(table: Table, connection: Connection) -> Sequence[Any]:
    return connection.execute(select(table)).all()
