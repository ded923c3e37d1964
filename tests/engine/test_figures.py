"""What the measures are given is what the rooms and violations of the database say."""

import json
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as happening
from sqlalchemy import insert

from bot.engine.cases import cases, decided_beforehand
from bot.measures.case import Observed, by_kind
from bot.measures.cleared import Beforehand
from bot.measures.figures import figures
from bot.storage import tables as t
from bot.storage.answer_counts import AnswerCount, answer_counts
from bot.storage.database import Database
from bot.storage.store import Store
from tests.build import START

OUTCOMES = ("approved", "overridden", "rejected", "expired", "auto_cleared")
NOW = START + timedelta(hours=5)
MINUTE = timedelta(minutes=1)

Row = dict[str, Any]


def _moment(chance: random.Random) -> datetime:
    """Within six hours, of which the last is still to come; in whole minutes there are ties."""
    whole = START + chance.randint(0, 360) * MINUTE
    return whole + timedelta(microseconds=chance.choice((0, chance.randint(0, 59_999_999))))


def _room(chance: random.Random, number: int) -> Row:
    decided = chance.random() < 0.7
    acknowledged, responded, decided_at = (
        _moment(chance) if chance.random() < 0.7 else None for _ in range(3)
    )
    decided_at = _moment(chance) if decided else None
    return {
        "id": f"room-{number}",
        "version": 1,
        "state": chance.choice(("decided", "closed")) if decided else "open",
        "policy_id": chance.choice(("pii", "drift")),
        "severity": chance.choice(("low", "high")),
        "team": chance.choice((None, "search", "ads")),
        "dedup_key": str(number),
        "opened_at": START,
        "expires_at": NOW,
        "acknowledged_at": acknowledged,
        "first_response_at": responded,
        "decided_at": decided_at,
        "outcome": chance.choice(OUTCOMES) if decided else None,
        "document": "{}",
    }


def _fill(database: Database, chance: random.Random, count: int) -> list[tuple[Row, datetime]]:
    """Rooms with one to three violations each, as they were written down."""
    rooms = [_room(chance, number) for number in range(count)]
    detected = [(room, _moment(chance)) for room in rooms for _ in range(chance.randint(1, 3))]
    violations = [
        {
            "id": f"violation-{number}",
            "source": "violations",
            "delivery_id": str(number),
            "received_at": START,
            "callback": False,
            "document": "{}",
        }
        for number in range(len(detected))
    ]
    answers = [
        {
            "violation_id": f"violation-{number}",
            "policy_id": room["policy_id"],
            "kind": "room",
            "room_id": room["id"],
            "detected_at": at,
        }
        for number, (room, at) in enumerate(detected)
    ]
    with database.write.begin() as connection:
        connection.execute(insert(t.rooms), rooms)
        connection.execute(insert(t.violations), violations)
        connection.execute(insert(t.answers), answers)
    return detected


def _observed(room: Row, detected: datetime) -> Observed:
    """One violation as of NOW, from its definition."""
    resolved = room["decided_at"] is not None and room["decided_at"] <= NOW
    end = room["decided_at"] if resolved else NOW

    def waited(moment: datetime | None) -> float | None:
        if moment is None or moment > end:
            return None
        return max(0.0, (moment - detected).total_seconds())

    return Observed(
        time=max(0.0, (end - detected).total_seconds()),
        resolved=resolved,
        acknowledged=waited(room["acknowledged_at"]),
        first_response=waited(room["first_response_at"]),
        outcome=room["outcome"] if resolved else None,
        human=resolved and room["outcome"] in ("approved", "overridden", "rejected"),
        policy=room["policy_id"],
        team=room["team"],
        severity=room["severity"],
    )


@pytest.mark.parametrize("seed", range(5))
def test_figures_of_the_database_are_those_of_its_violations_one_by_one(
    database: Database, seed: int
) -> None:
    """Also of those that were decided, acknowledged or detected after now, or out of order."""
    chance, store = random.Random(seed), Store(database)
    detected = _fill(database, chance, 150)
    every = [(room, at, _observed(room, at)) for room, at in detected]
    assert figures(cases(store, NOW)) == figures(by_kind(seen for _, _, seen in every))
    since = START + timedelta(hours=2)
    late = [seen for _, at, seen in every if at >= since]
    assert figures(cases(store, NOW, since)) == figures(by_kind(late))
    some = [seen for _, _, seen in every if (seen.policy, seen.team) == ("pii", "ads")]
    assert figures(cases(store, NOW, None, {"pii"}, "ads")) == figures(by_kind(some))


def test_an_empty_database_has_no_cases(database: Database) -> None:
    assert figures(cases(Store(database), NOW)).n == 0


@pytest.mark.only_on("sqlite", reason="on small tables PostgreSQL's planner takes no index")
def test_figures_are_read_from_indexes_alone_in_the_order_of_their_groups(
    database: Database,
) -> None:
    asked: list[tuple[str, Any]] = []
    happening.listen(
        database.read, "before_cursor_execute", lambda *given: asked.append((given[2], given[3]))
    )
    cases(Store(database), NOW)
    cases(Store(database), NOW, START)
    with database.read.connect() as connection:
        whole, late = (
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
            for statement, given in list(asked)
            if statement.startswith("SELECT")
        )
    reads = [plan for plan in whole + late if plan.startswith(("SCAN", "SEARCH"))]
    assert len(reads) == 8
    assert all("COVERING INDEX" in plan for plan in reads), reads
    assert not [plan for plan in whole if "TEMP B-TREE" in plan], whole


def _answered(database: Database) -> None:
    """An answer of each kind, and of one of a newer version's, each detected an hour later."""
    answers = [
        ("room", None, None),
        ("rule", "internal", "ads"),
        ("rule", "internal", "search"),
        ("exception", None, "ads"),
        ("newer", None, None),
    ]
    violations = [
        {
            "id": f"violation-{number}",
            "source": "violations",
            "delivery_id": str(number),
            "received_at": START,
            "callback": False,
            "document": json.dumps({"report": {"team": team, "facts": {"team": "ads"}}}),
        }
        for number, (_, _, team) in enumerate(answers)
    ]
    rows = [
        {
            "violation_id": f"violation-{number}",
            "policy_id": "pii",
            "kind": kind,
            "rule": rule,
            "detected_at": START + timedelta(hours=number),
        }
        for number, (kind, rule, _) in enumerate(answers)
    ]
    with database.write.begin() as connection:
        connection.execute(insert(t.violations), violations)
        connection.execute(insert(t.answers), rows)


def test_what_was_decided_beforehand_is_counted_by_kind_and_rule_and_is_no_case(
    database: Database,
) -> None:
    _answered(database)
    store = Store(database)
    every = {
        Beforehand("pii", "rule", "internal", 2),
        Beforehand("pii", "exception", None, 1),
        Beforehand("pii", "newer", None, 1),
    }
    counted = decided_beforehand(store)
    assert set(counted) == every
    assert set(decided_beforehand(store, START + timedelta(hours=2))) == {
        each._replace(number=1) for each in every
    }
    assert decided_beforehand(store, None, {"drift"}) == []
    assert set(decided_beforehand(store, None, {"pii"}, "ads")) == {
        Beforehand("pii", "rule", "internal", 1),
        Beforehand("pii", "exception", None, 1),
    }
    assert AnswerCount("pii", "room", None, 1) in store.ask(answer_counts)
    measured = figures(cases(store, NOW), beforehand=counted).cleared
    assert measured
    assert (measured.n, measured.cleared, measured.waived, measured.share) == (4, 2, 1, 0.5)


@pytest.mark.only_on("sqlite", reason="on small tables PostgreSQL's planner takes no index")
def test_answers_are_counted_in_an_index_alone_in_the_order_of_their_groups(
    database: Database,
) -> None:
    asked: list[tuple[str, Any]] = []
    happening.listen(
        database.read, "before_cursor_execute", lambda *given: asked.append((given[2], given[3]))
    )
    store = Store(database)
    store.ask(answer_counts)
    decided_beforehand(store)
    decided_beforehand(store, START)
    plans = []
    with database.read.connect() as connection:
        for statement, given in [each for each in asked if each[0].startswith("SELECT")]:
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.append([row[3] for row in explained])
    assert plans == [["SCAN answers USING COVERING INDEX ix_answers_counted"]] * 3
