import pytest

from bot.domain.war_room import Outcome
from bot.integrations.slack.commands.invocation import CannotError, mentioned, spoken, straight
from bot.integrations.slack.commands.registry import SUBCOMMANDS
from bot.integrations.slack.commands.stats import options
from tests.approving import approve
from tests.build import ADA, EVE, JUDE, POLICY, VAL, VIV, ada, viv
from tests.slack.conftest import World, channel_of

GENERAL = "C0GENERAL"


async def said(world: World, user: str, words: str, channel: str = GENERAL) -> str:
    """What the person is answered, for their eyes only."""
    text = f"/warroom {words}".strip()
    given = await world.people.command(user=user, channel=channel, text=text)
    assert given.answer.acked, given.answer
    if given.ts is None:
        return ""
    messages = await world.people.messages(user, given.channel)
    message = next(message for message in messages if message.ts == given.ts)
    assert message.ephemeral
    assert message.only_for == user
    return message.words


@pytest.mark.parametrize("words", ["", "help", "HELP", "helpp"])
async def test_help_names_every_subcommand(world: World, words: str) -> None:
    text = await said(world, VAL, words)
    for subcommand in SUBCOMMANDS:
        assert f"`/warroom {subcommand.name}" in text


async def test_an_unknown_word_gets_help_and_the_nearest(world: World) -> None:
    text = await said(world, VAL, "statuss <!channel>")
    assert "There is no `/warroom statuss`. Did you mean `/warroom status`?" in text


async def test_status_means_the_room_of_the_channel(world: World) -> None:
    room = await world.open_room()
    text = await said(world, VAL, "status", channel_of(room))
    assert "ranker fine-tuned" in text
    assert "Approve" in text
    assert "Override…" not in text


async def test_status_elsewhere_takes_an_id(world: World) -> None:
    room = await world.open_room()
    assert "ranker fine-tuned" in await said(world, VAL, f"status {room.id.upper()}")
    assert "Which war room?" in await said(world, VAL, "status")


async def test_a_private_room_is_not_shown_to_those_without_a_part_in_it(world: World) -> None:
    room = await world.open_room()
    assert "you have no part in it" in await said(world, EVE, f"status {room.id}")
    listed = await said(world, EVE, "list")
    assert room.id in listed
    assert "ranker" not in listed
    assert "ranker" in await said(world, VAL, "list")
    assert "ranker" not in await said(world, EVE, "debt")
    assert "ranker" in await said(world, VAL, "debt")


async def test_list_and_mine_when_nothing_is_open(world: World) -> None:
    assert "everything is settled" in await said(world, VAL, "list")
    assert await said(world, VAL, "mine") == "Nothing waits for you."


async def test_mine_lists_what_waits(world: World) -> None:
    room = await world.open_room()
    assert room.id in await said(world, VAL, "mine")
    assert await said(world, EVE, "mine") == "Nothing waits for you."


async def test_extend_with_a_reason(world: World) -> None:
    room = await world.open_room()
    text = await said(world, VAL, "extend 1h because the DPO &amp; I are away", channel_of(room))
    assert "Extended by 1 h" in text
    record = world.engine.store.record(room.id)
    assert record[-1].event.model_dump()["reason"].startswith("the DPO &")
    assert (await world.room(room.id)).expires_at > room.expires_at


async def test_extend_says_what_it_needs(world: World) -> None:
    room = await world.open_room()
    channel = channel_of(room)
    assert "need a duration such as" in await said(world, VAL, "extend soon", channel)
    assert "A reason is needed" in await said(world, VAL, "extend 1h", channel)
    assert "at most 4h more" in await said(world, VAL, f"extend {room.id} 9h because x")
    assert "You made this change" in await said(world, ADA, "extend 1h because x", channel)


async def test_handoff_goes_to_the_mentioned_person(world: World) -> None:
    room = await world.open_room()
    text = await said(world, VAL, f"handoff <@{VIV}>", channel_of(room))
    assert f"<@{VIV}> is validator on duty now" in text
    assert viv.name in (await world.room(room.id)).on_duty


async def test_handoff_to_somebody_who_is_not_eligible_names_those_who_are(world: World) -> None:
    room = await world.open_room()
    text = await said(world, JUDE, "handoff @eve", channel_of(room))
    assert "eligible: <@U0BACK>" in text
    assert "Mention one person" in await said(world, JUDE, "handoff", channel_of(room))


async def test_stats_and_debt_speak_of_what_is_open(world: World) -> None:
    await world.open_room()
    assert "1 violation: 0 resolved, 1 open" in await said(world, VAL, "stats")
    assert "1 open room" in await said(world, VAL, "debt")


async def test_stats_take_a_policy_a_team_and_a_period(world: World) -> None:
    await world.open_room()
    text = await said(world, VAL, f"stats --policy {POLICY.id} --since 30d")
    assert "1 open" in text
    assert "No violations" in await said(world, VAL, "stats \u2014team nobody")
    assert "There is no policy" in await said(world, VAL, "stats --policy nonsense")
    assert "need a duration such as 30d" in await said(world, VAL, "stats --since never")
    assert "Did you mean `--since`?" in await said(world, VAL, "stats --sinc 3d")


async def test_a_report_by_hand_opens_a_room(world: World) -> None:
    people = world.people
    assert await said(world, VIV, "open") == ""
    modal = await people.wait_for_modal(user=VIV, callback_id="open_modal")
    values = {
        "policy": POLICY.id,
        "title": "weights on a laptop",
        "initiator": ADA,
        "subject": "ranker",
        "description": "Seen at the demo.",
        "url": "https://acme.test/1",
    }
    sent = await people.submit(user=VIV, view_id=modal.id, values=values)
    assert sent.outcome == "updated"
    notice = await people.wait_for_modal(user=VIV, callback_id="notice")
    (room,) = world.engine.store.open_rooms()
    assert room.id in notice.words
    assert f"/gate/{room.violation.id}" in notice.words
    assert room.initiators == (ada.name,)
    assert room.violation.source == "slack"
    stored = world.engine.store.violation(room.violation.id)
    assert stored
    assert stored.report.facts["reported by"] == VIV


async def test_a_report_by_hand_with_a_broken_link_stays_open(world: World) -> None:
    people = world.people
    await said(world, VIV, "open")
    modal = await people.wait_for_modal(user=VIV, callback_id="open_modal")
    values = {"policy": POLICY.id, "title": "x", "subject": "y", "url": "acme.test"}
    sent = await people.submit(user=VIV, view_id=modal.id, values=values)
    assert sent.outcome == "errors"
    assert set(sent.errors) == {"url"}
    assert world.engine.store.open_rooms() == []


async def test_what_a_report_opened_can_be_settled(world: World) -> None:
    room = await world.open_room()
    await approve(world.people, user=JUDE, channel=room.channel)
    decision = (await world.room(room.id)).decision
    assert decision
    assert decision.outcome is Outcome.APPROVED
    assert "Approved" in await said(world, VAL, f"status {room.id}")


def test_mentions_and_entities_are_read_as_they_were_typed() -> None:
    assert mentioned("<@U0VIV|viv>") == mentioned("<@U0VIV>") == "U0VIV"
    assert mentioned("viv") is None
    assert spoken("&lt;b&gt; &amp;lt; <@U0VIV|viv> <#C1|general>") == "<b> &lt; @viv @general"


def test_typographers_dashes_and_quotes_are_read() -> None:
    typed = "\u2014policy \u201cx y\u201d \u2013team z"
    assert options(typed) == options('--policy "x y" --team=z') == {"policy": "x y", "team": "z"}
    assert straight("a\u2014b") == "a\u2014b"


@pytest.mark.parametrize("words", ["--policy", '--policy "x', "policy x", "--nope 1", "x"])
def test_options_that_cannot_be_read_are_said(words: str) -> None:
    with pytest.raises(CannotError):
        options(words)
