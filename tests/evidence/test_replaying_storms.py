"""What an event says of roles, proposals and a storm is held to what led to it."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.person import Person
from bot.domain.policy import Role, StormRule
from bot.domain.violation import Initiator
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.storage.database import Database
from tests.build import APPROVE, POLICY, acting, ada, eve, report, val, viv
from tests.conftest import HandClock, started
from tests.evidence.exporting import Written, kinds, rewritten, written

STORMY = POLICY.but(storm=StormRule(rooms=1))


async def _come(engine: Engine, key: str, initiator: Initiator) -> Receipt:
    return await engine.report(report(dedup_key=key, initiator=initiator), "violations", key)


async def _do(engine: Engine, room_id: str, command: c.Command, by: Person) -> None:
    assert isinstance(await engine.handle(room_id, command, acting(by.name)), Step)


async def _story(database: Database) -> None:
    """Two allow what somebody unknown made; of a storm Ada's and Eve's, one of Eve's is apart."""
    async with started(database, HandClock(), STORMY) as engine:
        room = (await _come(engine, "unknown", Initiator(github="stranger"))).room
        await _do(engine, room.id, c.HandOff(role=Role.VALIDATOR, to=viv), val)
        await _do(engine, room.id, APPROVE, val)
        await _do(engine, room.id, APPROVE, viv)
        came = [
            await _come(engine, f"of {who.name} {n}", Initiator(slack=who.slack))
            for n in range(2)
            for who in (ada, eve)
        ]
        await _do(engine, came[-1].room.id, c.Split(violation_id=came[-1].violation_id), val)
        await _do(engine, came[-1].room.id, APPROVE, val)


@pytest.fixture(scope="module")
def record(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """What they leave behind."""
    file = tmp_path_factory.mktemp("storm") / "record.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    asyncio.run(_story(database))
    try:
        return written(database)
    finally:
        database.dispose()


def test_what_they_leave_behind_is_sound(record: Written) -> None:
    assert {"proposed", "handed_off", "split"} <= {each.leaf.kind for each in record.entries}
    assert kinds(record.data()) == set()


def _no_maker(event: dict[str, Any]) -> None:
    """Somebody who made what stays isn't behind it any more."""
    of_ada, of_eve = event["contents"]["made_by"]
    of_ada["makers"][0]["names"] = of_eve["makers"][0]["names"]


def _another_maker(event: dict[str, Any]) -> None:
    """With as many violations as left, it is another's maker who went."""
    event["contents"]["made_by"][0]["count"] -= 1
    event["contents"]["made_by"][1]["count"] += 1


def _fewer(event: dict[str, Any]) -> None:
    event["contents"]["count"] -= 1


def _of_elsewhere(event: dict[str, Any]) -> None:
    event["violations"] = ["violation0"]


def _by_another(event: dict[str, Any]) -> None:
    """Whoever allows it has it proposed by somebody else."""
    event["proposal"]["by"] = "p3"


def _for_another_role(event: dict[str, Any]) -> None:
    event["proposal"]["role"] = "adjudicator"


def _earlier(event: dict[str, Any]) -> None:
    event["proposal"]["at"] = "2026-01-01T00:00:00Z"


def _to_all(event: dict[str, Any]) -> None:
    """A role goes to others than it was given to."""
    for each in event["assignments"]:
        each["others"] = ["p1", *each["others"]]


FORGED: dict[Callable[[dict[str, Any]], None], str] = {
    _no_maker: "split",
    _another_maker: "split",
    _fewer: "split",
    _of_elsewhere: "split",
    _by_another: "proposed",
    _for_another_role: "proposed",
    _earlier: "proposed",
    _to_all: "handed_off",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__.strip("_"))
def test_what_does_not_follow_is_found_though_the_log_has_signed_it(
    record: Written, forge: Callable[[dict[str, Any]], None]
) -> None:
    number = record.number(FORGED[forge])
    entry = record.entries[number]
    payload = json.loads(entry.leaf.payload)
    forge(payload["event"])
    forged = record.but(number, rewritten(entry, payload=json.dumps(payload)))
    assert "decision" in kinds(forged.data())


def test_the_first_form_of_a_split_forgets_nobody_who_made_what_stays(record: Written) -> None:
    number = record.number("split")
    entry = record.entries[number]
    payload = json.loads(entry.leaf.payload)
    contents = payload["event"]["contents"]
    (eve,) = contents["made_by"][1]["makers"][0]["names"]
    del contents["made_by"]
    contents["made"] = {eve: contents["count"]}
    beside = {path: each for path, each in entry.personal.items() if "made_by" not in path}
    line = rewritten(entry, beside, payload=json.dumps(payload), schema=1)
    forged = record.but(number, line)
    assert "decision" in kinds(forged.data())
