"""Roles that a Slack user group holds: Slack says who is in it, and the room goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.local_slack import LocalSlack, People
from tests.build import ADA, BEA, JUDE, VAL, jude
from tests.staging.environment import CONFIG
from tests.staging.pipeline import channel
from tests.staging.stage import Stage, staged

pytestmark = pytest.mark.either_database


@pytest.fixture
async def legal(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    """The adjudicator is whoever is in Slack's group of the lawyers."""
    folder = tmp_path / "config"
    folder.mkdir()
    for path in CONFIG.glob("*.yaml"):
        text = path.read_text().replace("{from: jude, backup: bea}", "{from: S0LEGAL}")
        (folder / path.name).write_text(text)
    async with staged(local_slack, people, database_url, WARROOM_CONFIG=folder) as stage:
        yield stage


async def test_the_first_of_a_user_group_is_paged_and_may_decide(legal: Stage) -> None:
    answer = await legal.send()
    await legal.paged(ADA, VAL, JUDE)
    await legal.joined(channel(answer), BEA)
    await legal.card(answer, JUDE)
    await legal.people.click(user=JUDE, channel=channel(answer), action_id="override")
    await legal.people.wait_for_modal(user=JUDE, callback_id="override_modal")


async def test_the_initiator_in_a_user_group_decides_nothing(legal: Stage) -> None:
    answer = await legal.send(initiator={"slack": JUDE})
    await legal.paged(BEA)
    await legal.card(answer)
    room = legal.app.engine.store.room(answer["room_id"])
    assert room
    assert jude.name not in [name for role in room.assignments for name in role.holders]


async def test_with_slack_away_the_group_is_asked_later(legal: Stage) -> None:
    await legal.people.fault(
        "error", method="usergroups.users.list", error="internal_error", times=1
    )
    answer = await legal.send()
    await legal.card(answer)
    await legal.paged(JUDE)


async def test_a_group_that_slack_does_not_know_leaves_the_role_to_the_backup(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> None:
    for path in CONFIG.glob("*.yaml"):
        text = path.read_text()
        text = text.replace("{from: jude, backup: bea}", "{from: S0NOBODY, backup: bea}")
        (tmp_path / path.name).write_text(text)
    async with staged(local_slack, people, database_url, WARROOM_CONFIG=tmp_path) as stage:
        await stage.send()
        await stage.paged(ADA, VAL, BEA)
