"""`warroom hold`: what is held for a lawsuit or an inquiry is neither erased nor removed.

Rules
- A hold is on a person or on a war room, with a reason; who placed it is the login here.
- It comes before an erasure, which it stops then, or after it, and holds what that has left.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import Connection

from bot.app import utc_now
from bot.domain.channel_names import room_id_in
from bot.domain.hold import HOLD, LIFTED, Hold, LiftHold, PlaceHold
from bot.domain.person import Person, operator
from bot.domain.refusal import Refusal
from bot.domain.somebody import Somebody
from bot.engine.ids import new_id
from bot.engine.loads import who_runs_this
from bot.engine.streams import Streams
from bot.errors import UsageError
from bot.integrations.registry import kinds_of, with_built_in
from bot.measures.safe_text import columns, plain
from bot.outbox.enqueue import RegisteredFollowers
from bot.settings import load_settings
from bot.storage.database_errors import reached
from bot.storage.erasing import everything_known, of_person, wait_for_erasures
from bot.storage.holds import holds
from bot.storage.opening import open_database, opened_store
from bot.storage.rows import VIEWS
from bot.storage.transaction import Transaction

REFUSED = 1
WORDS_MOST = 200  # characters of a row


@click.group()
def hold() -> None:
    """Keep what is of a person or a war room, whoever wants it erased."""


@hold.command()
@click.option("--person", help="A name, or an account such as slack:U0ADA.")
@click.option("--room", help="A war room's id, or its channel's name.")
@click.option("--reason", required=True, help="Why: it is recorded.")
def add(*, person: str | None, room: str | None, reason: str) -> None:
    """Hold a person or a war room from now on; prints the hold's id."""
    if (person is None) == (room is None):
        raise UsageError("need one of --person and --room")
    hold_id = new_id(10)

    def command(connection: Connection) -> PlaceHold:
        who = _person(connection, person) if person is not None else None
        room_id = _room(connection, room) if room is not None else None
        return PlaceHold(id=hold_id, person=who, room_id=room_id, reason=_said(reason))

    _record(hold_id, command)
    click.echo(hold_id)


@hold.command()
@click.argument("hold_id", metavar="ID")
@click.option("--reason", required=True, help="Why: it is recorded.")
def remove(*, hold_id: str, reason: str) -> None:
    """Lift a hold; exit code 1 where there is none to lift."""
    _record(hold_id, lambda _: LiftHold(reason=_said(reason)))
    click.echo(f"Legal hold {plain(hold_id)} is lifted.")


@hold.command("list")
@click.option("--all", "every", is_flag=True, help="Those too that were lifted.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_holds(*, every: bool, as_json: bool) -> None:
    """What is held, by whom and why, the oldest first."""
    with opened_store(load_settings().database_url) as store:
        found = [each for each in store.ask(holds) if every or each.state != LIFTED]
    if as_json:
        click.echo(json.dumps([_document(each) for each in found], indent=2))
        return
    rows = [["id", "held", "state", "since (UTC)", "by", "reason"]]
    for each in found:
        said = (_held(each), each.state, f"{each.at:%Y-%m-%d %H:%M}", each.by, each.reason)
        rows.append([each.id, *(plain(word, WORDS_MOST) for word in said)])
    click.echo("\n".join(columns(rows)) if found else "Nothing is held.")


def _document(each: Hold) -> dict[str, Any]:
    shape = {"id": each.id, "person": each.person, "room_id": each.room_id, "state": each.state}
    return shape | {"at": each.at.isoformat(), "by": each.by, "reason": each.reason}


def _held(each: Hold) -> str:
    return each.person or f"war room {each.room_id}"


def _said(reason: str) -> str:
    if not reason.strip():
        raise UsageError("--reason: a reason is needed")
    return reason.strip()


def _person(connection: Connection, given: str) -> Person:
    """Whom the record knows by a name or an account. UsageError for nobody."""
    who = everything_known(connection, Somebody.called(given))
    if not of_person(connection, who, utc_now()).values:
        raise UsageError(f"--person: the record has nobody who is {plain(given)}")
    names = sorted(who.names, key=lambda name: (name in who.accounts, name))
    return Person(name=names[0], accounts=tuple(sorted(who.accounts)))


def _room(connection: Connection, given: str) -> str:
    asked = {"of_id": room_id_in(given)}
    if connection.execute(VIEWS["war_room"].stored, asked).first() is None:
        raise UsageError(f"--room: there is no war room {plain(given)}")
    return asked["of_id"]


def _record(hold_id: str, command: Callable[[Connection], PlaceHold | LiftHold]) -> None:
    settings, parts = load_settings(), with_built_in()
    followers = RegisteredFollowers(kinds_of(parts, settings), parts.followers)
    database = open_database(settings.database_url)
    try:
        with reached(database), database.write.begin() as connection:
            wait_for_erasures(connection)
            transaction = Transaction(connection, utc_now(), locking=True)
            streams = Streams((HOLD,), followers, lambda *_: None)
            by = operator(who_runs_this())
            answer = streams.apply(transaction, HOLD, hold_id, command(connection), by)
            if not isinstance(answer, Refusal):
                transaction.flush()
    finally:
        database.dispose()
    if isinstance(answer, Refusal):
        click.echo(f"warroom: {answer.message}", err=True)
        sys.exit(REFUSED)
