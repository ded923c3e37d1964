"""The README's commands for backup, restore and move are run as they stand there."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.local_slack import LocalSlack, People
from tests.postgres import another_database, tool
from tests.scenarios.moving import Everything, everything, live
from tests.staging.stage import local_slack_config, staged

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
WARROOM = f'warroom() {{ "{sys.executable}" -m bot "$@"; }}\n'


def _commands(under: str, starting: str) -> str:
    """The lines of the first block after the bold words, that begin with one of some words."""
    found = re.search(rf"\*\*{under}\*\*.*?```bash\n(.*?)```", README, re.DOTALL)
    assert found
    lines = [line for line in found[1].splitlines() if re.match(starting, line)]
    assert lines
    return "\n".join(lines)


def _run(commands: str, folder: Path, url: str) -> None:
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(Path(__file__).parents[1])}
    pg_dump = tool("pg_dump")
    if pg_dump:
        environment["PATH"] = f"{pg_dump.parent}:{environment['PATH']}"
    command = ["bash", "-euc", WARROOM + commands]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def _backed_up(url: str, folder: Path, commands: str) -> Everything:
    """Back up while a bot runs; gives what there was to back up."""
    async with LocalSlack(local_slack_config()) as slack, People(slack.url) as people:
        await live(slack, people, url)
        await people.fault("http", status=503, times=10_000)  # nothing more is delivered
        async with staged(slack, people, url):
            await asyncio.to_thread(_run, commands, folder, url)
    return await asyncio.to_thread(everything, url)


def _rooms(found: Everything) -> Everything:
    """What no further attempt at a delivery changes, and that the log takes in no later."""
    later = ("effects", "budgets", "log_leaves", "log_nodes", "log_head")
    return {name: rows for name, rows in found.items() if name not in later}


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "warroom.db")
    return f"sqlite:///{tmp_path}/warroom.db"


@pytest.fixture
def emptied(postgres_url: str) -> Iterator[tuple[str, str]]:
    """Two databases without tables."""
    with another_database(postgres_url) as first, another_database(postgres_url) as second:
        yield first, second


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="sqlite3 is not installed")
def test_sqlite_is_backed_up_while_the_bot_runs_and_restored(
    sqlite_url: str, tmp_path: Path
) -> None:
    before = asyncio.run(_backed_up(sqlite_url, tmp_path, _commands("Back up", "sqlite3")))
    shutil.copy(tmp_path / "warroom.db", tmp_path / "warroom.db-wal")  # what a crash leaves
    _run(_commands("Restore", "rm"), tmp_path, sqlite_url)
    assert _rooms(everything(sqlite_url)) == _rooms(before)
    assert before["rooms"]


@pytest.mark.skipif(not tool("pg_dump"), reason="pg_dump is not installed")
def test_postgresql_is_backed_up_while_the_bot_runs_and_restored(
    emptied: tuple[str, str], tmp_path: Path
) -> None:
    first, second = emptied
    _run("warroom db upgrade", tmp_path, first)
    before = asyncio.run(_backed_up(first, tmp_path, _commands("Back up", "pg_dump")))
    _run(_commands("Restore", "pg_restore"), tmp_path, second)
    assert _rooms(everything(second)) == _rooms(before)
    assert before["rooms"]


def test_an_export_taken_while_the_bot_runs_is_a_backup(sqlite_url: str, tmp_path: Path) -> None:
    before = asyncio.run(_backed_up(sqlite_url, tmp_path, _commands("Back up", "warroom")))
    new = f"sqlite:///{tmp_path}/new.db"
    _run(_commands("Restore", "warroom"), tmp_path, new)
    assert _rooms(everything(new)) == _rooms(before)


def test_sqlite_is_outgrown_in_two_commands(
    sqlite_url: str, emptied: tuple[str, str], tmp_path: Path
) -> None:
    asyncio.run(_backed_up(sqlite_url, tmp_path, ":"))
    commands = _commands("Outgrow SQLite", "").replace(
        "postgresql://warroom@db.acme.test/warroom", f"'{emptied[1]}'"
    )
    assert emptied[1] in commands
    _run(commands, tmp_path, sqlite_url)
    assert everything(emptied[1]) == everything(sqlite_url)
