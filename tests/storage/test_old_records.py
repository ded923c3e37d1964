"""A database of the version before is taken along whole: migrated where it stands, or imported."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.aggregate import Step
from bot.domain.fold import evolve
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.makers import names_of
from bot.domain.policy import digest_of
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage import copying
from bot.storage import tables as t
from bot.storage.archive import ArchiveError, ArchiveReader, ArchiveWriter
from bot.storage.consistency import differences
from bot.storage.database import Database
from bot.storage.records import event_row
from bot.storage.store import Store
from bot.storage.utc_microseconds import UtcMicroseconds
from tests.build import APPROVE, POLICY, acting, ada, config, report, val, viv
from tests.conftest import HandClock
from tests.evidence.exporting import verified, written
from tests.evidence.stranger import by_stranger
from tests.outgoing import FOLLOWING
from tests.storage.exports import revision_0005 as old

SLACK_ID = re.compile(r"^U0[A-Z0-9]+$")
KINDS = {"seated": "reassigned", "set_apart": "split"}
FIELDS = {"seats": "assignments", "gathering": "is_storm"}
Json = dict[str, Any]


@pytest.fixture
def migrated(taken_along: Database) -> Store:
    return Store(taken_along)


@pytest.fixture
async def engine(migrated: Store) -> AsyncIterator[Engine]:
    """The bot, the day after: with people in its configuration, and with policies of its own."""
    newest = max(row["at"] for row in old.rows("events"))
    clock = HandClock(UtcMicroseconds().process_result_value(newest, None) or POLICY.window)  # type: ignore[arg-type] # a time
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(migrated.database, config(POLICY), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


def _in_names(value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON
    """The same with people called by their account; a report says what was sent in."""
    if isinstance(value, dict):
        return {
            inner: part if inner == "report" else _in_names(part, inner)
            for inner, part in value.items()
            if inner != "label"
        }
    if isinstance(value, list):
        return [_in_names(part, key) for part in value]
    return f"slack:{value}" if isinstance(value, str) and SLACK_ID.match(value) else value


def _of_then(now: Any, then: Any) -> Any:  # noqa: ANN401 - JSON
    """`now` without the fields that came later."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: _of_then(now[key], then[key]) for key in now.keys() & then.keys()}
    if isinstance(now, list) and isinstance(then, list):
        pairs = zip(now, then, strict=True) if len(now) == len(then) else ()
        return [_of_then(*pair) for pair in pairs]
    return now


def _maker(reported: Json, name: str | None) -> Json:
    """Who made a change, in the words of today: somebody, or whoever has the address."""
    address = (reported["initiator"]["email"] or "").lower()
    accounts = [f"email:{address}"] if address and not name else []
    return {"names": [name] if name else [], "accounts": accounts, "known": bool(name)}


def _expected(content: Json, emails: dict[str, str]) -> Json:
    """An old event in the words of today."""
    content = {FIELDS.get(name, name): value for name, value in _in_names(content).items()}
    kind = content["kind"] = KINDS.get(content["kind"], content["kind"])
    if kind == "identified":
        address = emails[content.pop("violation_id")]
        content.pop("also")
        user = content.pop("user")
        names = [user] if user else []
        return content | {"account": f"email:{address}", "names": names, "role": None}
    if kind in ("opened", "joined"):
        content["makers"] = [_maker(content["violation"]["report"], content.pop("initiator"))]
    if kind in ("paged", "unreachable"):
        content["name"] = content.pop("user")
    if kind == "decided":
        by = content["decision"]["by"]
        account = by if by.startswith("slack:") else None
        content["decision"] |= {"account": account, "configuration": None}
    return content


def test_a_verifier_finds_nothing_wrong_with_it(migrated: Store) -> None:
    data = written(migrated.database).data()
    assert (verified(data).findings, by_stranger(data)) == ((), set())


def test_every_event_says_what_it_said(migrated: Store) -> None:
    """Number, time, actor, kind and content; in one order, which is that of time."""
    emails = {
        content["violation"]["id"]: (content["violation"]["report"]["initiator"]["email"] or "")
        for content in old.payloads("events", "payload")
        if "violation" in content
    }
    emails = {key: email.lower() for key, email in emails.items()}
    for room in old.rows("rooms"):
        before = [row for row in old.rows("events") if row["room_id"] == room["id"]]
        after = migrated.record(room["id"])
        assert [each.seq for each in after] == [row["seq"] for row in before]
        for was, recorded in zip(before, after, strict=True):
            content = recorded.event.model_dump(mode="json")
            content.pop("contents", None)
            expected = _expected(json.loads(was["payload"]), emails)
            assert _of_then(content, expected) == expected
            assert UtcMicroseconds().process_bind_param(recorded.at, None) == was["at"]
            assert recorded.actor == _in_names(was["actor"])
            assert recorded.account == (recorded.actor if SLACK_ID.match(was["actor"]) else None)
    with migrated.database.read.connect() as connection:
        events = t.events.c
        asked = select(events.position, events.at, events.delivery).order_by(events.position)
        places = connection.execute(asked).all()
    assert [place.position for place in places] == [*range(1, len(old.rows("events")) + 1)]
    assert [place.at for place in places] == sorted(place.at for place in places)
    deliveries = {row["delivery"] for row in old.rows("events")}
    assert {place.delivery for place in places} == deliveries


def test_every_room_is_what_its_events_give(migrated: Store) -> None:
    """In the row of its table, and in the columns that are asked for."""
    with migrated.database.read.connect() as connection:
        compared = list(differences(connection))
        columns = [name for name in old.rows("rooms")[0] if name != "document"]
        asked = text(f"SELECT {', '.join(columns)} FROM rooms")
        rows = {row.id: row._asdict() for row in connection.execute(asked)}
    assert set(compared) == {None}
    for was in old.rows("rooms"):
        assert rows[was["id"]] == {name: was[name] for name in columns}


def test_events_are_what_this_version_would_have_written(migrated: Store) -> None:
    """Their bytes but for the salts, and what is personal apart from them.

    What had another shape then keeps its bytes: it is brought up to date as it is read.
    """
    with migrated.database.read.connect() as connection:
        rows = {(row.stream_id, row.seq): row for row in connection.execute(select(t.events))}
    for room in old.rows("rooms"):
        state: WarRoom | None = None
        for recorded in migrated.record(room["id"]):
            state = evolve(state, recorded)
            row = rows[room["id"], recorded.seq]
            if row.schema < recorded.event.schema_number:
                continue
            today = event_row(WAR_ROOM.kind, state, recorded, row.delivery)
            then = _without_salts(row.payload)
            assert _of_then(_without_salts(today["payload"]), then) == then
            assert _values(row.personal) == _values(today["personal"])
            assert (row.actor, row.kind) == (today["actor"], today["kind"])
            for personal in ("U0", "@acme.test", "customers_eu", "Why", "Because", "ticket 4711"):
                assert personal not in row.payload


def test_each_event_is_read_alone_as_it_is_among_the_others(migrated: Store) -> None:
    for row in old.rows("rooms"):
        room = migrated.room(row["id"])
        assert room
        record = migrated.record(room.id)
        assert [migrated.event(room, recorded.seq) for recorded in record] == record


def _without_salts(payload: str) -> Json:
    return dict(json.loads(re.sub(r"sha256:[0-9a-f]{64}", "sha256", payload)))


def _values(personal: str | None) -> Json:
    """What is personal, by its path."""
    apart = json.loads(personal or "{}")
    values = {path: value for path, (_, value) in apart.items()}
    for path in [path for path in values if path.startswith("people.")]:
        values[path] = {name: value for name, value in values[path].items() if value}
    return values


def test_clock_and_outbox_go_on_where_they_were(migrated: Store) -> None:
    with migrated.database.read.connect() as connection:
        timers = connection.execute(text("SELECT * FROM timers")).all()
        effects = [row._asdict() for row in connection.execute(text("SELECT * FROM effects"))]
        budgets = [row._asdict() for row in connection.execute(text("SELECT * FROM budgets"))]
    assert {tuple(timer) for timer in timers} == {
        ("war_room", row["room_id"], row["kind"], row["due_at"]) for row in old.rows("timers")
    }
    assert budgets == list(old.rows("budgets"))
    there = {row["id"]: row for row in effects}
    for was in old.rows("effects"):
        effect = there.pop(was["id"])
        room, kind = effect["stream_id"], effect["kind"]
        assert (room, kind.replace("resolve_group", "seat_group")) == (was["room_id"], was["kind"])
        assert effect["stream_kind"] == ("war_room" if room else None)
        payload, before = json.loads(effect["payload"]), json.loads(was["payload"])
        if kind == "identify":
            violation = migrated.violation(before["violation"])
            assert violation
            (address,) = violation.report.initiator.identities
            assert payload == {"account": address.account}
        else:
            assert payload == (_in_names(before) if room else before)
        for name in was.keys() - {"room_id", "kind", "payload"}:
            assert effect[name] == was[name] or bool(effect[name]) is was[name], name
    assert not there


def test_violations_keep_their_facts_and_policies_their_bytes(migrated: Store) -> None:
    reported = {
        content["violation"]["id"]: content["violation"]
        for content in old.payloads("events", "payload")
        if "violation" in content
    }
    for was in old.rows("violations"):
        violation = migrated.violation(was["id"])
        assert violation
        then = reported[was["id"]]
        assert _of_then(violation.model_dump(mode="json"), then) == then
        assert was["id"] in {each.id for each in migrated.violations_in(was["room_id"], 1000)}
    with migrated.database.read.connect() as connection:
        kept = {row.digest: row for row in connection.execute(select(t.documents))}
    assert kept.keys() == {row["digest"] for row in old.rows("policies")}
    for digest, row in kept.items():
        assert digest_of(row.document) == digest
        policy = migrated.policy(digest)
        assert policy
        assert policy.place == f"{row.file}:{row.line}"
        assert all(name.startswith("slack:U0") for name in policy.adjudicator.members)


def test_who_made_a_change_is_who_it_was_found_to_be(migrated: Store) -> None:
    """Whatever accounts a report names: the version before kept who had been found by one."""
    found: dict[str, str | None] = {}
    for content in old.payloads("events", "payload"):
        if "violation" in content:
            found[content["violation"]["id"]] = content["initiator"]
        elif content["kind"] == "identified" and content["user"]:
            told = (content["violation_id"], *content["also"])
            found |= dict.fromkeys(told, content["user"])
    for room in old.payloads("rooms", "document"):
        found |= room.get("made_by", {})
    for row in old.rows("rooms"):
        room, record = migrated.room(row["id"]), migrated.record(row["id"])
        assert room
        makers = {
            event.violation.id: event.makers
            for event in (recorded.event for recorded in record)
            if isinstance(event, e.Opened | e.Joined)
        }
        for key, those in makers.items():
            user = found[key]
            assert names_of(those, room.owners) == ((f"slack:{user}",) if user else ())
    assert None in found.values()


def _events_of_one_room(table: str, row: Json) -> bool:
    return table == "events" and row["room_id"] == old.rows("rooms")[0]["id"]


def _first_events(table: str, row: Json) -> bool:
    return table == "events" and row["seq"] == 1


def _policies(table: str, _: Json) -> bool:
    return table == "policies"


@pytest.mark.parametrize("lost", [_events_of_one_room, _first_events, _policies])
def test_a_file_with_a_right_checksum_that_lacks_something_is_damaged(
    database: Database, lost: Callable[[str, Json], bool]
) -> None:
    """And nothing of it is taken in."""
    kept = {
        table: [row for row in old.rows(table) if not lost(table, row)] for table in old.head.counts
    }
    counts = {table: len(rows) for table, rows in kept.items()}
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    writer.head(old.head.but(counts=counts))
    for table, rows in kept.items():
        columns = list(old.rows(table)[0]) if old.rows(table) else []
        writer.table(table, columns, (list(row.values()) for row in rows))
    writer.foot()
    file.seek(0)
    with pytest.raises(ArchiveError, match="the file is damaged"):
        copying.read_in(database, ArchiveReader(file), lambda *_: None)
    copying.read_in(database, old.reader(), lambda *_: None)


def _open_storm(store: Store) -> WarRoom:
    rooms = (store.room(row["id"]) for row in old.rows("rooms") if row["state"] == "open")
    return next(room for room in rooms if room and room.is_storm)


@pytest.mark.parametrize("title", ["late6", "late5", "late7"])
async def test_initiator_cannot_settle_what_is_split_off(engine: Engine, title: str) -> None:
    """By whichever account they were known; and those who may are known to this version."""
    storm = _open_storm(engine.store)
    chosen = next(
        each for each in engine.store.violations_in(storm.id, 1000) if each.report.key == title
    )
    whose = val if title == "late7" else ada
    split = await engine.handle(storm.id, c.Split(violation_id=chosen.id), acting(viv.name))
    assert isinstance(split, Step)
    own = split.events[0].event
    room = engine.store.room(own.to)  # type: ignore[union-attr] # a Split
    assert room
    assert room.initiators == (f"slack:{whose.slack}",)
    refused = await engine.handle(room.id, APPROVE, acting(whose.name))
    assert isinstance(refused, Refusal)
    assert refused.why is Why.OWN_VIOLATION
    approved = await engine.handle(room.id, APPROVE, acting(viv.name))
    assert isinstance(approved, Step)
    paged = {room.person(name).slack for name in room.on_duty}
    assert None not in paged


async def test_what_was_open_is_settled_and_joined(engine: Engine) -> None:
    """By people whom the configuration names now, in rooms that know them by an account."""
    rooms = [engine.store.room(row["id"]) for row in old.rows("rooms") if row["state"] == "open"]
    key = "fresh"
    room = next(room for room in rooms if room and room.violation.report.key == key)
    engine.now.move(timedelta(minutes=1))  # type: ignore[attr-defined] # a clock that stands
    joined = await engine.report(report(dedup_key=key), "violations", "new")
    assert joined.room.id == room.id
    assert joined.room.count == room.count + 1
    again = await engine.report(report(), "violations", old.rows("violations")[0]["delivery_id"])
    assert again.duplicate
