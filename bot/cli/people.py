"""`warroom people`: people who are imported, now and by hand.

Rules
- It imports as a worker does each hour, and says what changes. A bot that runs goes on with it
  within seconds.
- What gives too few to be believed is taken with `--accept`, and the record says by whom.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.configuration import Configuration, ImportPeople, too_few
from bot.domain.count import counted
from bot.domain.person import operator
from bot.engine.engine import Engine
from bot.engine.loads import who_runs_this
from bot.engine.people import on_record
from bot.engine.wakeups import Wakeups
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.people.fetch import fetch
from bot.integrations.people.hourly import take_in
from bot.integrations.registry import kinds_of, with_built_in
from bot.measures.safe_text import plain
from bot.outbox.enqueue import RegisteredFollowers
from bot.policies.imported import Imported, ImportFailedError
from bot.policies.imports import Import
from bot.policies.load import load
from bot.settings import Settings, load_settings
from bot.storage.opening import open_database

FAILED = 1
LINE_MOST = 500  # characters


@click.group()
def people() -> None:
    """Work on who people are."""


@people.command("import")
@click.option("--accept", is_flag=True, help="Take what gives a tenth fewer people, or nobody.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and record nothing.")
@click.pass_obj
def import_now(extensions: Sequence[Extension], *, accept: bool, dry_run: bool) -> None:
    """Import people as people.yaml says; exit code 1 where an import fails or is refused."""
    settings, parts = load_settings(), with_built_in(extensions)
    config = load(settings.warroom_config, parts.sections)
    if not config.people.imports:
        raise UsageError("people.yaml has no `import`: it names a CSV file, a command, or Slack")

    async def run() -> bool:
        database = open_database(settings.database_url, make=not dry_run)
        followers = RegisteredFollowers(kinds_of(parts, settings), parts.followers)
        wakeups = Wakeups(asyncio.get_running_loop())
        engine = Engine(database, config, lambda: datetime.now(UTC), wakeups, followers)
        try:
            accepted_by = operator(who_runs_this()).account if accept else None
            results = [
                await _imported(engine, settings, each, accepted_by, dry_run=dry_run)
                for each in config.people.imports
            ]
        finally:
            await asyncio.to_thread(engine.stop)
            database.dispose()
        return all(results)

    sys.exit(0 if asyncio.run(run()) else FAILED)


async def _imported(
    engine: Engine, settings: Settings, source: Import, accepted_by: str | None, *, dry_run: bool
) -> bool:
    """Import from one source, and say what came of it; whether it could be."""
    token = settings.slack_bot_token.get_secret_value()
    client = AsyncWebClient(token=token, base_url=settings.api_url, timeout=10)
    try:
        imported = await fetch(source, engine.config.people, client)
        current = await asyncio.to_thread(on_record, engine.store)
        differences = list(_differences(current, source.name, imported))
        for line in [*(f"left out: {said}" for said in imported.skipped), *differences]:
            click.echo(plain(line, LINE_MOST))
        given = ImportPeople(source=source.name, humans=imported.humans, accepted_by=accepted_by)
        refusal = too_few(current, given)
        if not (refusal or dry_run):
            await take_in(engine, source.name, imported, accepted_by)
    except ImportFailedError as error:
        click.echo(plain(f"{source.name}: {error.whole}", LINE_MOST), err=True)
        return False
    if refusal:
        click.echo(
            plain(f"{source.name}: {refusal.message}; --accept takes it", LINE_MOST), err=True
        )
        return False
    count = f"{source.name}: {counted(len(imported.humans), 'person', 'people')}"
    if differences:
        done = f"{count} would be imported." if dry_run else f"{count} imported."
    else:
        done = f"{count}; nothing {'would change' if dry_run else 'changed'}."
    click.echo(plain(done, LINE_MOST))
    return True


def _differences(current: Configuration, source: str, imported: Imported) -> Iterator[str]:
    """Who is new, and who is no more; a line each."""
    held = current.imported.get(source, {}).values()
    for mark, humans, others in (("+", imported.humans, held), ("-", held, imported.humans)):
        known = set(others)
        yield from (f"{mark} {' '.join(human)}" for human in humans if human not in known)
