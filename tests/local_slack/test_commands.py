"""Slash commands: what reaches the bot, and what its acknowledgement becomes."""

from typing import Any

import pytest

from bot.local_slack import RefusedError
from tests.build import ADA, VAL
from tests.local_slack.support import Json, Local, app_for, listening, local, section

GENERAL = "C0GENERAL"


async def run(here: Local, typed: str, **answer: Any) -> tuple[Json, Any]:  # noqa: ANN401
    app, bodies = app_for(here), []

    @app.command("/ask")
    async def on_ask(ack: Any, body: Json) -> None:  # noqa: ANN401
        bodies.append(body)
        await ack(**answer)

    async with listening(here, app):
        result = await here.people.command(user=ADA, channel="general", text=typed)
    return bodies[0], result


async def test_a_command_comes_with_who_where_and_what(here: Local) -> None:
    body, result = await run(here, "/ask status  all ")
    assert result.answer.acked
    assert (body["command"], body["text"]) == ("/ask", "status  all")
    assert (body["user_id"], body["user_name"]) == (ADA, "ada")
    assert (body["channel_id"], body["channel_name"]) == (GENERAL, "general")
    assert body["response_url"].startswith(here.slack.url)
    assert result.ts is None


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("@val", "<@U0VAL|val>"),
        ("<@U0VAL>", "<@U0VAL|val>"),
        ("#general", "<#C0GENERAL|general>"),
        ("@privacy", "<!subteam^S1|@privacy>"),
        ("@nobody", "@nobody"),
        ("a@acme.test & <b>", "a@acme.test &amp; &lt;b&gt;"),
    ],
)
async def test_mentions_come_with_their_ids_and_the_rest_escaped(typed: str, heard: str) -> None:
    async with local(usergroups=[{"id": "S1", "handle": "privacy"}]) as here:
        body, _ = await run(here, f"/ask {typed}")
    assert body["text"] == heard


async def test_what_people_write_reaches_the_bot_as_slack_writes_it(here: Local) -> None:
    typed = "<@U0VAL> and @val, a & b"
    await here.people.post(user=ADA, channel="general", text=typed)
    seen = (await here.people.messages(VAL, GENERAL))[-1]
    assert seen.text == "<@U0VAL> and <@U0VAL>, a &amp; b"


async def test_the_acknowledgement_is_seen_by_the_person_alone(here: Local) -> None:
    _, result = await run(here, "/ask", text="Yours", blocks=[section("Yours")])
    seen = await here.people.messages(ADA, GENERAL)
    assert (seen[-1].ts, seen[-1].text, seen[-1].ephemeral) == (result.ts, "Yours", True)
    assert not await here.people.messages(VAL, GENERAL)


async def test_the_acknowledgement_may_be_for_the_channel(here: Local) -> None:
    await run(here, "/ask", text="Everybody", response_type="in_channel")
    assert (await here.people.messages(VAL, GENERAL))[-1].text == "Everybody"


async def test_an_acknowledgement_with_bad_blocks_is_not_shown(here: Local) -> None:
    _, result = await run(here, "/ask", text="x", blocks=[{"type": "carousel"}])
    assert result.refused["error"] == "invalid_blocks"


async def test_a_command_of_another_app_is_none() -> None:
    async with local(commands=["/ask"]) as here:
        with pytest.raises(RefusedError) as refused:
            await here.people.command(user=ADA, channel="general", text="/other")
    assert refused.value.error == "no_such_command"
