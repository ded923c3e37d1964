"""A verb and a subcommand that come with an extension, in the running bot."""

import os

import httpx
import pytest

from bot.app import create_app, running
from bot.domain.commands import Approve
from bot.integrations.extension import Extension
from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.verbs.registry import VERBS
from bot.integrations.slack.verbs.verb import AtOnce, ButtonRow, Verb
from bot.local_slack import LocalSlack, People
from tests.staging.environment import GITHUB_SECRET, settings
from tests.staging.pipeline import channel
from tests.staging.stage import MovingClock, Stage

WAVE_THROUGH = Verb(
    action_id="wave_through",
    label="Wave through",
    row=ButtonRow.DECISIONS,
    act=AtOnce(Approve(note="Seen on the phone.")),
)


async def _echo(invocation: Invocation) -> Reply:
    return f"You said: {invocation.words}"


async def test_an_added_verb_decides_and_an_added_subcommand_answers(
    local_slack: LocalSlack, people: People, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "WARROOM_GITHUB_SECRET", GITHUB_SECRET)
    added = Extension(
        verbs=(WAVE_THROUGH,), subcommands=(Subcommand("echo WORDS: the same again", _echo),)
    )
    clock = MovingClock()
    async with (
        create_app(settings(local_slack.api_url, database_url), [added], clock) as app,
        running(app, web=True, worker=True) as here,
        httpx.AsyncClient(base_url=here.url, timeout=40) as web,
    ):
        local_slack.set_request_url(f"{here.url}/slack/events")
        stage = Stage(app, here, local_slack, people, clock, web)
        answer = await stage.send()
        assert "wave_through" in (await stage.card(answer)).action_ids
        await people.click(user="U0VAL", channel=channel(answer), action_id="wave_through")
        verdict = await stage.gate(answer["violation_id"])
        assert (verdict["verdict"], verdict["outcome"]) == ("allow", "approved")
        given = await people.command(
            user="U0VAL", channel=channel(answer), text="/warroom echo hello"
        )
        said = await people.messages("U0VAL", given.channel)
        assert "You said: hello" in [message.words for message in said if message.ts == given.ts]


async def test_a_second_verb_of_one_name_stops_the_start(
    local_slack: LocalSlack, database_url: str
) -> None:
    with pytest.raises(ValueError, match="'ack'"):
        async with create_app(
            settings(local_slack.api_url, database_url), [Extension(verbs=VERBS[:1])]
        ):
            pytest.fail("two buttons would have one meaning")
