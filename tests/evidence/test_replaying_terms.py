"""On which terms people decide follows from the policy: what was written in otherwise is found."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain import commands as c
from bot.domain.conditions import Condition
from bot.domain.policy import Band, Policy, Role, StormRule
from bot.domain.violation import Initiator, Severity
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.storage.database import Database
from tests.build import APPROVE, POLICY, ada, eve, jude, val
from tests.conftest import HandClock, started
from tests.evidence.exporting import Written, kinds, written
from tests.evidence.forging import Happening, changed, left_behind, number_in, with_event

BANDED = POLICY.but(
    id="banded",
    bands=(
        Band(
            id="low",
            when=Condition(text="facts.?confidence.orValue(0.0) < 0.5"),
            decide=(Role.ADJUDICATOR,),
            severity=Severity.CRITICAL,
            window=timedelta(hours=2),
        ),
        Band(id="rest", decide=(Role.VALIDATOR,)),
    ),
)
STRICTER = BANDED.but(
    severity=Severity.CRITICAL,
    window=timedelta(hours=1),
    bands=(Band(id="all", decide=(Role.ADJUDICATOR,)),),
)
LAXER = BANDED.but(bands=(Band(id="all", decide=(Role.VALIDATOR,)),))
STORMY = POLICY.but(id="stormy", storm=StormRule(rooms=1), bands=BANDED.bands)


async def _story(happening: Happening) -> None:
    """One without a band, one in a grave one, one joined by what is graver, and one of a storm."""
    of_ada, of_eve = Initiator(slack=ada.slack), Initiator(slack=eve.slack)
    plain = await happening.come("plain", of_ada)
    await happening.do(plain, APPROVE, val)
    low = await happening.come("low", of_ada, policy=BANDED.id)
    await happening.do(low, APPROVE, jude)
    graver = await happening.come("graver", of_ada, policy=BANDED.id, facts={"confidence": 0.9})
    await happening.come("graver", of_ada, policy=BANDED.id, facts={"confidence": 0.1})
    await happening.do(graver, APPROVE, jude)
    sure = {"policy": STORMY.id, "facts": {"confidence": 0.9}}
    first, *_ = [await happening.come(f"sure {number}", of_eve, **sure) for number in range(3)]
    last = await happening.come("storm", of_eve, policy=STORMY.id)
    assert first.room.id != last.room.id
    await happening.do(last, c.Split(violation_id=last.violation_id), jude)
    again = await happening.come("storm", of_eve, policy=STORMY.id)
    await happening.do(again, APPROVE, jude)


@pytest.fixture(scope="module")
def record(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """What they leave behind."""
    policies = POLICY, BANDED, STORMY
    return left_behind(_story, policies, sqlite_template, tmp_path_factory.mktemp("terms"))


# Which terms of a new room are written in, and as what that is found.
TERMS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("plain", {"window": "PT1S"}, "early-expiry"),
    ("plain", {"window": "P9D"}, "decision"),
    ("plain", {"severity": "low"}, "decision"),
    ("plain", {"decide": ["validator"]}, "decision"),
    ("plain", {"private": False}, "decision"),
    ("low", {"window": "PT1S"}, "early-expiry"),
    ("low", {"window": "PT4H"}, "decision"),
    ("low", {"severity": "high"}, "decision"),
    ("low", {"decide": ["validator"]}, "decision"),
    ("low", {"basis": None}, "cited"),
)
# What of a storm is written in once it is in a room of its own.
SPLIT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"window": "PT1S"}, "early-expiry"),
    ({"window": "P9D"}, "decision"),
    ({"severity": "low"}, "decision"),
    ({"decide": ["validator"]}, "decision"),
)
# And which of what has joined one of less.
JOINED: tuple[tuple[dict[str, Any] | None, str], ...] = (
    (None, "decision"),
    ({"window": "PT1S"}, "early-expiry"),
    ({"severity": "low"}, "decision"),
    ({"decide": ["validator"]}, "decision"),
)


def test_what_they_leave_behind_is_sound(record: Written) -> None:
    assert {"joined", "split", "decided"} <= {each.leaf.kind for each in record.entries}
    assert kinds(record.data()) == set()


@pytest.mark.parametrize(("key", "fields", "expected"), TERMS)
def test_a_room_opens_on_the_terms_of_its_policy(
    record: Written, key: str, fields: dict[str, Any], expected: str
) -> None:
    assert expected in kinds(with_event(record, "opened", key, **fields).data())


def test_a_room_falls_into_the_band_of_its_policy(record: Written) -> None:
    """The ladder of a band is its own, too."""

    def change(payload: dict[str, Any]) -> None:
        payload["event"]["basis"]["band"] = "rest"

    assert "decision" in kinds(changed(record, "opened", "low", change).data())


@pytest.mark.parametrize(("fields", "expected"), JOINED)
def test_what_joins_makes_the_terms_as_grave_as_its_own(
    record: Written, fields: dict[str, Any] | None, expected: str
) -> None:
    def change(payload: dict[str, Any]) -> None:
        event = payload["event"]
        event["terms"] = fields and event["terms"] | fields

    number = number_in(record, "joined", "graver")
    entry = record.entries[number]
    kept = {path: each for path, each in entry.personal.items() if "terms" not in path}
    if fields is None:
        record = record.but(number, replace(entry, personal=kept))
    assert expected in kinds(changed(record, "joined", "graver", change).data())


@pytest.mark.parametrize(("fields", "expected"), SPLIT)
def test_what_came_out_of_a_storm_is_decided_on_as_it_was_there(
    record: Written, fields: dict[str, Any], expected: str
) -> None:
    assert expected in kinds(with_event(record, "opened", "storm", **fields).data())


@pytest.mark.parametrize("after", [STRICTER, LAXER], ids=["stricter", "laxer"])
def test_what_joins_comes_under_the_policy_that_is_loaded_by_then(
    database: Database, after: Policy
) -> None:
    """The room stays under its own."""

    async def story() -> None:
        clock, of_ada = HandClock(), Initiator(slack=ada.slack)

        async def come(engine: Engine, confidence: float) -> Receipt:
            facts = {"confidence": confidence}
            happening = Happening(engine, clock)
            return await happening.come("one", of_ada, policy=BANDED.id, facts=facts)

        async with started(database, clock, BANDED) as engine:
            first = await come(engine, 0.9)
        async with started(database, clock, after) as engine:
            second = await come(engine, 0.1)
        assert first.room.decide == (Role.VALIDATOR,)
        assert second.room.policy_digest == first.room.policy_digest
        assert second.room.decide == after.bands[0].decide

    asyncio.run(story())
    assert kinds(written(database).data()) == set()
