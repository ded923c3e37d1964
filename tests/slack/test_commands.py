import pytest

from bot.domain.channel_names import channel_name
from bot.domain.war_room import Outcome
from bot.integrations.slack.commands.invocation import CannotError, mentioned, spoken, straight
from bot.integrations.slack.commands.registry import SUBCOMMANDS
from bot.integrations.slack.commands.stats import options
from tests.approving import approve
from tests.build import ADA, EVE, JUDE, POLICY, VAL, VIV, ada, viv
from tests.slack.conftest import World, channel_of, said


@pytest.mark.parametrize("words", ["", "help", "HELP", "helpp"])
async def test_help_names_every_subcommand(world: World, words: str) -> None:
    text = await said(world, VAL, words)
    for subcommand in SUBCOMMANDS:
        assert f"• /warroom {subcommand.name}" in text


async def test_an_unknown_word_gets_help_and_the_nearest(world: World) -> None:
    text = await said(world, VAL, "statuss <!channel>")
    assert "There is no /warroom statuss. Did you mean /warroom status?" in text


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
    for word in (room.id, room.id[:9], f"#{channel_name(room)}", channel_name(room)):
        hidden = await said(world, EVE, f"status {word}")
        assert "There is no war room" in hidden
        assert "ranker fine-tuned" not in hidden
    unseen = await said(world, EVE, f"status {room.id}")
    assert unseen.replace(room.id, "0" * 10) == await said(world, EVE, f"status {'0' * 10}")
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
    text = await said(world, VAL, "extend soon", channel)
    assert "Found soon: need a duration such as" in text
    assert "a moment such as" in text
    assert "A reason is needed" in await said(world, VAL, "extend 1h", channel)
    text = await said(world, VAL, f"extend {room.id} 8h30 because x")
    assert "Found 8 h 30 min, possible is at most 4 h more" in text
    for words in ("17:00 CET", "1h 30", "as soon as possible"):
        text = await said(world, VAL, f"extend {words}", channel)
        assert f"Found {words}: need a duration such as" in text
        assert "followed by UTC" in text
    assert (await world.room(room.id)).expires_at == room.expires_at
    assert "You made this change" in await said(world, ADA, "extend 1h because x", channel)


async def test_extend_until_a_moment_in_the_writers_own_time_zone(world: World) -> None:
    """The window began at 9:00 UTC, and ends at 13:00: 14:00 in Berlin."""
    room = await world.open_room()
    channel = channel_of(room)
    text = await said(world, VAL, "extend until 15:30 because of the DPO", channel)
    assert "Extended by 1 h 30 min" in text
    assert "Extended by 30 min" in await said(world, VAL, "extend 15:00 UTC because x", channel)
    assert "is no later than" in await said(world, VAL, "extend 15:00 because x", channel)
    assert "possible is at most 2 h more" in await said(
        world, VAL, "extend tomorrow 9:00 x", channel
    )


async def test_a_moment_is_refused_while_slack_does_not_say_in_which_zone_it_is(
    world: World,
) -> None:
    room = await world.open_room()
    await world.people.fault("error", method="users.info", error="fatal_error", times=1)
    text = await said(world, VIV, "extend 15:30 because x", channel_of(room))
    assert "in which time zone" in text
    assert (await world.room(room.id)).expires_at == room.expires_at


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("list all", "Found all. /warroom list"),
        ("mine please", "Found please. /warroom mine"),
        ("debt search", "Found search. /warroom debt"),
        ("open now", "Found now. /warroom open"),
        ("stats --polcy x", "Found --polcy. Did you mean --policy? /warroom stats"),
        ("stats x", "Found x. Possible: --policy, --team, --risk, --since. /warroom stats"),
        ("status {id} now", "Found now. /warroom status"),
        ("handoff {id} validater <@U0VIV>", "Found validater. Did you mean validator?"),
        ("handoff {id} nobody", "Found nobody. Possible: validator, adjudicator."),
        ("extend {id} soon", "Found soon: need a duration"),
    ],
)
async def test_words_that_are_not_understood_are_refused_alike(
    world: World, words: str, answer: str
) -> None:
    room = await world.open_room()
    text = await said(world, VAL, words.format(id=room.id))
    assert answer in text
    assert (await world.room(room.id)).expires_at == room.expires_at


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
    assert f"Possible: {POLICY.id}" in await said(world, VAL, "stats --policy nonsense")
    assert "need a duration such as 30d" in await said(world, VAL, "stats --since never")
    assert "Did you mean --since?" in await said(world, VAL, "stats --sinc 3d")


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
    assert (room.violation.source, room.violation.signed_by) == ("slack", "slack")
    stored = world.engine.store.violation(room.violation.id)
    assert stored
    assert stored.report.facts["reported by"] == VIV


async def test_a_report_by_hand_with_a_broken_link_stays_open(world: World) -> None:
    people = world.people
    await said(world, VIV, "open")
    modal = await people.wait_for_modal(user=VIV, callback_id="open_modal")
    values = {
        "policy": POLICY.id,
        "title": "x",
        "subject": "y",
        "url": "acme.test",
        "initiator": ADA,
    }
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
    assert spoken("&lt;b&gt; &amp;lt; <@U0VIV|viv> <#C1|general>") == "<b> &lt; @viv #general"


def test_typographers_dashes_and_quotes_are_read() -> None:
    typed = "\u2014policy \u201cx y\u201d \u2013team z"
    assert options(typed) == options('--policy "x y" --team=z') == {"policy": "x y", "team": "z"}
    assert straight("a\u2014b") == "a\u2014b"


@pytest.mark.parametrize("words", ["--policy", '--policy "x', "policy x", "--nope 1", "x"])
def test_options_that_cannot_be_read_are_said(words: str) -> None:
    with pytest.raises(CannotError):
        options(words)
