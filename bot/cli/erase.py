"""`warroom erase`: everything personal of somebody goes out of the record, and no proof breaks.

Rules
- Without `--yes` it only says what would go. With it, it wants to know on whose order.
- It is refused while something holds them, which is said with where that is.
- What it can't reach, it lists: somebody has to look there.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence

import click

from bot.app import utc_now
from bot.domain.count import counted
from bot.domain.person import operator
from bot.engine.engine import Engine
from bot.engine.erasing import Looked, erase_person, look, summary
from bot.engine.loads import who_runs_this
from bot.engine.wakeups import Wakeups
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import kinds_of, with_built_in
from bot.measures.safe_text import plain
from bot.outbox.enqueue import RegisteredFollowers
from bot.policies.load import load
from bot.settings import load_settings
from bot.storage.opening import open_database
from bot.storage.rebuilding import NewerEventError

REFUSED = 1
LINE_MOST = 500  # characters


@click.command()
@click.option("--person", required=True, help="A name, or an account such as slack:U0ADA.")
@click.option("--order", default="", help="On whose order, such as a ticket: it is recorded.")
@click.option("--yes", is_flag=True, help="Do it; without this it says what would go.")
@click.pass_obj
def erase(extensions: Sequence[Extension], *, person: str, order: str, yes: bool) -> None:
    """Delete what is personal of somebody; what happened stays on record.

    Exit code 1 where something holds them: an open war room, an active exception, an open
    follow-up, a legal hold, or the configuration, which lists them still.
    """
    if yes and not order.strip():
        raise UsageError("--order: need on whose order it is done, such as a ticket's name")
    try:
        looked = asyncio.run(_looked(with_built_in(extensions), person, order.strip(), yes=yes))
    except NewerEventError as error:
        click.echo(f"warroom: {error}", err=True)
        sys.exit(REFUSED)
    if looked.obstacles:
        click.echo(plain(f"warroom: {person} can't be erased:", LINE_MOST), err=True)
        for obstacle in looked.obstacles:
            click.echo(plain(f"- {obstacle}", LINE_MOST), err=True)
        sys.exit(REFUSED)
    if not looked.found.values:
        raise UsageError(f"--person: the record has nobody who is {plain(person, LINE_MOST)}")
    known = ", ".join(sorted(looked.who.names | looked.who.accounts))
    click.echo(plain(f"Known as {known}.", LINE_MOST))
    click.echo(f"{'Erased' if yes else 'Would be erased'}: {summary(looked.found)}.")
    click.echo("\n".join(["Out of reach:", *(f"- {each}" for each in _out_of_reach(looked))]))
    if not yes:
        click.echo("Nothing was changed; `--yes --order TEXT` erases it.")


def _out_of_reach(looked: Looked) -> Iterator[str]:
    yield "messages that Slack holds, and what other systems were told, as in checks and comments"
    yield "exports, backups, replicas, and pages that the database has freed (VACUUM)"
    yield "logs, and what a bot that runs has in memory until it is started anew"
    yield "plain words of others that name them without an address or an account"
    if policies := looked.found.besides.policies:
        named = counted(policies, "policy on record names them", "policies on record name them")
        yield f"{named}: decisions cite these by a digest of all their bytes"


async def _looked(parts: Extension, person: str, order: str, *, yes: bool) -> Looked:
    settings = load_settings()
    config = load(settings.warroom_config, parts.sections)
    database = await asyncio.to_thread(open_database, settings.database_url)
    wakeups = Wakeups(asyncio.get_running_loop())
    followers = RegisteredFollowers(kinds_of(parts, settings), parts.followers)
    engine = Engine(database, config, utc_now, wakeups, followers)
    try:
        if yes:
            return await erase_person(engine, person, order, operator(who_runs_this()))
        return await asyncio.to_thread(
            engine.store.ask, lambda asked: look(asked, person, config.people, utc_now())
        )
    finally:
        await asyncio.to_thread(engine.stop)
        database.dispose()
