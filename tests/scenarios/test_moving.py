"""A team outgrows SQLite: everything moves to PostgreSQL and back, and the bot goes on with it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, delete, func, select

from bot.domain.effect import Effect
from bot.domain.war_room import Outcome, State
from bot.integrations.slack.kinds import PUBLISH_HOME
from bot.local_slack import LocalSlack, People
from bot.storage import tables
from tests.build import VAL
from tests.outgoing import add
from tests.postgres import another_database
from tests.scenarios.moving import FREELY, everything, live, warroom, writing
from tests.staging.pipeline import channel
from tests.staging.stage import staged


@pytest.fixture
def postgres_without_tables(postgres_url: str) -> Iterator[str]:
    with another_database(postgres_url) as url:
        yield url


def _next_effect(url: str) -> int:
    """The id that the next effect gets."""
    with writing(url) as connection:
        effect = Effect(kind=PUBLISH_HOME.name, lane="home:U1", payload={"user": "U1"})
        add(connection, [effect], None)
        return int(connection.execute(select(func.max(tables.effects.c.id))).scalar_one())


def _rooms(url: str) -> Sequence[Row[Any]]:
    with writing(url) as connection:
        return connection.execute(select(tables.rooms)).all()


async def test_everything_moves_to_postgresql_and_back_and_no_id_comes_again(
    local_slack: LocalSlack,
    people: People,
    sqlite_template: Path,
    postgres_without_tables: str,
    tmp_path: Path,
) -> None:
    first, last = f"sqlite:///{tmp_path}/first.db", f"sqlite:///{tmp_path}/last.db"
    shutil.copy(sqlite_template, tmp_path / "first.db")
    await live(local_slack, people, first)
    given = _next_effect(first)
    with writing(first) as connection:  # delivered: its id stands in Slack, and nowhere here
        connection.execute(delete(tables.effects).where(tables.effects.c.id == given))
    before = everything(first)
    states, outcomes = (
        {getattr(row, name) for row in _rooms(first)} for name in ("state", "outcome")
    )
    assert states == set(State)
    assert outcomes == {*Outcome, None}

    out, back = str(tmp_path / "out.jsonl.gz"), str(tmp_path / "back.jsonl")
    for command in (
        (first, "export", out),
        (postgres_without_tables, "import", out),
        (postgres_without_tables, "export", back),
        (last, "import", back),
    ):
        done = warroom(*command)
        assert done.exit_code == 0, done.output
        assert f"{len(before['rooms'])} rooms" in done.output
    assert everything(postgres_without_tables) == before
    assert everything(last) == before
    for url in (postgres_without_tables, last):
        assert _next_effect(url) == given + 1


async def test_a_bot_goes_on_with_what_was_imported_from_the_other_kind(
    local_slack: LocalSlack,
    people: People,
    database_url: str,
    postgres_without_tables: str,
    tmp_path: Path,
) -> None:
    told = await live(local_slack, people, database_url)
    from_sqlite = database_url.startswith("sqlite")
    url = postgres_without_tables if from_sqlite else f"sqlite:///{tmp_path}/new.db"
    file = str(tmp_path / "moved.jsonl.gz")
    assert warroom(database_url, "export", file).exit_code == 0
    done = warroom(url, "import", file)
    assert done.exit_code == 0, done.output
    await people.clear_faults()
    async with staged(local_slack, people, url, SLACK_BUDGET=FREELY) as stage:
        stage.move(timedelta(days=1, hours=4, minutes=10))  # the first one's clock, and its retries
        name = channel(told["open"])
        await stage.people.wait_for_message(
            user=VAL, channel=name, holds=lambda message: "retraining" in message.words
        )
        await stage.card(told["lost"])
        state = await stage.people.state(messages=False)
        names = [each.name for each in state.channels if each.name.startswith("wr-")]
        assert len(names) == len(set(names)) == len(told) - 1  # all but the parked one
        assert (await stage.gate(told["overridden"]["violation_id"]))["verdict"] == "allow"
        stage.move(timedelta(hours=9))
        for key in ("open", "parked", "lost"):
            answer = await stage.gate(told[key]["violation_id"], wait=10)
            assert answer["outcome"] == "expired", key


async def test_an_export_while_the_bot_works_is_one_moment_of_it(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> None:
    file, new = tmp_path / "while.jsonl", f"sqlite:///{tmp_path}/new.db"
    async with staged(local_slack, people, database_url) as stage:
        await stage.send()
        done = warroom(database_url, "export", str(file), "--json")
        assert done.exit_code == 0, done.output
        await stage.send(dedup_key="later")
    said = json.loads(done.stdout)
    assert said["counts"]["rooms"] == 1
    assert warroom(new, "import", str(file)).exit_code == 0
    assert len(everything(new)["rooms"]) == 1
