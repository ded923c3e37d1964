"""A room in which nobody can decide is mended by an operator, and never for its initiator."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.domain import events as e
from bot.domain.person import OPERATOR
from bot.domain.policy import Role
from bot.domain.war_room import Outcome, WarRoom
from bot.engine.loads import who_runs_this
from tests.approving import try_to_approve
from tests.build import ADA, BEA, BOT, EVE, JUDE, VAL, bea
from tests.staging.environment import CONFIG, variables
from tests.staging.pipeline import channel
from tests.staging.stage import Stage

WHY = "Jude has left the company, and the model has to be rolled back today."


async def _assign(stage: Stage, *arguments: str, **environment: str) -> Result:
    """The command, while the bot runs."""
    settings = stage.app.settings
    env = variables(settings.api_url, settings.database_url, **environment)
    runner = CliRunner(env=env)
    return await asyncio.to_thread(runner.invoke, main, ["room", "assign", *arguments])


async def _room(stage: Stage, room_id: str) -> WarRoom:
    room = await asyncio.to_thread(stage.app.engine.store.room, room_id)
    assert room
    return room


async def test_whoever_is_assigned_is_paged_and_may_decide_and_the_card_says_who_did_it_and_why(
    stage: Stage,
) -> None:
    answer = await stage.send()
    await stage.card(answer)
    done = await _assign(stage, answer["room_id"], "adjudicator", "U0EVE", "--why", WHY)
    assert done.exit_code == 0, done.output
    await stage.paged(ADA, VAL, JUDE, EVE)
    card = await stage.people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and WHY in message.words,
    )
    assert f"assigned by an operator ({who_runs_this()}): <@U0EVE>, {WHY}" in card.words
    await stage.joined(channel(answer), EVE)
    assert await try_to_approve(stage.people, user=EVE, channel=channel(answer))
    decision = (await _room(stage, answer["room_id"])).decision
    assert decision
    assert (decision.outcome, decision.role) == (Outcome.APPROVED, Role.ADJUDICATOR)
    record = stage.app.engine.store.record(answer["room_id"])
    (recorded,) = (each for each in record if isinstance(each.event, e.Assigned))
    assert (recorded.actor, recorded.account) == (OPERATOR, f"login:{who_runs_this()}")
    assert isinstance(recorded.event, e.Assigned)
    assert (recorded.event.why, recorded.event.to) == (WHY, f"slack:{EVE}")


@pytest.mark.either_database
async def test_an_initiator_is_never_assigned(stage: Stage) -> None:
    answer = await stage.send()
    done = await _assign(stage, answer["room_id"], "validator", "ada", "--why", WHY)
    assert done.exit_code == 1
    assert "nobody decides on their own violation" in done.output
    assert not (await _room(stage, answer["room_id"])).appointed


@pytest.mark.either_database
async def test_a_decided_room_is_not_mended(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await try_to_approve(stage.people, user=VAL, channel=channel(answer))
    done = await _assign(stage, answer["room_id"], "validator", "bea", "--why", WHY)
    assert done.exit_code == 1
    assert "was approved by val" in done.output


@pytest.mark.either_database
async def test_who_is_told_by_the_directory_has_their_name_in_the_room(stage: Stage) -> None:
    answer = await stage.send()
    done = await _assign(stage, answer["room_id"], "validator", BEA, "--why", WHY)
    assert done.exit_code == 0, done.output
    assert "bea is validator on duty" in done.output
    room = await _room(stage, answer["room_id"])
    assert room.assignment(Role.VALIDATOR).on_duty == bea.name
    again = await _assign(stage, answer["room_id"], "validator", "bea", "--why", WHY)
    assert (again.exit_code, "on duty already" in again.output) == (1, True)


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("", "validator", "bee"), "did you mean 'bea'?"),
        (("", "validator", "nobody"), "need one of: ada, bea, jude"),
        (("", "validater", "bea"), "did you mean 'validator'?"),
        (("", "initiator", "bea"), "need one of: adjudicator, validator"),
        (("", "validator", "privacy"), "need one person: val, viv"),
        (("nowhere123", "validator", "bea"), "there is no war room nowhere123"),
        (("#wr-no-nowhere123", "validator", "bea"), "need a room's id, or its channel's name"),
        (("", "validator", "U0NOBODY"), "found U0NOBODY, which can't act (unknown to Slack)"),
        (("", "validator", BOT), "found U0BOT, which can't act (a bot)"),
    ],
)
async def test_what_is_not_known_is_said_with_what_was_meant(
    stage: Stage, arguments: tuple[str, str, str], said: str
) -> None:
    answer = await stage.send()
    room_id, role, person = arguments
    done = await _assign(stage, room_id or answer["room_id"], role, person, "--why", WHY)
    assert done.exit_code == 2, done.output
    assert said in done.output


@pytest.mark.either_database
@pytest.mark.parametrize("mark", ["", "#"])
async def test_a_room_is_known_by_the_name_of_its_channel(stage: Stage, mark: str) -> None:
    answer = await stage.send()
    done = await _assign(stage, f"{mark}{channel(answer)}", "validator", "bea", "--why", WHY)
    assert done.exit_code == 0, done.output
    assert f"on duty in war room {answer['room_id']}" in done.output
    other = f"team-{answer['room_id']}"
    wrong = await _assign(stage, other, "validator", "bea", "--why", WHY)
    assert (wrong.exit_code, f"no war room {other}" in wrong.output) == (2, True)


@pytest.mark.either_database
async def test_a_listed_person_who_has_left_slack_is_not_assigned(stage: Stage) -> None:
    answer = await stage.send()
    await stage.people.change_person(BEA, deactivated=True)
    done = await _assign(stage, answer["room_id"], "adjudicator", "bea", "--why", WHY)
    assert done.exit_code == 2
    assert "found U0BACK, which can't act (account deactivated)" in done.output
    assert "need somebody who is active in Slack" in done.output


@pytest.mark.either_database
async def test_a_service_account_of_the_file_is_not_assigned(stage: Stage, tmp_path: Path) -> None:
    for path in CONFIG.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("bots: [", f"bots: [{EVE}, ")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    answer = await stage.send()
    given = (answer["room_id"], "adjudicator", EVE, "--why", WHY)
    done = await _assign(stage, *given, WARROOM_CONFIG=str(tmp_path))
    assert (done.exit_code, "(a bot)" in done.output) == (2, True)


@pytest.mark.either_database
@pytest.mark.parametrize("slack", ["away", "wrong"])
async def test_while_slack_doesnt_say_who_that_is_nothing_is_recorded(
    stage: Stage, slack: str
) -> None:
    answer = await stage.send()
    if slack == "wrong":
        await stage.people.fault("error", method="users.info", error="missing_scope", times=1)
    away = {"SLACK_API_URL": "http://127.0.0.1:9/api/"} if slack == "away" else {}
    done = await _assign(stage, answer["room_id"], "adjudicator", EVE, "--why", WHY, **away)
    assert done.exit_code == 3, done.output
    assert "Slack doesn't say whether U0EVE can act" in done.output
    assert "nothing was recorded" in done.output
    assert not (await _room(stage, answer["room_id"])).appointed


@pytest.mark.either_database
async def test_without_a_token_it_says_what_it_needs(stage: Stage) -> None:
    answer = await stage.send()
    given = (answer["room_id"], "adjudicator", EVE, "--why", WHY)
    done = await _assign(stage, *given, SLACK_BOT_TOKEN="")
    assert (done.exit_code, "SLACK_BOT_TOKEN" in done.output) == (2, True)


@pytest.mark.either_database
async def test_a_reason_is_needed(stage: Stage) -> None:
    answer = await stage.send()
    for why in ((), ("--why", "  ")):
        done = await _assign(stage, answer["room_id"], "validator", "bea", *why)
        assert done.exit_code != 0
    assert not (await _room(stage, answer["room_id"])).appointed


def test_the_command_says_what_it_does() -> None:
    said = CliRunner().invoke(main, ["room", "assign", "--help"]).output
    assert "Slack user id" in said
