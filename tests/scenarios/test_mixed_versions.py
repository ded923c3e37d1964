"""While a newer version is rolled out, an older one runs beside it on one PostgreSQL.

The older one is this one; the newer one is a copy of it with more in it, in processes of its own.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, insert, select

from bot.domain import commands as c
from bot.domain.aggregate import Step, Unknown
from bot.domain.configuration import CONFIGURATION, STREAM_ID
from bot.local_slack import LocalSlack, People
from bot.storage import consistency
from bot.storage import tables as t
from tests.approving import approve
from tests.build import APPROVE, START, VAL, acting, val
from tests.copied import copied
from tests.scenarios.newer import ACCEPTED, NEWER, NOTE
from tests.staging.environment import GITHUB_SECRET, TOKEN, variables
from tests.staging.pipeline import body, channel
from tests.staging.processes import Part, bot
from tests.staging.stage import Stage, staged

SECONDS = 60


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("newer"), NEWER)


@asynccontextmanager
async def _started(
    command: str, newer: Path, slack: LocalSlack, database_url: str
) -> AsyncIterator[Part]:
    """A process of the newer version."""
    told = variables(slack.api_url, database_url)
    part = bot(f"newer-{command}", command, newer, {**told, "PYTHONPATH": str(newer)})
    try:
        await part.start()
        yield part
    finally:
        await part.stop()


def _rows(connection: Connection, room_id: str) -> list[Row[Any]]:
    """The events of a room, byte for byte."""
    events = select(t.events).where(t.events.c.stream_id == room_id).order_by(t.events.c.seq)
    return list(connection.execute(events).all())


def _document(connection: Connection, room_id: str) -> dict[str, Any]:
    found = connection.execute(select(t.rooms.c.document).where(t.rooms.c.id == room_id))
    return dict(json.loads(found.scalar_one()))


def _rings(connection: Connection) -> list[tuple[str, int]]:
    e = t.effects.c
    found = connection.execute(select(e.state, e.attempts).where(e.kind == "ring"))
    return [(row.state, row.attempts) for row in found]


def _timers(connection: Connection, room_id: str) -> set[str]:
    c = t.timers.c
    return set(connection.execute(select(c.name).where(c.stream_id == room_id)).scalars())


async def _once(ask: Callable[[], Awaitable[object]], part: Part) -> None:
    """Return as soon as it is so."""
    async with asyncio.timeout(SECONDS):
        while not await ask():
            part.check()


async def _words(stage: Stage, text: str) -> str:
    """What a command of the older version answers."""
    given = await stage.people.command(user=VAL, channel="C0GENERAL", text=text)
    shown = {each.ts: each.words for each in await stage.people.messages(VAL, given.channel)}
    return shown[given.ts or ""]


async def _answered(stage: Stage, told: dict[str, Any]) -> None:
    """The older version answers whatever it is asked."""
    assert (await stage.gate(told["violation_id"]))["verdict"] == "pending"
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = await stage.web.get(path, headers=bearer)
        assert answer.status_code == 200, f"{path}: {answer.text}"
    assert told["room_id"] in await _words(stage, f"/warroom status {told['room_id']}")


@pytest.mark.only_on("postgresql", reason="a file takes one process")
async def test_an_older_version_loses_nothing_of_a_newer_one_and_leaves_to_it_what_is_its(
    newer: Path,
    local_slack: LocalSlack,
    people: People,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WARROOM_GITHUB_SECRET", GITHUB_SECRET)
    async with (
        _started("web", newer, local_slack, database_url) as theirs,
        staged(local_slack, people, database_url, is_sound=False) as stage,
    ):
        engine = stage.app.engine
        store, own = engine.store, stage.web.base_url
        stage.web.base_url = theirs.url
        told = await stage.send()
        stage.web.base_url = own
        room_id = told["room_id"]
        written = store.ask(lambda connection: _rows(connection, room_id))
        assert [row.kind for row in written[:2]] == ["opened", "weighed"]
        with store.database.write.begin() as connection:
            of_unknown = {"stream_kind": "covenant", "stream_id": "x1", "name": "expire"}
            connection.execute(insert(t.timers), {**of_unknown, "due_at": START})

        await stage.card(told)  # delivered by the older one, which is the only worker
        await stage.paged(VAL)
        joined = await stage.send()
        assert joined["room_id"] == room_id
        acknowledged = await engine.handle(room_id, c.Acknowledge(), acting(val.name))
        assert isinstance(acknowledged, Step)
        await _answered(stage, told)

        record = store.record(room_id)
        assert isinstance(record[1].event, Unknown)
        assert {"joined", "acknowledged"} <= {each.event.kind for each in record}
        loads = store.stream(CONFIGURATION, STREAM_ID)
        assert Unknown in {type(each.event) for each in loads}
        document = store.ask(lambda connection: _document(connection, room_id))
        assert (document["note"], document["weighed"]) == (NOTE, 1)
        assert document["version"] == len(record)
        rows = store.ask(lambda connection: _rows(connection, room_id))
        assert rows[: len(written)] == written
        assert store.ask(_rings) == [("pending", 0)]
        assert "weigh" in store.ask(lambda connection: _timers(connection, room_id))
        said = store.ask(lambda connection: list(consistency.differences(connection)))
        assert said == [f"room {room_id}: weighed is an event of a newer version"]

        async with _started("worker", newer, local_slack, database_url) as worker:

            async def done() -> bool:
                seen = store.ask(lambda connection: _document(connection, room_id))
                rings = store.ask(_rings)
                await engine.wakeups.room_changed(room_id, 0.1)
                return seen["weighed"] == 2 and not rings

            await _once(done, worker)
        timers = store.ask(lambda connection: _timers(connection, room_id))
        assert "weigh" not in timers
        assert timers
        assert isinstance(await engine.handle(room_id, APPROVE, acting(val.name)), Step)
        document = store.ask(lambda connection: _document(connection, room_id))
        assert (document["note"], document["weighed"]) == (NOTE, 2)
        assert store.ask(lambda connection: _timers(connection, "x1")) == {"expire"}


@pytest.mark.only_on("postgresql", reason="a file takes one process")
async def test_an_older_version_answers_for_what_a_newer_one_decided_in_its_own_words(
    newer: Path,
    local_slack: LocalSlack,
    people: People,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WARROOM_GITHUB_SECRET", GITHUB_SECRET)
    async with (
        staged(local_slack, people, database_url, is_sound=False) as stage,
        _started("web", newer, local_slack, database_url) as theirs,
    ):
        content = body()
        first = await stage.post(content, delivery="msg_first")
        told = first.json()
        await stage.card(told)
        local_slack.set_request_url(f"{theirs.url}/slack/events")
        await approve(people, user=VAL, channel=channel(told))
        local_slack.set_request_url(f"{stage.here.url}/slack/events")

        answer = await stage.gate(told["violation_id"], wait=10)
        assert (answer["verdict"], answer["outcome"]) == ("allow", ACCEPTED)
        again = await stage.post(content, delivery="msg_first")
        assert again.status_code == 202
        assert again.json() == {**told, **again.json(), "duplicate": True, "status": "decided"}
        await people.wait_for(
            lambda state: (
                (found := state.channel(channel(told)))
                and any(ACCEPTED in each.words and each.pinned for each in found.messages)
            )
        )
        for command in (f"status {told['room_id']}", "stats"):
            assert ACCEPTED in await _words(stage, f"/warroom {command}")
        await stage.send()
        assert "1 open" in await _words(stage, "/warroom debt")
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        metrics = await stage.web.get("/metrics", headers=bearer)
        assert f'warroom_decisions_total{{outcome="{ACCEPTED}"}} 1.0' in metrics.text
