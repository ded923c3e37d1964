"""The fixtures of the scenarios: a local Slack, the people in it, and the bot."""

from collections.abc import AsyncIterator

import pytest

from bot.local_slack import LocalSlack, People
from tests.staging.environment import GITHUB_SECRET
from tests.staging.stage import Stage, local_slack_config, staged


@pytest.fixture
async def local_slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(local_slack_config()) as slack:
        yield slack


@pytest.fixture
async def people(local_slack: LocalSlack) -> AsyncIterator[People]:
    async with People(local_slack.url) as people:
        yield people


@pytest.fixture
async def stage(
    local_slack: LocalSlack,
    people: People,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    monkeypatch.setenv("WARROOM_GITHUB_SECRET", GITHUB_SECRET)
    async with staged(local_slack, people, database_url) as stage:
        yield stage
