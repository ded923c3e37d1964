"""What Slack signs is taken from where the app is installed, and for this app alone."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.domain.war_room import WarRoom
from bot.integrations.registry import with_built_in
from bot.integrations.slack.hear.bolt import bolt_app
from bot.local_slack import LocalSlack, LocalSlackConfig
from tests.approving import approve
from tests.build import ADA, EVE, VAL, ada
from tests.slack.conftest import MEMBERS, World, channel_of
from tests.slack.test_guard import COMMAND, EVENT, form, signed

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("fresh_loggers")]

OTHER_TEAM = {"team": {"id": "T0OTHER"}}
OTHER_APP = {"api_app_id": "A0OTHER"}
NO_TEAM: dict[str, Any] = {"team": None}


def click(room: WarRoom, **changes: object) -> dict[str, object]:
    return {
        "type": "block_actions",
        "user": {"id": ADA},
        "api_app_id": "A0LOCAL",
        "team": {"id": "T0ACME"},
        "actions": [{"action_id": "ack", "block_id": "b", "value": room.id}],
        **changes,
    }


@pytest.mark.parametrize("changes", [OTHER_TEAM, OTHER_APP, NO_TEAM])
async def test_a_click_from_elsewhere_or_for_another_app_does_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    room = await world.open_room()
    with capture_logs() as logs:
        assert await signed(world, form(click(room, **changes))) == 200
    assert not (await world.room(room.id)).acknowledged
    assert "slack.foreign_refused" in [entry["event"] for entry in logs]
    await signed(world, form(click(room)))
    assert ada.name in (await world.room(room.id)).acknowledged


@pytest.mark.parametrize("changes", [OTHER_TEAM, OTHER_APP])
async def test_over_a_socket_the_same_is_refused(world: World, changes: dict[str, Any]) -> None:
    room = await world.open_room()
    request = AsyncBoltRequest(mode="socket_mode", body=click(room, **changes))
    answer = await world.app.async_dispatch(request)
    assert "Nothing was done" in json.loads(answer.body)["error"]
    assert not (await world.room(room.id)).acknowledged


async def test_a_modal_from_another_team_shows_why_and_changes_nothing(world: World) -> None:
    room = await world.open_room()
    submission = click(room, **OTHER_TEAM) | {
        "type": "view_submission",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": "dismiss_modal",
            "private_metadata": json.dumps({"room": room.id}),
            "blocks": [],
            "state": {"values": {"reason": {"reason": {"value": "Not ours to block."}}}},
        },
    }
    request = AsyncBoltRequest(mode="socket_mode", body=submission)
    answer = json.loads((await world.app.async_dispatch(request)).body)
    assert answer["response_action"] == "update"
    assert "isn't installed" in json.dumps(answer["view"])
    assert not (await world.room(room.id)).decision


@pytest.mark.parametrize("changes", [{"team_id": "T0OTHER"}, OTHER_APP])
async def test_a_command_from_elsewhere_is_answered_with_why(
    world: World, changes: dict[str, Any]
) -> None:
    request = AsyncBoltRequest(mode="socket_mode", body={**COMMAND, **changes, "text": "list"})
    answer = json.loads((await world.app.async_dispatch(request)).body)
    assert answer["text"].startswith("Nothing was done")


@pytest.mark.parametrize("changes", [{"team_id": "T0OTHER"}, OTHER_APP])
async def test_an_event_of_another_team_or_app_publishes_no_home(
    world: World, changes: dict[str, Any]
) -> None:
    kind = {"Content-Type": "application/json"}
    assert await signed(world, json.dumps({**EVENT, **changes}).encode(), **kind) == 200
    await signed(world, urlencode(COMMAND).encode())  # what comes later is heard
    assert not await world.people.calls("views.publish")


@pytest.mark.parametrize("method", ["auth.test", "bots.info"])
async def test_while_slack_does_not_say_who_we_are_nothing_is_decided_and_later_it_is(
    world: World, method: str
) -> None:
    room = await world.open_room()
    await world.people.fault("error", method=method, error="ratelimited", times=99)
    settings, token = world.slack.config, world.slack.config.bot_token
    app = bolt_app(
        world.engine,
        token=token,
        signing_secret=settings.signing_secret,
        client=AsyncWebClient(token, base_url=world.slack.api_url, retry_handlers=[]),
        parts=with_built_in(),
    )

    async def clicked() -> BoltResponse:
        request = AsyncBoltRequest(mode="socket_mode", body=click(room))
        return await app.async_dispatch(request)

    refused = await clicked()
    assert refused.status == 503
    assert "try again in a moment" in json.loads(refused.body)["error"]
    assert not (await world.room(room.id)).acknowledged
    await world.people.clear_faults()
    assert (await clicked()).status == 200
    assert (await world.room(room.id)).acknowledged


async def test_slack_is_asked_once_where_it_is_installed(world: World) -> None:
    room = await world.open_room()
    for _ in range(3):
        await world.people.click(user=VAL, channel=channel_of(room), action_id="ack")
    assert len(await world.people.calls("bots.info")) == 1


class TestOfAWholeEnterprise:
    @pytest.fixture
    async def slack(self) -> AsyncIterator[LocalSlack]:
        settings = LocalSlackConfig(
            people=tuple(MEMBERS),
            rate_limits=False,
            enterprise_id="E0ACME",
            enterprise_install=True,
        )
        async with LocalSlack(settings) as slack:
            yield slack

    async def test_its_workspaces_are_heard_and_another_enterprise_is_not(
        self, world: World
    ) -> None:
        room = await world.open_room()
        foreign = click(room, team=None, enterprise={"id": "E0OTHER"}, is_enterprise_install=True)
        await signed(world, form(foreign))
        assert not (await world.room(room.id)).acknowledged
        await approve(world.people, user=VAL, channel=channel_of(room))
        assert (await world.room(room.id)).decision

    async def test_which_of_its_workspaces_somebody_is_of_is_not_told(self, world: World) -> None:
        room = await world.open_room()
        await world.people.change_person(VAL, team_id="T0OTHER")
        await approve(world.people, user=VAL, channel=channel_of(room))
        decided = await world.room(room.id)
        assert (bool(decided.decision), decided.slack_teams) == (True, {})


async def test_who_decides_from_another_workspace_is_said_to_on_the_card(world: World) -> None:
    room = await world.open_room()
    await world.people.change_person(VAL, team_id="T0OTHER")
    await approve(world.people, user=VAL, channel=channel_of(room))
    card = await world.people.wait_for_message(
        user=VAL,
        channel=channel_of(room),
        holds=lambda message: message.pinned and "Approved" in message.words,
    )
    assert "by <@U0VAL> (from team T0OTHER) (validator)" in card.words
    assert "<@U0JUDE> (from team" not in card.words


async def test_a_stranger_from_another_workspace_holds_no_role(world: World) -> None:
    room = await world.open_room()
    await world.people.change_person(EVE, team_id="T0OTHER")
    await signed(world, form(click(room, user={"id": EVE, "team_id": "T0OTHER"})))
    room = await world.room(room.id)
    assert not room.acknowledged
    assert not room.slack_teams
