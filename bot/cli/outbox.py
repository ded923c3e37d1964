"""`warroom outbox`: what was given up, shown, tried again, or dropped with a reason.

Rules
- A bot that runs looks each second, and finds what was put back.
- What is dropped waits for nobody any more: a room whose channel waited for it goes on. Whose an
  account is that Slack was to be asked about stays unknown: the room is held back, and not stuck.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click

from bot.domain.person import operator
from bot.engine.loads import who_runs_this
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import kinds_of, with_built_in
from bot.measures.safe_text import columns, plain
from bot.outbox import dead_letters
from bot.outbox.dead_letters import NotDroppedError, Undelivered
from bot.outbox.enqueue import RegisteredFollowers
from bot.settings import load_settings
from bot.storage.database_errors import reached
from bot.storage.opening import open_database, opened_store

NOT_THERE = 1
ID_MOST = 2**63 - 1
HEADINGS = ["id", "room", "kind", "to", "since (UTC)", "attempts", "reason"]


@click.group()
def outbox() -> None:
    """See what could not be delivered, and try it again, or drop it."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_parked(*, as_json: bool) -> None:
    """What was given up, with the reason, and how much is still to be tried."""
    with opened_store(load_settings().database_url) as store:
        undelivered = dead_letters.undelivered(store)
    if not as_json:
        click.echo(_text(undelivered))
        return
    oldest = undelivered.oldest
    shape = {
        "parked": [
            asdict(parked) | {"since": parked.since.isoformat()} for parked in undelivered.parked
        ],
        "pending": {
            "count": undelivered.pending,
            "oldest": oldest.isoformat() if oldest else None,
        },
    }
    click.echo(json.dumps(shape, indent=2))


@outbox.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(1, ID_MOST))
@click.option("--all", "everything", is_flag=True, help="Whatever was given up.")
def retry(ids: tuple[int, ...], *, everything: bool) -> None:
    """Put back what was given up, once its reason is mended; exit code 1 if an ID isn't there."""
    if bool(ids) == everything:
        raise UsageError("name the IDs that `warroom outbox list` shows, or --all")
    database = open_database(load_settings().database_url)
    try:
        with reached(database), database.write.begin() as connection:
            now = datetime.now(UTC)
            back = dead_letters.put_back(connection, now, None if everything else ids)
    finally:
        database.dispose()
    numbers = f" ({', '.join(map(str, back))})" if back else ""
    click.echo(f"{len(back)} put back{numbers}; a bot that runs tries within a second.")
    if missing := sorted(set(ids) - set(back)):
        parked = "See `warroom outbox list`."
        click.echo(f"Not parked: {', '.join(map(str, missing))}. {parked}", err=True)
        sys.exit(NOT_THERE)


@outbox.command()
@click.argument("effect_id", metavar="ID", type=click.IntRange(1, ID_MOST))
@click.option("--why", required=True, help="The reason, for the record.")
@click.pass_obj
def drop(extensions: Sequence[Extension], *, effect_id: int, why: str) -> None:
    """Give up for good what can never be delivered; exit code 1 if ID isn't there.

    What was dropped, why and by whom is in the record of its room.
    """
    if not why.strip():
        raise UsageError("--why: a reason is needed")
    settings = load_settings()
    parts = with_built_in(extensions)
    followers = RegisteredFollowers(kinds_of(parts, settings), parts.followers)
    database = open_database(settings.database_url)
    try:
        with reached(database), database.write.begin() as connection:
            now, by = datetime.now(UTC), operator(who_runs_this())
            given_up = dead_letters.drop(connection, followers, now, effect_id, why, by)
    except NotDroppedError as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_THERE)
    finally:
        database.dispose()
    room = f", in the record of war room {given_up.room_id}" if given_up.room_id else ""
    click.echo(f"Dropped: {given_up.kind} to {plain(given_up.to)} ({effect_id}){room}.")


def _text(undelivered: Undelivered) -> str:
    rows = [
        [
            str(parked.id),
            parked.room_id or "-",
            parked.kind,
            plain(parked.to),
            f"{parked.since:%Y-%m-%d %H:%M}",
            str(parked.attempts),
            plain(parked.reason),
        ]
        for parked in undelivered.parked
    ]
    lines = columns([HEADINGS, *rows]) if rows else ["Nothing was given up."]
    oldest = (
        f", the oldest since {undelivered.oldest:%Y-%m-%d %H:%M} UTC" if undelivered.oldest else ""
    )
    more = f"{undelivered.pending} more {'is' if undelivered.pending == 1 else 'are'}"
    return "\n".join([*lines, f"{more} still to be delivered{oldest}."])
