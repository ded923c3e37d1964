"""`GET /gate/{violation_id}`: who may ask, when it answers, and that no decision is missed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import delete, insert, select

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.messages import PostedMessage
from bot.domain.person import BY_SYSTEM
from bot.domain.reported import RecordPage
from bot.domain.war_room import Category
from bot.engine.engine import Engine
from bot.engine.verdict_json import named, verdict
from bot.engine.waiting import Waiting
from bot.engine.wakeups import Wakeups
from bot.http import gate
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.store import DatabaseUnavailableError
from tests.build import (
    APPROVE,
    JUDE,
    JUSTIFICATION,
    POLICY,
    START,
    VAL,
    acting,
    ada,
    config,
    decide,
    in_room,
    jude,
    room,
    val,
)
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING
from tests.sources.conftest import Pipeline, asgi
from tests.staging.environment import TOKEN

BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def other(database: Database, clock: Callable[[], datetime]) -> AsyncIterator[Engine]:
    """Another process on the same database: its wakeups don't reach us."""
    theirs = Database(database.url.render_as_string(hide_password=False))
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(theirs, config(POLICY), clock, wakeups, FOLLOWING)
    yield engine
    await asyncio.to_thread(engine.stop)
    theirs.dispose()


async def _ids(pipeline: Pipeline) -> tuple[str, str]:
    said = (await pipeline.send()).json()
    return said["violation_id"], said["room_id"]


async def test_who_shows_no_token_learns_nothing_else(pipeline: Pipeline) -> None:
    for path in ("/gate/unknown", "/gate/unknown?wait=soon"):
        assert (await pipeline.web.get(path)).status_code == 401


async def test_the_gate_asks_for_its_token(pipeline: Pipeline, engine: Engine) -> None:
    said = (await pipeline.send()).json()
    path = f"/gate/{said['violation_id']}"
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}):
        answer = await pipeline.web.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert ("found a token that is none of those" in answer.text) == (
            "Bearer wrong" in headers.values()
        )
    async with asgi(engine, token="") as web:
        answer = await web.get(path, headers={"authorization": "Bearer "})
    assert answer.status_code == 401
    assert "WARROOM_API_TOKEN" in answer.json()["message"]


async def test_the_gate_answers_at_once_and_a_wait_ends_with_the_decision(
    pipeline: Pipeline,
) -> None:
    said = (await pipeline.send()).json()
    path, headers = f"/gate/{said['violation_id']}", {"authorization": f"Bearer {TOKEN}"}
    pending = (await pipeline.web.get(path, headers=headers)).json()
    assert (pending["verdict"], pending["outcome"], pending["decided_by"]) == (
        "pending",
        None,
        None,
    )
    waiting = asyncio.create_task(pipeline.web.get(f"{path}?wait=30", headers=headers))
    await pipeline.engine.handle(
        said["room_id"], c.Approve(reason="Within policy."), acting(val.name)
    )
    async with asyncio.timeout(5):
        decided = (await waiting).json()
    assert decided == pending | {
        "verdict": "allow",
        "valid_until": "2026-11-27T09:00:00Z",
        "outcome": "approved",
        "reason": "Within policy.",
        "decided_by": "val",
        "decided_by_account": f"slack:{VAL}",
        "decided_at": START.isoformat().replace("+00:00", "Z"),
        "answers": [{**pending["answers"][0], "verdict": "allow"}],
    }


async def test_a_rooms_id_stands_for_its_only_violation(pipeline: Pipeline) -> None:
    violation, room = await _ids(pipeline)
    for headers in ({}, {"authorization": "Bearer wrong"}):
        assert (await pipeline.web.get(f"/gate/{room}", headers=headers)).status_code == 401
    answer = (await pipeline.web.get(f"/gate/{room}", headers=BEARER)).json()
    assert answer == (await pipeline.web.get(f"/gate/{violation}", headers=BEARER)).json()
    waiting = asyncio.create_task(pipeline.web.get(f"/gate/{room}?wait=30", headers=BEARER))
    await pipeline.engine.handle(room, APPROVE, acting(val.name))
    async with asyncio.timeout(5):
        decided = (await waiting).json()
    assert (decided["violation_id"], decided["verdict"]) == (violation, "allow")


async def test_a_rooms_id_stands_for_none_of_several_violations(pipeline: Pipeline) -> None:
    first, room = await _ids(pipeline)
    second = (await pipeline.send("msg_2")).json()["violation_id"]
    several = await pipeline.web.get(f"/gate/{room}", headers=BEARER)
    assert (several.status_code, several.json()["error"]) == (409, "several_violations")
    assert first in several.json()["message"]
    assert second in several.json()["message"]


async def test_a_reason_is_fit_to_be_read_and_names_people(pipeline: Pipeline) -> None:
    violation, room = await _ids(pipeline)
    reason = f"Agreed\u202e with\x1b[31m\x07 <@{JUDE}> and <@U0NEW|new>,\r\nfor good."
    await pipeline.engine.handle(room, c.Approve(reason=reason), acting(val.name))
    answer = await pipeline.web.get(f"/gate/{violation}", headers=BEARER)
    assert answer.json()["reason"] == "Agreed with[31m jude and slack:U0NEW,\nfor good."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"<@{VAL[:2]}\u200b{VAL[2:]}>", "val"),
        (f"<\u2066@{VAL}>", "val"),
        (f"<@{VAL}|\x00>", "val"),
        (f"<@{VAL.lower()}>", "val"),
        ("<@U0NEW>", "slack:U0NEW"),
        (f"<@U0<@{VAL}>NEW>", "@U0valNEW>"),
        ("<@U0<@E0>W>", "@U0slack:E0W>"),
        ("<!channel> <\u200b!subteam^S1>", "!channel> !subteam^S1>"),
        ("recall <0.8, a<b", "recall <0.8, a<b"),
    ],
)
def test_whatever_is_written_a_reason_calls_nobody(written: str, read: str) -> None:
    assert named(written, room()) == read


def test_who_decided_is_clean() -> None:
    step = decide(room(), APPROVE, val.name, POLICY, START)
    assert isinstance(step, Step)
    assert step.after.decision
    decision = step.after.decision.but(by="Eve\u202e", account="email:eve\u202e@acme.test")
    said = verdict("v1", in_room(step.after.but(decision=decision)), START)
    assert (said["decided_by"], said["decided_by_account"]) == ("Eve", "email:eve@acme.test")


@pytest.mark.parametrize("wait", ["-1", "61", "soon", "nan", "inf"])
async def test_a_wait_that_is_none_is_a_422(pipeline: Pipeline, wait: str) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = await pipeline.web.get(f"/gate/x?wait={wait}", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["path"] == "wait"


async def test_an_unknown_violation_is_a_404(pipeline: Pipeline) -> None:
    answer = await pipeline.web.get("/gate/nothing", headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_the_word_bearer_is_taken_in_any_case(pipeline: Pipeline) -> None:
    violation, _ = await _ids(pipeline)
    answer = await pipeline.web.get(f"/gate/{violation}", headers={"authorization": "b" + TOKEN})
    assert answer.status_code == 401
    lower = {"authorization": f"bearer {TOKEN}"}
    assert (await pipeline.web.get(f"/gate/{violation}", headers=lower)).status_code == 200


@pytest.mark.parametrize(
    "odd", ["%00", "%ff", "x" * 5000, "V1", "a b", "%0d%0aX-Evil:%201", "%27%20OR%201=1%20--"]
)
async def test_what_can_be_no_id_is_unknown_and_never_asked_for(
    pipeline: Pipeline, odd: str
) -> None:
    answer = await pipeline.web.get(f"/gate/{odd}", headers=BEARER)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_each_violation_of_a_room_has_its_verdict(pipeline: Pipeline) -> None:
    first, second = (await pipeline.send()).json(), (await pipeline.send("msg_2")).json()
    await pipeline.engine.handle(first["room_id"], APPROVE, acting(val.name))
    for said in (first, second):
        answer = (await pipeline.web.get(f"/gate/{said['violation_id']}", headers=BEARER)).json()
        assert (answer["violation_id"], answer["verdict"]) == (said["violation_id"], "allow")
        assert answer["policy_digest"] == POLICY.digest


async def test_a_decision_by_another_process_ends_the_wait(
    pipeline: Pipeline, other: Engine
) -> None:
    violation, room = await _ids(pipeline)
    waiting = asyncio.create_task(
        gate.ask(pipeline.engine, violation, 30, Waiting(pipeline.engine))
    )
    await other.handle(room, APPROVE, acting(val.name))
    async with asyncio.timeout(5):
        answer = await waiting
    assert answer
    assert answer["verdict"] == "allow"


async def test_a_decision_between_look_and_wait_is_heard_at_once(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room is decided right after each look found it open; no second goes by all the same."""
    violation, room_id = await _ids(pipeline)
    engine, look = pipeline.engine, pipeline.engine.store.deciding
    loop, looks = asyncio.get_running_loop(), 0

    def decided_after(asked: str) -> dict[str, bool] | None:
        nonlocal looks
        looks += 1
        found = look(asked)
        if looks == 2:
            approve = engine.handle(room_id, APPROVE, acting(val.name))
            asyncio.run_coroutine_threadsafe(approve, loop).result()
        return found

    monkeypatch.setattr(engine.store, "deciding", decided_after)
    monkeypatch.setattr(gate, "LOOK_EVERY_SECONDS", 20.0)
    async with asyncio.timeout(5):
        answer = await gate.ask(engine, violation, 30, Waiting(engine))
    assert answer
    assert answer["verdict"] == "allow"


async def test_a_wait_without_a_decision_ends_as_pending_and_in_time(pipeline: Pipeline) -> None:
    violation, _ = await _ids(pipeline)
    began = time.monotonic()
    answer = await pipeline.web.get(f"/gate/{violation}?wait=0.2", headers=BEARER)
    assert answer.json()["verdict"] == "pending"
    assert 0.2 <= time.monotonic() - began < 5


async def test_what_only_a_newer_version_can_answer_is_known_and_allows_nothing(
    pipeline: Pipeline, database: Database
) -> None:
    """Beside other answers, in whatever order they come, the room's is the one that counts."""
    said = (await pipeline.send("d1")).json()
    violation, columns = said["violation_id"], t.answers.c
    path = f"/gate/{violation}?wait=0.1"
    with database.write.begin() as connection:
        room = connection.execute(select(t.answers)).one()._asdict()
        for policy in ("0-before", "z-after"):
            other = {"policy_id": policy, "kind": "rule", "room_id": None}
            connection.execute(insert(t.answers), room | other)
    assert (await pipeline.web.get(path, headers=BEARER)).json()["room_id"] == said["room_id"]
    again = (await pipeline.send("d1")).json()
    assert (again["room_id"], again["duplicate"]) == (said["room_id"], True)
    with database.write.begin() as connection:
        connection.execute(delete(t.answers).where(columns.kind == t.ROOM))
    answer = await pipeline.web.get(path, headers=BEARER)
    assert answer.status_code == 200
    assert (answer.json()["verdict"], answer.json()["room_id"]) == ("pending", None)
    again = await pipeline.send("d1")
    assert again.status_code == 202
    known = again.json()
    assert (known["violation_id"], known["duplicate"]) == (violation, True)
    assert (known["verdict"], known["room_id"]) == ("pending", None)


async def test_with_the_database_away_the_gate_says_when_to_ask_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> None:
        raise DatabaseUnavailableError("locked")

    monkeypatch.setattr(pipeline.engine.store, "deciding", away)
    answer = await pipeline.web.get("/gate/v1", headers=BEARER)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_what_is_unexpected_at_the_gate_is_a_503_without_its_words(engine: Engine) -> None:
    async with asgi(engine) as web:
        engine.store = None  # type: ignore[assignment] # a bug of ours
        answer: httpx.Response = await web.get("/gate/v1", headers=BEARER)
    assert (answer.status_code, answer.json()["error"]) == (503, "failed")
    assert "NoneType" not in answer.text


async def test_an_exception_allows_until_its_end_and_not_longer(
    pipeline: Pipeline, clock: HandClock
) -> None:
    violation_id, room_id = await _ids(pipeline)
    order = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    await pipeline.engine.handle(room_id, order, acting(jude.name))
    path = f"/gate/{violation_id}"
    clock.move(timedelta(days=7) - timedelta(seconds=1))
    assert (await pipeline.web.get(path, headers=BEARER)).json()["verdict"] == "allow"
    clock.move(timedelta(seconds=1))
    ended = (await pipeline.web.get(path, headers=BEARER)).json()
    assert (ended["verdict"], ended["outcome"]) == ("block", "overridden")
    assert ended["valid_until"] == "2026-11-27T09:00:00Z"


async def test_the_gate_says_since_when_who_was_paged_and_who_has_seen_it(
    pipeline: Pipeline, clock: HandClock
) -> None:
    violation, room = await _ids(pipeline)
    path = f"/gate/{violation}"
    asked = (await pipeline.web.get(path, headers=BEARER)).json()
    assert (asked["opened_at"], asked["paged"]) == ("2026-11-20T09:00:00Z", [])
    for name in (ada.name, val.name, jude.name):
        message = PostedMessage(channel="D1", ts="1.1")
        page = RecordPage(name=name, message=message)
        await pipeline.engine.handle(room, page, BY_SYSTEM)
    clock.move(timedelta(minutes=3))
    await pipeline.engine.handle(room, c.Acknowledge(), acting(val.name))
    asked = (await pipeline.web.get(path, headers=BEARER)).json()
    assert asked["paged"] == [
        {"person": "ada", "role": "initiator", "seen_at": None},
        {"person": "val", "role": "validator", "seen_at": "2026-11-20T09:03:00Z"},
        {"person": "jude", "role": "adjudicator", "seen_at": None},
    ]
