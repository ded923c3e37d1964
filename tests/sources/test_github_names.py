"""Names at GitHub: patterns take them, and what none takes is logged and kept."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.domain import commands as c
from bot.engine.engine import Engine
from bot.storage.source_names import SeenName, ignored_count, ignored_since
from tests.build import START, acting, jude
from tests.conftest import HandClock
from tests.sources.conftest import Pipeline, asgi
from tests.sources.github import check, post, run

pytestmark = pytest.mark.usefixtures("fresh_loggers")

LEG = "Guardrails (3.11, ubuntu-latest)"


def _kept(engine: Engine) -> list[SeenName]:
    return engine.store.ask(lambda asked: ignored_since(asked, START - timedelta(days=1)))


@pytest.mark.either_database
@pytest.mark.parametrize("mapped", ["Guardrails*", "Guardrails", "guardrails (*", "*"])
async def test_a_leg_of_a_matrix_opens_a_room(engine: Engine, mapped: str) -> None:
    async with asgi(engine, names=(mapped,)) as web:
        answer = await post(Pipeline(web, engine), check(name=LEG), "check_run")
    assert answer.status_code == 202, answer.text
    room = engine.store.room(answer.json()["room_id"])
    assert room
    assert room.title == f"{LEG} failed for acme/ranker"


@pytest.mark.parametrize("name", [" Guardrails ", "Guardrails\t", "\nGuardrails"])
async def test_blanks_at_the_ends_of_a_name_are_no_silent_miss(
    pipeline: Pipeline, name: str
) -> None:
    answer = await post(pipeline, check(name=name), "check_run")
    assert "room_id" in answer.json(), answer.text


@pytest.mark.either_database
async def test_the_job_of_a_reusable_workflow_opens_a_room(engine: Engine) -> None:
    async with asgi(engine, names=("* / Guardrails",)) as web:
        pipeline = Pipeline(web, engine)
        inside = await post(pipeline, check(name="ci / Guardrails"), "check_run")
        outside = await post(pipeline, check(name="ci / Lint"), "check_run")
    assert "room_id" in inside.json()
    assert outside.json()["status"] == "ignored"


async def test_a_failure_that_nothing_takes_is_logged_and_kept_before_it_is_answered(
    pipeline: Pipeline, clock: HandClock
) -> None:
    with capture_logs() as lines:
        for number in range(3):
            clock.move(timedelta(seconds=1))
            await post(pipeline, run(name="Guardrials", run_number=number))
        await post(pipeline, check(name="Lint"), "check_run")
    told = [line for line in lines if line["event"] == "source.ignored"]
    assert [line["name"] for line in told] == [*["Guardrials"] * 3, "Lint"]
    assert {(line["source"], line["reason"]) for line in told} == {("github", "unmapped")}
    kept = {(each.source, each.name): each for each in _kept(pipeline.engine)}
    assert {key: each.times for key, each in kept.items()} == {
        ("github", "Guardrials"): 3,
        ("github", "Lint"): 1,
    }
    first = kept["github", "Guardrials"]
    assert (first.first_at, first.last_at) == (START + timedelta(seconds=1), clock())


@pytest.mark.either_database
async def test_what_is_no_failure_is_no_miss(pipeline: Pipeline) -> None:
    """A success, a run that was cancelled, one that has not ended, and one that is mapped."""
    with capture_logs() as lines:
        await post(pipeline, run(name="Lint", conclusion="success"))
        await post(pipeline, run(name="Lint", conclusion="cancelled"))
        await post(pipeline, run(name="Lint") | {"action": "requested"})
        await post(pipeline, run())
    assert [line for line in lines if line["event"] == "source.ignored"] == []
    assert _kept(pipeline.engine) == []


@pytest.mark.either_database
async def test_a_name_that_is_none_is_kept_as_that(pipeline: Pipeline) -> None:
    nameless = run(name="")
    nameless["workflow"]["name"] = ""
    assert (await post(pipeline, nameless)).json()["status"] == "ignored"
    await post(pipeline, check(name="x" * 5000), "check_run")
    assert {len(each.name) for each in _kept(pipeline.engine)} == {len("(no name)"), 200}


async def test_of_many_names_the_newest_hundred_are_kept_and_all_are_counted(
    pipeline: Pipeline, clock: HandClock
) -> None:
    """Whoever makes up names in a loop fills no table, and makes no counter fall."""
    counted = []
    for number in range(12):
        clock.move(timedelta(seconds=1))
        names = [f"Check {number}.{part}" for part in range(10)]
        answers = [post(pipeline, check(name=name), "check_run") for name in names]
        await asyncio.gather(*answers)
        counted.append(pipeline.engine.store.ask(ignored_count)["github"])
    assert counted == list(range(10, 130, 10))
    kept = {each.name for each in _kept(pipeline.engine)}
    assert kept == {f"Check {number}.{part}" for number in range(2, 12) for part in range(10)}
    await post(pipeline, check(name="Check 0.0"), "check_run")
    assert pipeline.engine.store.ask(ignored_count) == {"github": 121}


@pytest.fixture
async def unwritable(engine: Engine) -> Engine:
    with engine.store.database.write.begin() as connection:
        connection.execute(text("DROP TABLE source_names"))
    return engine


@pytest.mark.only_on("sqlite", reason="the tables of PostgreSQL serve the next test too")
async def test_a_miss_that_cannot_be_kept_is_sent_again(unwritable: Engine) -> None:
    async with asgi(unwritable) as web:
        answer = await post(Pipeline(web, unwritable), run(name="Lint"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def _attempt(number: int, conclusion: str, **fields: object) -> dict[str, Any]:
    return run(run_attempt=number, conclusion=conclusion, **fields)


async def test_a_success_is_never_dated_ahead_of_when_it_was_told(pipeline: Pipeline) -> None:
    failed = (await post(pipeline, _attempt(1, "failure"))).json()
    await post(pipeline, _attempt(2, "success", updated_at="2099-01-01T00:00:00Z"))
    room = pipeline.engine.store.room(failed["room_id"])
    assert room
    assert room.fixed
    assert room.fixed.at == pipeline.engine.now()


async def test_a_success_of_the_same_check_on_the_same_commit_is_told_in_its_room(
    pipeline: Pipeline,
) -> None:
    failed = (await post(pipeline, _attempt(1, "failure"))).json()
    succeeded = await post(pipeline, _attempt(2, "success"))
    assert succeeded.status_code == 202
    assert succeeded.json() == {
        "status": "succeeded",
        "room_id": failed["room_id"],
        "duplicate": False,
        "verdict": "pending",
        "links": {"room": None},
    }
    again = await post(pipeline, _attempt(2, "success"))
    assert again.json() == succeeded.json() | {"duplicate": True}
    room = pipeline.engine.store.room(failed["room_id"])
    assert room
    assert room.decision is None
    assert room.fixed
    assert (room.fixed.check, room.fixed.attempt) == ("Guardrails", 2)
    assert room.fixed.run_url == run()["workflow_run"]["html_url"]
    kinds = [each.event.kind for each in pipeline.engine.store.record(room.id)]
    assert kinds == ["opened", "check_succeeded"]


@pytest.mark.either_database
@pytest.mark.parametrize(
    "fields", [{"head_sha": "ffff"}, {"name": "Guardrails (3.12)"}, {"name": "guardrails"}]
)
async def test_a_success_of_another_check_or_commit_is_told_nowhere(
    pipeline: Pipeline, fields: dict[str, object]
) -> None:
    failed = (await post(pipeline, _attempt(1, "failure"))).json()
    answer = (await post(pipeline, _attempt(2, "success", **fields))).json()
    assert answer["status"] == "ignored"
    assert "no war room is open for it" in answer["reason"]
    room = pipeline.engine.store.room(failed["room_id"])
    assert room
    assert room.successes == ()


@pytest.mark.either_database
async def test_a_success_after_the_decision_is_ignored(pipeline: Pipeline) -> None:
    failed = (await post(pipeline, _attempt(1, "failure"))).json()
    reject = c.Reject(reason="Not like this.")
    await pipeline.engine.handle(failed["room_id"], reject, acting(jude.name))
    answer = (await post(pipeline, _attempt(2, "success"))).json()
    assert answer["status"] == "ignored"


@pytest.mark.either_database
async def test_a_success_that_came_before_the_failure_but_arrives_after_it_is_ignored(
    pipeline: Pipeline,
) -> None:
    early, late = "2026-11-20T08:00:00Z", "2026-11-20T08:10:00Z"
    failed = (await post(pipeline, _attempt(2, "failure", updated_at=late))).json()
    answer = (await post(pipeline, _attempt(1, "success", updated_at=early))).json()
    assert answer == {
        "status": "ignored",
        "reason": f"'Guardrails' has failed again in war room {failed['room_id']} since.",
    }


@pytest.mark.either_database
async def test_a_success_with_an_address_that_is_none_is_the_senders_422(
    pipeline: Pipeline,
) -> None:
    answer = await post(pipeline, _attempt(2, "success", html_url="not an address"))
    assert (answer.status_code, answer.json()["detail"][0]["path"]) == (422, "run_url")
