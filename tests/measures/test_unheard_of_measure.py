"""A measure that nobody has heard of stands wherever measures stand, handed in as a value."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from freezegun import freeze_time
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.main import command_line
from bot.engine.engine import Engine
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.integrations.slack.accounts import Accounts
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.hear.slash_command import SlashCommand
from bot.integrations.slack.installation import Installed
from bot.integrations.slack.user_groups import UserGroups
from bot.measures.measure import Gauge, Measure, Quantity, Shown
from bot.metrics.meters import Meters
from bot.metrics.stored import Stored
from tests.build import APPROVE, VAL, acting, report, val
from tests.conftest import HandClock
from tests.metrics.reading import read
from tests.outgoing import KINDS
from tests.slack.conftest import CONFIG

LONGEST_WAIT: Measure[float | None] = Measure(
    "longest_wait",
    lambda part: max(part.open, default=None),
    Shown(
        "longest wait",
        Quantity(lambda title, wait, _: {title: f"{wait or 0:.0f} s <so far>"}),
        slack="Longest wait: {}",
    ),
    Gauge("warroom_longest_wait_seconds", "The longest that one has waited.", lambda wait: wait),
)
ADDED = Extension(measures=(LONGEST_WAIT,))
WITH_IT = with_built_in([ADDED])


async def _two_rooms(engine: Engine, clock: HandClock) -> None:
    """One is approved after ten minutes; the other has waited for ten."""
    rooms = [await engine.report(report(dedup_key=key), "violations", key) for key in ("a", "b")]
    clock.move(timedelta(minutes=10))
    await engine.handle(rooms[0].room.id, APPROVE, acting(val.name))


async def test_it_stands_in_the_command_lines_json_and_text(
    engine: Engine,
    clock: HandClock,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _two_rooms(engine, clock)
    monkeypatch.setenv("DATABASE_URL", database_url)
    past = tmp_path / "past.csv"
    past.write_text("time,resolved\n7,0\n", encoding="utf-8")

    def said(*, as_json: bool) -> str:
        with freeze_time(clock()):
            how = ["--json"] if as_json else []
            ran = CliRunner().invoke(
                command_line([ADDED]), ["stats", "--baseline", str(past), *how]
            )
            assert ran.exit_code == 0, ran.output
            return ran.output

    both = json.loads(await asyncio.to_thread(said, as_json=True))
    current = both["current"]
    assert (current["longest_wait"], both["baseline"]["longest_wait"]) == (600, 7)
    for groups in ("by_policy", "by_team", "by_severity"):
        assert [group["longest_wait"] for group in current[groups].values()] == [600]
    assert current["by_outcome"]["approved"]["longest_wait"] is None
    text = await asyncio.to_thread(said, as_json=False)
    assert "longest wait            600 s <so far>" in text


async def test_it_stands_in_slack_with_its_text_made_safe(engine: Engine, clock: HandClock) -> None:
    await _two_rooms(engine, clock)
    body = {"text": "stats", "user_id": VAL}
    ack = AsyncAck()  # type: ignore[no-untyped-call] # Bolt's
    client = AsyncWebClient()
    accounts = Accounts(client, engine.now)
    groups = UserGroups(client, accounts, lambda: CONFIG.people, engine.now)
    memberships = Memberships(engine, groups, accounts, Installed(client))
    command = SlashCommand(engine, memberships, WITH_IT)
    answer = await command.used(ack, body, client)
    lines = json.loads(answer.body)["text"].splitlines()
    assert "Longest wait: 600 s &lt;so far&gt;" in lines


async def test_it_stands_in_what_prometheus_reads(engine: Engine, clock: HandClock) -> None:
    await _two_rooms(engine, clock)
    meters = Meters()
    meters.collect_with(Stored(engine, KINDS, WITH_IT.measures))
    exposed = read((await asyncio.to_thread(meters.exposed)).decode())
    assert exposed.value("warroom_longest_wait_seconds") == 600
    assert exposed.value("warroom_half_life_seconds") == 600
