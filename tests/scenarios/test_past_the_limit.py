"""Past the limit: what is taken is answered after its commit, all else at once, with 503."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest
from freezegun import freeze_time

from bot.demo.pipeline import HERE
from bot.http import places
from bot.integrations.standard.source import SOURCE
from bot.storage.transaction import Transaction
from tests.build import START
from tests.metrics.reading import scraped
from tests.staging.environment import TOKEN
from tests.staging.pipeline import body, github_headers
from tests.staging.stage import Stage

MOST, MORE = 8, 4


@asynccontextmanager
async def _standing_still(stage: Stage) -> AsyncIterator[None]:
    """Nothing is committed until the block ends."""
    held, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(_: Transaction) -> None:
        loop.call_soon_threadsafe(held.set)
        go_on.wait()

    holding = asyncio.create_task(stage.app.engine.write(hold))
    await held.wait()
    try:
        yield
    finally:
        go_on.set()
        await holding


def _sent(stage: Stage, count: int, **fields: object) -> set[asyncio.Task[httpx.Response]]:
    return {
        asyncio.create_task(stage.post(body(dedup_key=f"sent-{number}", **fields)))
        for number in range(count)
    }


async def _answered(sent: set[asyncio.Task[httpx.Response]], count: int) -> list[httpx.Response]:
    """The first answers, so many at least."""
    came: set[asyncio.Task[httpx.Response]] = set()
    async with asyncio.timeout(20):
        while len(came) < count:
            more, _ = await asyncio.wait(sent - came, return_when=asyncio.FIRST_COMPLETED)
            came |= more
    return [answer.result() for answer in came]


async def test_what_is_past_the_limit_comes_again_later_and_what_was_taken_is_stored(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WEBHOOKS_MOST", MOST)
    monkeypatch.setattr(places, "WAIT_MOST", 1_000)
    known = await stage.send()
    async with _standing_still(stage):
        sent = _sent(stage, MOST + MORE)
        for refused in await _answered(sent, MORE):
            assert (refused.status_code, refused.json()["error"]) == (503, "busy")
            assert int(refused.headers["retry-after"]) > 0
        reported = await stage.web.post(
            "/gate", content=body(), headers={"Authorization": f"Bearer {TOKEN}"}
        )
        assert reported.status_code == 503, "whoever reports at the gate is no less to store"
        # Who asks takes no place, and waits for no webhook.
        assert (await stage.gate(known["violation_id"]))["verdict"] == "pending"
        assert sum(answer.done() for answer in sent) == MORE
    taken = [each for each in await asyncio.gather(*sent) if each.status_code != 503]
    assert [answer.status_code for answer in taken] == [202] * MOST
    for answer in taken:
        assert (await stage.gate(answer.json()["violation_id"]))["verdict"] == "pending"
    assert (await stage.post(body(dedup_key="later"))).status_code == 202
    figures = await scraped(stage.web)
    assert figures.value("warroom_webhooks_busy_total") == MORE + 1


@pytest.mark.either_database
async def test_what_waits_is_limited_by_its_size_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "BYTES_MOST", 100_000)
    monkeypatch.setattr(places, "WAIT_MOST", 1_000)
    async with _standing_still(stage):
        sent = _sent(stage, 3, facts={"text": "x" * 45_000})
        (refused,) = await _answered(sent, 1)
        assert (refused.status_code, refused.json()["error"]) == (503, "busy")
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [202, 202, 503]


@pytest.mark.either_database
async def test_while_the_first_one_waits_for_long_nobody_else_is_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WAIT_MOST", 1e-9)
    async with _standing_still(stage):
        sent = _sent(stage, 2)
        (refused,) = await _answered(sent, 1)
        assert (refused.status_code, refused.json()["error"]) == (503, "busy")
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [202, 503]
    assert (await stage.post(body(dedup_key="later"))).status_code == 202


@pytest.mark.either_database
async def test_who_never_sends_again_is_taken_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WAIT_MOST", 1e-9)
    content = (HERE / "workflow_run.json").read_bytes()
    github = partial(stage.web.post, "/webhooks/github", content=content)
    async with _standing_still(stage):
        sent = _sent(stage, 2)
        await _answered(sent, 1)
        taken = asyncio.create_task(github(headers=github_headers("workflow_run", content)))
        (refused,) = await _answered(_sent(stage, 1), 1)
        assert refused.status_code == 503
        assert not taken.done()
    assert (await taken).status_code == 202
    await asyncio.gather(*sent)


def test_what_brings_several_waits_anew_with_each_that_is_stored() -> None:
    most = places.WAIT_MOST + 1
    with freeze_time(START) as clock:
        room = places.Places()
        with room.taken(SOURCE, 1) as stored:
            assert room.refusal(SOURCE) is None
            clock.tick(most)
            assert room.refusal(SOURCE)
            stored()
            assert room.refusal(SOURCE) is None
            with room.taken(SOURCE, 1):
                clock.tick(most)
                stored()
                assert room.refusal(SOURCE), "the other one waits still"
        assert room.refusal(SOURCE) is None


@pytest.mark.either_database
async def test_past_the_limit_no_body_is_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WEBHOOKS_MOST", 0)
    parts = urlsplit(stage.here.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        "POST /webhooks/violations HTTP/1.1\r\nhost: warroom.test\r\ncontent-length: 1000\r\n\r\n"
    )
    writer.write(head.encode())
    assert (await asyncio.wait_for(reader.readline(), 10)).split()[1] == b"503"
    # The connection goes on, behind the body that nobody wanted.
    writer.write(b"x" * 1000 + b"GET /healthz HTTP/1.1\r\nhost: warroom.test\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"HTTP/1.1 200"), 10)
    writer.close()
