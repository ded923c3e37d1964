"""The details of a room: all there is to it, whole, for those who may see it."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import details
from bot.integrations.slack.show.blocks import actions, option
from bot.integrations.slack.show.blocks import words as plain_words
from tests.approving import approve
from tests.build import ADA, EVE, JUDE, POLICY, VAL, report, room, violation
from tests.choosing import choose
from tests.slack.conftest import World, channel_of
from tests.slack.hostile import holding
from tests.slack.reading import about, assert_slack_takes_view, words

WHY = "".join(f"{n:05d}" for n in range(700))
FACTS = {"why": WHY} | {f"column_{n:02d}": f"customer detail {n}" for n in range(40)}


def assert_whole(shown: str) -> None:
    assert WHY in shown.replace("\n", "")
    for number in range(40):
        assert f"column_{number:02d}: customer detail {number}" in shown.split("\n")


def test_long_and_many_facts_are_whole_and_within_slacks_limits() -> None:
    view = details.view(about(room(), facts=FACTS))
    assert_slack_takes_view(view)
    assert_whole(words(view))


def test_what_slack_cannot_show_any_more_is_counted() -> None:
    view = details.view(about(room(), facts={f"fact {n}": "x" * 3000 for n in range(200)}))
    assert_slack_takes_view(view)
    assert " more parts, which Slack can't show here." in words(view["blocks"][-1])


def test_it_names_everything_that_the_report_says() -> None:
    subject = {"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:abc"}
    origin = {
        "system": "gitlab", "repository": "acme/ranker", "commit": "c0ffee1" * 5,
        "environment": "production", "run_url": "https://ci.acme.test/1",
    }  # fmt: skip
    shown = words(details.view(about(holding(room(), violation(subject=subject, origin=origin)))))
    for part in (
        "model ranker 7", "sha256:abc", "gitlab", "acme/ranker", "c0ffee1" * 5, "production",
        "<https://ci.acme.test/1|Run>", POLICY.description, POLICY.digest, "room000001",
        "violation1", "may act too", "ranker-7",
    ):  # fmt: skip
        assert part in shown, part


async def _opened(world: World) -> WarRoom:
    receipt = await world.engine.report(report(facts=FACTS), "violations", "delivery1")
    return await world.until(
        receipt.room.id, lambda room: room.card and room.let_in and len(room.pages) == 3
    )


async def test_whoever_chooses_them_gets_them_whole(world: World) -> None:
    room = await _opened(world)
    for user, channel in ((ADA, room.channel), (VAL, room.pages["val"].channel)):
        await choose(world.people, user=user, channel=channel, verb="details")
        assert_whole((await world.people.wait_for_modal(user=user)).words)


async def test_home_opens_them_too(world: World) -> None:
    await _opened(world)
    await world.people.open_home(user=JUDE)
    tab = await world.people.wait_for_home(user=JUDE)
    await choose(world.people, user=JUDE, view_id=tab.id, verb="details")
    assert_whole((await world.people.wait_for_modal(user=JUDE)).words)


async def test_a_private_rooms_details_are_refused_to_who_has_no_part_in_it(world: World) -> None:
    """Whatever offered them: here a message that was sent on."""
    room = await _opened(world)
    menu = {
        "type": "static_select",
        "action_id": "more",
        "placeholder": plain_words("More…"),
        "options": [option("Details…", f"details:{room.id}")],
    }
    slack = AsyncWebClient(world.slack.config.bot_token, base_url=world.slack.api_url)
    direct = (await slack.conversations_open(users=[EVE]))["channel"]["id"]
    await slack.chat_postMessage(channel=direct, text="Look", blocks=actions([menu]))
    await choose(world.people, user=EVE, channel=direct, verb="details")
    told = await world.people.wait_for_message(
        user=EVE, channel=direct, holds=lambda message: message.ephemeral
    )
    assert told.text == f"There is no war room `{room.id}`."
    assert await world.people.views(EVE) == ()
    await world.people.invite(user=VAL, channel=channel_of(room), users=[EVE])
    await choose(world.people, user=EVE, channel=room.channel, verb="details")
    assert_whole((await world.people.wait_for_modal(user=EVE)).words)


async def test_a_decided_rooms_status_has_a_button_for_them(world: World) -> None:
    room = await _opened(world)
    await approve(world.people, user=VAL, channel=room.channel)
    text = f"/warroom status {room.id}"
    await world.people.command(user=VAL, channel="C0GENERAL", text=text)
    await world.people.click(user=VAL, channel="C0GENERAL", action_id="details")
    shown = (await world.people.wait_for_modal(user=VAL)).words
    assert_whole(shown)
    assert "Approved" in shown
