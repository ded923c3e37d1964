"""What Slack refused for good is shown with its reason, and delivered once that is mended."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.outbox.dead_letters import Undelivered, undelivered
from tests.build import ADA, JUDE, VAL
from tests.staging.pipeline import channel
from tests.staging.stage import Stage


async def _warroom(stage: Stage, *arguments: str) -> Result:
    """The command, while the bot runs."""
    runner = CliRunner(env={"DATABASE_URL": stage.app.settings.database_url})
    return await asyncio.to_thread(runner.invoke, main, arguments)


async def _once(stage: Stage, holds: Callable[[Undelivered], bool]) -> Undelivered:
    """What is undelivered, as soon as it is so."""
    async with asyncio.timeout(10):
        while not holds(found := await asyncio.to_thread(undelivered, stage.app.engine.store)):
            await stage.people.state(messages=False)
        return found


async def _parked_channel(stage: Stage) -> dict[str, Any]:
    await stage.people.fault(
        "error", method="conversations.create", error="restricted_action", times=9
    )
    answer = await stage.send()
    await _once(stage, lambda found: len(found.parked) == 1)
    return answer


async def test_a_channel_that_was_refused_is_listed_and_opened_once_slack_is_mended(
    stage: Stage,
) -> None:
    answer = await _parked_channel(stage)
    said = await _warroom(stage, "outbox", "list", "--json")
    assert said.exit_code == 0, said.output
    shown = json.loads(said.output)
    parked = shown["parked"][0]
    assert (parked["room_id"], parked["kind"]) == (answer["room_id"], "open_channel")
    assert (parked["to"], parked["reason"]) == ("channel", "restricted_action")
    assert parked["attempts"] == 1
    text = (await _warroom(stage, "outbox", "list")).output
    assert all(word in text for word in (answer["room_id"], "open_channel", "restricted_action"))
    await stage.people.clear_faults()
    done = await _warroom(stage, "outbox", "retry", str(parked["id"]))
    assert (done.exit_code, f"({parked['id']})" in done.output) == (0, True)
    card = await stage.card(answer)
    assert "approve" in card.action_ids
    await _once(stage, lambda found: not found.parked and not found.pending)
    text = (await _warroom(stage, "outbox", "list")).output
    assert "Nothing was given up" in text


async def test_a_message_that_was_refused_comes_with_all_others(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    await _once(stage, lambda found: not found.pending)
    await stage.people.fault("error", method="chat.postMessage", error="msg_too_long", times=9)
    await stage.people.click(user=VAL, channel=channel(answer), action_id="approve")
    found = await _once(stage, lambda found: bool(found.parked) and not found.pending)
    assert {each.to for each in found.parked} >= {ADA, "channel"}
    await stage.people.clear_faults()
    assert (await _warroom(stage, "outbox", "retry", "--all")).exit_code == 0
    await stage.told(ADA, 2)
    await stage.people.wait_for_message(
        user=VAL, channel=channel(answer), holds=lambda message: "Approved" in message.words
    )


async def test_who_names_what_is_not_parked_is_told_and_the_rest_is_put_back(stage: Stage) -> None:
    await _parked_channel(stage)
    parked = (await _once(stage, lambda found: bool(found.parked))).parked[0]
    await stage.people.clear_faults()
    done = await _warroom(stage, "outbox", "retry", "999999", str(parked.id))
    assert done.exit_code == 1
    assert "Not parked: 999999" in done.output
    assert "1 put back" in done.output
    for arguments in ((), ("--all", "1"), ("0",), ("x",)):
        assert (await _warroom(stage, "outbox", "retry", *arguments)).exit_code == 2
    assert (await _warroom(stage, "outbox", "retry", "--all")).exit_code == 0


async def test_what_still_fails_is_parked_again_and_counts_on(stage: Stage) -> None:
    await _parked_channel(stage)
    assert (await _warroom(stage, "outbox", "retry", "--all")).exit_code == 0
    found = await _once(stage, lambda found: bool(found.parked) and found.parked[0].attempts == 2)
    assert found.parked[0].reason == "restricted_action"
