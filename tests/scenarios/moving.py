"""A database in which everything has happened, and the commands that move it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import Connection, select

from bot.cli.main import main
from bot.domain import commands as c
from bot.domain.person import SYSTEM
from bot.domain.policy import Role
from bot.domain.war_room import Category
from bot.local_slack import LocalSlack, People
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.tables import metadata
from tests.build import ADA, APPROVE, JUSTIFICATION, acting, ada, bea, jude, val
from tests.staging.stage import Stage, staged

INITIATOR = {"slack": ADA}
FREELY = 1000.0  # times Slack's limits, which the local Slack doesn't have here
Lived = dict[str, dict[str, Any]]
Everything = dict[str, list[tuple[Any, ...]]]


def warroom(url: str, *arguments: str, given: bytes | None = None) -> Result:
    """The command, on the database at `url`."""
    return CliRunner(env={"DATABASE_URL": url}).invoke(main, arguments, input=given)


def everything(url: str) -> Everything:
    """Every row of every table."""
    database = Database(url)
    try:
        with database.read.connect() as connection:
            return {
                table.name: sorted(tuple(row) for row in connection.execute(select(table)))
                for table in metadata.sorted_tables
            }
    finally:
        database.dispose()


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A hand in the database."""
    database = Database(url)
    try:
        with database.write.begin() as connection:
            yield connection
    finally:
        database.dispose()


async def once(stage: Stage, holds: Callable[[Connection], object]) -> None:
    """Return as soon as it is so in the bot's database."""
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(stage.app.engine.store.ask, holds):
            await stage.people.state(messages=False)


def _undelivered(connection: Connection) -> list[tuple[Any, ...]]:
    e = tables.effects.c
    return [tuple(row) for row in connection.execute(select(e.kind, e.state, e.uncertain))]


async def live(slack: LocalSlack, people: People, url: str) -> Lived:
    """Rooms of every state and outcome, and effects parked, put off, lost and under way.

    `open` is open, and its announcement waits; `lost` has a channel that nobody knows of yet.
    """
    async with staged(slack, people, url, SLACK_BUDGET=FREELY) as stage:
        told = {**await _closed(stage), **await _decided(stage)}
        for key in ("open", "open"):
            told["open"] = await stage.send(dedup_key=key, initiator=INITIATOR)
        await _talked(stage, told["open"]["room_id"])
        await once(stage, lambda connection: not _undelivered(connection))
        await _failing(stage, told)
    return told


async def _decided(stage: Stage) -> Lived:
    override = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    orders: dict[str, tuple[c.Command | None, str]] = {
        "expired": (None, SYSTEM),
        "approved": (APPROVE, val.name),
        "overridden": (override, jude.name),
        "dismissed": (c.Dismiss(reason="The data set is synthetic."), val.name),
        "rejected": (c.Reject(reason="No basis for it."), jude.name),
        "withdrawn": (c.Withdraw(), ada.name),
    }
    pull = {"repository": "acme/ranker", "pull_request": 77}
    commits = {"superseded": {**pull, "commit": "a" * 40}, "approved": {**pull, "commit": "b" * 40}}
    told: Lived = {}
    for key in ("superseded", *orders):
        about = {"origin": commits[key]} if key in commits else {}
        told[key] = await stage.send(dedup_key=key, initiator=INITIATOR, **about)
    for key, (order, actor) in orders.items():
        if order:
            await stage.app.engine.handle(told[key]["room_id"], order, acting(actor))
    stage.move(timedelta(hours=4))
    assert (await stage.gate(told["expired"]["violation_id"], wait=10))["outcome"] == "expired"
    return told


async def _closed(stage: Stage) -> Lived:
    told = {"closed": await stage.send(dedup_key="closed", initiator=INITIATOR)}
    await stage.app.engine.handle(told["closed"]["room_id"], APPROVE, acting(val.name))
    await once(stage, lambda connection: not _undelivered(connection))
    stage.move(timedelta(days=1))
    archived = select(tables.rooms.c.id).where(tables.rooms.c.state == "closed")
    await once(stage, lambda connection: connection.execute(archived).first())
    return told


async def _talked(stage: Stage, room_id: str) -> None:
    orders: list[tuple[c.Command, str]] = [
        (c.Acknowledge(), val.name),
        (c.RequestInfo(question="Whose data is it?"), val.name),
        (c.Explain(text='Only the customers\' of last year. ü 🙂 \u2028 \\ "quoted"'), ada.name),
        (c.Extend(by=timedelta(hours=1), reason="The lawyer is on a plane."), jude.name),
        (c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name),
    ]
    for order, actor in orders:
        await stage.app.engine.handle(room_id, order, acting(actor))


async def _failing(stage: Stage, told: Lived) -> None:
    create, post = "conversations.create", "chat.postMessage"
    await stage.people.fault("error", method=create, error="restricted_action", times=1)
    told["parked"] = await stage.send(dedup_key="parked", initiator=INITIATOR)
    parked = ("open_channel", "parked", False)
    await once(stage, lambda connection: parked in _undelivered(connection))
    await stage.people.fault("http", method=post, status=503, times=1000)
    await stage.people.fault("reset", method=create, times=1, after=True)
    told["lost"] = await stage.send(dedup_key="lost", initiator=INITIATOR)
    lost = ("open_channel", "pending", True)
    await once(stage, lambda connection: lost in _undelivered(connection))
    await stage.app.engine.handle(
        told["open"]["room_id"], c.RequestInfo(question="And the retraining?"), acting(val.name)
    )
    waiting = ("announce", "pending", True)
    await once(stage, lambda connection: waiting in _undelivered(connection))
