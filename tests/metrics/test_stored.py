"""The figures that the database has, and what is left of /metrics without one."""

import asyncio
import math
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text

from bot.domain.exception import Revoke
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.http.application import health_app
from bot.measures.half_life import HALF_LIFE
from bot.measures.measure import Measure
from bot.measures.registry import MEASURES
from bot.metrics.meters import Meters
from bot.metrics.stored import HELP, Stored
from bot.storage.database import Database
from bot.storage.exceptions import ends
from tests.build import APPROVE, POLICY, START, acting, config, report, val
from tests.conftest import HandClock
from tests.domain.test_follow_up import order
from tests.metrics.reading import read, scraped
from tests.outgoing import FOLLOWING, KINDS
from tests.owing import owe

MINUTE = timedelta(minutes=1)


def _asgi(engine: Engine) -> httpx.AsyncClient:
    meters = Meters()
    meters.collect_with(Stored(engine, KINDS, MEASURES))
    transport = httpx.ASGITransport(health_app(engine, meters, KINDS))
    return httpx.AsyncClient(transport=transport, base_url="http://worker")


@pytest.fixture
async def web(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    async with _asgi(engine) as web:
        yield web


def _called(name: str) -> Measure[Any]:
    """A measure whose gauge has this name."""
    assert HALF_LIFE.gauge
    return replace(HALF_LIFE, gauge=replace(HALF_LIFE.gauge, name=name))


async def _opened(engine: Engine, number: int) -> str:
    found = await engine.report(report(dedup_key=f"k{number}"), "violations", f"d{number}")
    return found.room.id


async def test_the_half_life_is_the_one_of_the_measures_or_not_reached(
    web: httpx.AsyncClient, engine: Engine, clock: HandClock
) -> None:
    first, _ = await _opened(engine, 1), await _opened(engine, 2)
    assert math.isnan((await scraped(web)).value("warroom_half_life_seconds"))
    clock.move(10 * MINUTE)
    await engine.handle(first, APPROVE, acting(val.name))
    assert (await scraped(web)).value("warroom_half_life_seconds") == 600
    clock.move(MINUTE / 2)
    for number in (3, 4):  # settled at once: with them it is half of all
        await engine.handle(await _opened(engine, number), APPROVE, acting(val.name))
    assert (await scraped(web)).value("warroom_half_life_seconds") == 600, "kept for a minute"
    clock.move(MINUTE / 2)
    assert (await scraped(web)).value("warroom_half_life_seconds") == 0
    clock.move(timedelta(days=31))
    assert math.isnan((await scraped(web)).value("warroom_half_life_seconds")), "of 30 days"


@pytest.mark.parametrize("name", sorted(HELP))
async def test_a_gauge_has_no_name_of_the_bots_own_figures(engine: Engine, name: str) -> None:
    """The figures of the database; the family would stand there twice."""
    with pytest.raises(ValueError, match=f"the gauge of 'half_life' is called '{name}'"):
        Stored(engine, KINDS, [_called(name)])


async def test_a_gauge_has_no_name_of_what_a_process_counts(engine: Engine) -> None:
    taken = "warroom_slack_calls_total"
    with pytest.raises(ValueError, match=taken):
        Meters().collect_with(Stored(engine, KINDS, [_called(taken)]))


async def test_each_family_of_the_database_is_exposed_once_under_a_name_known_beforehand(
    engine: Engine,
) -> None:
    registry = CollectorRegistry()
    registry.register(Stored(engine, KINDS, MEASURES))
    exposed = (await asyncio.to_thread(generate_latest, registry)).decode()
    gauges = [measure.gauge.name for measure in MEASURES if measure.gauge]
    assert sorted(re.findall(r"^# TYPE (\S+)", exposed, re.MULTILINE)) == sorted([*HELP, *gauges])


async def test_the_outbox_and_the_clock_are_as_late_as_their_oldest(
    web: httpx.AsyncClient, engine: Engine, clock: HandClock
) -> None:
    await _opened(engine, 1)
    clock.move(timedelta(hours=1) + MINUTE)
    found = await scraped(web)
    assert found.value("warroom_timer_lag_seconds") == 60
    assert found.value("warroom_outbox_oldest_due_seconds", urgency="page") == 3660
    assert found.value("warroom_outbox_depth", urgency="page") == 4
    assert found.value("warroom_outbox_depth", urgency="view") == 0
    assert found.value("warroom_rooms", state="open", policy=POLICY.id) == 1


async def test_what_is_owed_is_counted_by_kind_and_team_with_the_age_of_the_oldest(
    web: httpx.AsyncClient, engine: Engine, clock: HandClock
) -> None:
    for number, team in enumerate(("ads", "ads", None)):
        await owe(engine, order(id=f"owed{number}", team=team))
        clock.move(MINUTE)
    found = await scraped(web)
    assert found.value("warroom_follow_ups", kind="sample", team="ads") == 2
    assert found.value("warroom_follow_ups", kind="sample", team="") == 1
    assert found.value("warroom_follow_up_oldest_seconds", team="ads") == 180
    assert found.value("warroom_follow_up_oldest_seconds", team="") == 60


async def test_the_end_of_each_active_exception_is_told_and_of_those_alone(
    web: httpx.AsyncClient, engine: Engine, clock: HandClock
) -> None:
    """The next to end first, where there are more than may be told."""
    ids = [await _opened(engine, number) for number in (1, 2)]
    for exception_id in ids:
        await engine.handle(exception_id, APPROVE, acting(val.name))
        clock.move(MINUTE)
    found = await scraped(web)
    first, second = (
        found.value("warroom_exception_ends_at", exception=each, policy=POLICY.id, team="")
        for each in ids
    )
    assert (first, second) == (START.timestamp() + 7 * 86_400, first + 60)
    next_to_end = engine.store.ask(lambda asked: ends(asked, clock(), 1))
    assert [each.id for each in next_to_end] == ids[:1]
    await engine.exceptions.handle(ids[0], Revoke(reason="It was wrong."), acting(val.name))
    clock.move(timedelta(days=7) - MINUTE)
    assert "warroom_exception_ends_at{" not in (await web.get("/metrics")).text


async def test_readiness_says_what_is_late_and_by_how_much(
    web: httpx.AsyncClient, engine: Engine, clock: HandClock, database: Database
) -> None:
    await _opened(engine, 1)
    clock.move(timedelta(hours=1, seconds=61))
    answer = await web.get("/readyz")
    assert answer.status_code == 503
    message = answer.json()["message"]
    assert message.startswith("outbox: an effect of urgency page has been due for 3661 s; ")
    assert message.endswith("clock: a timer has been due for 61 s")
    with database.write.begin() as connection:
        connection.execute(text("DELETE FROM effects"))
    answer = await web.get("/readyz")
    assert answer.json()["message"] == "clock: a timer has been due for 61 s"
    clock.move(timedelta(seconds=-1))
    assert (await web.get("/readyz")).status_code == 200


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/none", "sqlite:////nowhere/at/all.db"])
async def test_without_a_database_the_process_gives_its_own_figures(
    url: str, clock: HandClock
) -> None:
    database = Database(url)
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), clock, wakeups, FOLLOWING)
    async with _asgi(engine) as web:
        found = await scraped(web)
        assert found.value("warroom_database_up") == 0
        assert "warroom_build_info" in found.text
        assert "warroom_commit_orders_count" in found.text
        assert "warroom_rooms" not in found.text
        assert (await web.get("/readyz")).json()["message"] == "database: not available"
        assert (await web.get("/healthz")).status_code == 200
    await asyncio.to_thread(engine.stop)
    database.dispose()


def test_two_apps_in_one_process_count_for_themselves() -> None:
    one, other = Meters(), Meters()
    one.called("chat.postMessage", "ok", 0.1)
    call = {"method": "chat.postMessage", "result": "ok"}
    assert read(one.exposed().decode()).value("warroom_slack_calls_total", **call) == 1
    assert read(other.exposed().decode()).value("warroom_slack_calls_total", **call) == 0


async def test_the_description_has_the_figures(web: httpx.AsyncClient) -> None:
    paths = (await web.get("/openapi.json")).json()["paths"]
    assert set(paths) == {"/healthz", "/readyz", "/metrics"}
    assert set(paths["/metrics"]["get"]["responses"]["200"]["content"]) == {"text/plain"}
