"""What Slack refused for good is shown with its reason, and delivered once that is mended."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot.cli.main import command_line, main
from bot.domain.delivered import Dropped
from bot.domain.effect import Change, Effect
from bot.domain.fold import fold
from bot.domain.war_room import State, WarRoom
from bot.engine.loads import who_runs_this
from bot.integrations.extension import Extension
from bot.local_slack import SlackState
from bot.outbox.dead_letters import Undelivered, undelivered
from tests.approving import approve, try_to_approve
from tests.build import ADA, JUDE, VAL, VIV
from tests.choosing import choices
from tests.staging.pipeline import channel
from tests.staging.stage import Stage, direct


async def _warroom(stage: Stage, *arguments: str, command: click.Command = main) -> Result:
    """The command, while the bot runs."""
    runner = CliRunner(env={"DATABASE_URL": stage.app.settings.database_url})
    return await asyncio.to_thread(runner.invoke, command, arguments)


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
    await approve(stage.people, user=VAL, channel=channel(answer))
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


async def test_what_is_dropped_is_in_the_record_of_its_room_with_the_reason(stage: Stage) -> None:
    answer = await _parked_channel(stage)
    parked = (await _once(stage, lambda found: bool(found.parked))).parked[0]
    done = await _warroom(stage, "outbox", "drop", str(parked.id), "--why", "Slack won't have it.")
    assert done.exit_code == 0, done.output
    assert answer["room_id"] in done.output
    store = stage.app.engine.store
    dropped = store.record(answer["room_id"])[-1].event
    assert isinstance(dropped, Dropped)
    assert (dropped.effect, dropped.to, dropped.error) == (
        "open_channel", "channel", "restricted_action",
    )  # fmt: skip
    assert dropped.why == "Slack won't have it."
    assert dropped.operator == f"login:{who_runs_this()}"
    assert fold(store.record(answer["room_id"])) == store.room(answer["room_id"])
    assert (await _once(stage, lambda found: not found.parked)).parked == ()
    again = await _warroom(stage, "outbox", "drop", str(parked.id), "--why", "Once more.")
    assert (again.exit_code, "Not parked" in again.output) == (1, True)


async def test_once_the_channel_is_dropped_whoever_reads_that_it_follows_hears_of_none(
    stage: Stage,
) -> None:
    await _parked_channel(stage)
    await _once(stage, lambda found: len(found.parked) == 1 and found.pending > 0)
    stage.move(timedelta(seconds=6))
    for page in (await stage.paged(ADA, VAL, JUDE)).values():
        assert "channel follows" in page.words
    parked = (await _once(stage, lambda found: not found.pending)).parked[0]
    await _warroom(stage, "outbox", "drop", str(parked.id), "--why", "Slack won't have it.")
    for user in (ADA, VAL, JUDE):
        await stage.told(user, 2)
    found = await stage.people.wait_for(
        lambda state: (
            all("no channel" in direct(state, user)[0].words for user in (ADA, VAL, JUDE)) and state
        )
    )
    for user in (ADA, VAL, JUDE):
        page, told = direct(found, user)
        assert "channel follows" not in page.words
        assert "There will be no channel" in told.words
        assert "Slack won't have it." in told.words
    assert "explain" in choices(direct(found, ADA)[0])


async def test_what_is_dropped_is_followed_by_what_extensions_bring_too(stage: Stage) -> None:
    await _parked_channel(stage)
    parked = (await _once(stage, lambda found: bool(found.parked))).parked[0]

    seen: list[str] = []

    def told(event: Dropped, change: Change[WarRoom]) -> tuple[Effect, ...]:
        seen.append(f"{event.effect} in {change.after.id}")
        return ()

    extended = command_line((Extension(followers=({Dropped: told},)),))
    arguments = ("outbox", "drop", str(parked.id), "--why", "So.")
    done = await _warroom(stage, *arguments, command=extended)
    assert done.exit_code == 0, done.output
    assert seen == [f"open_channel in {parked.room_id}"]


async def test_a_drop_needs_a_reason_and_takes_only_what_was_given_up(stage: Stage) -> None:
    await _parked_channel(stage)
    parked = (await _once(stage, lambda found: bool(found.parked))).parked[0]
    for arguments in (("1",), ("1", "--why", " "), ("--why", "So."), ("x", "--why", "So.")):
        assert (await _warroom(stage, "outbox", "drop", *arguments)).exit_code == 2
    await stage.people.clear_faults()
    await stage.people.fault("http", method="chat.postMessage", status=503, times=10_000)
    await stage.send(dedup_key="pending")
    page = await _once(stage, lambda found: found.pending > 0)
    assert page.parked == (parked,)
    pending = parked.id + 1  # a page of the same room, which is still tried
    done = await _warroom(stage, "outbox", "drop", str(pending), "--why", "Enough.")
    assert done.exit_code == 1


async def test_an_archive_that_waits_for_what_never_comes_goes_on_once_that_is_dropped(
    stage: Stage,
) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    await _once(stage, lambda found: not found.pending)
    await stage.people.fault("error", method="chat.postMessage", error="msg_too_long", times=9)
    await try_to_approve(stage.people, user=VAL, channel=channel(answer))
    found = await _once(stage, lambda found: bool(found.parked) and not found.pending)
    await stage.people.clear_faults()
    stage.move(timedelta(days=3))
    room = stage.app.engine.store.room(answer["room_id"])
    assert room
    assert room.state is State.DECIDED
    for parked in found.parked:
        done = await _warroom(stage, "outbox", "drop", str(parked.id), "--why", "Too long.")
        assert done.exit_code == 0, done.output
    stage.move(timedelta(days=1, minutes=1))

    def archived(state: SlackState) -> bool:
        shown = state.channel(channel(answer))
        return bool(shown and shown.is_archived)

    await stage.until(archived, timedelta(seconds=31))


async def test_whose_an_account_is_that_slack_is_never_asked_about_stays_unknown(
    stage: Stage,
) -> None:
    await stage.people.fault(
        "error", method="users.lookupByEmail", error="account_inactive", times=9
    )
    answer = await stage.send(initiator={"email": "eve@acme.test"})
    await stage.card(answer)
    found = await _once(stage, lambda found: bool(found.parked) and not found.pending)
    await approve(stage.people, user=VAL, channel=channel(answer))
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"
    done = await _warroom(stage, "outbox", "drop", str(found.parked[0].id), "--why", "No token.")
    assert done.exit_code == 0, done.output
    store = stage.app.engine.store
    assert fold(store.record(answer["room_id"])) == store.room(answer["room_id"])
    await stage.people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and "Held back." in message.words,
    )
    for user, verdict in ((VAL, "pending"), (VIV, "allow")):
        await try_to_approve(stage.people, user=user, channel=channel(answer))
        assert (await stage.gate(answer["violation_id"]))["verdict"] == verdict


@pytest.mark.usefixtures("fresh_loggers")
async def test_what_belongs_to_no_room_is_dropped_with_a_line_in_the_log(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    await stage.people.fault("error", method="views.publish", error="invalid_arguments", times=9)
    await stage.people.open_home(user=VAL)
    parked = (await _once(stage, lambda found: bool(found.parked))).parked[0]
    done = await _warroom(stage, "outbox", "drop", str(parked.id), "--why", "Nobody looks.")
    assert done.exit_code == 0, done.output
    assert "war room" not in done.output
    logged = "".join(capfd.readouterr()) + done.output
    assert "effect.dropped" in logged
    assert "Nobody looks." in logged


@pytest.mark.usefixtures("fresh_loggers")
async def test_the_log_calls_parked_what_is_listed_and_nothing_else(stage: Stage) -> None:
    """Given up at once, or after long; not so what a room records of somebody, and goes on."""
    with capture_logs(processors=(merge_contextvars,)) as lines:
        await stage.people.fault(
            "error", method="conversations.create", error="restricted_action", times=9
        )
        await stage.people.fault(
            "error", method="chat.postMessage", error="user_not_visible", times=1
        )
        await stage.people.fault("http", method="views.publish", status=503, times=99)
        await stage.people.open_home(user=VAL)
        await stage.send()
        stage.move(timedelta(seconds=6))
        await _once(stage, lambda _: "effect.refused" in {line["event"] for line in lines})
        stage.move(timedelta(hours=1))
        found = await _once(stage, lambda found: len(found.parked) == 2)
        await _once(
            stage, lambda _: _logged(lines, "effect.parked") >= {each.id for each in found.parked}
        )
    assert _logged(lines, "effect.parked") == {each.id for each in found.parked}
    assert {each.kind for each in found.parked} == {"open_channel", "publish_home"}
    refused = [line for line in lines if line["event"] == "effect.refused"]
    assert [line["error"] for line in refused] == ["user_not_visible"]


def _logged(lines: Sequence[Mapping[str, Any]], name: str) -> set[int]:
    """The effects of which a line of this name was logged."""
    return {line["effect"] for line in lines if line["event"] == name}
