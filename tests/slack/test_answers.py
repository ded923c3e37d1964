"""Questions and answers: who asked hears the answer, and a reply to the card may become one."""

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.explanations import EARLIER
from bot.domain.messages import PostedMessage
from bot.domain.person import SYSTEM
from bot.domain.refusal import Refusal
from bot.domain.violation import Initiator
from bot.domain.war_room import WarRoom
from bot.integrations.slack.hear.replies import typed
from bot.local_slack import SlackMessage
from tests.build import (
    ADA,
    EVE,
    JUDE,
    VAL,
    VIV,
    acting,
    ada,
    eve,
    jude,
    made_by,
    report,
    val,
    violation,
    viv,
)
from tests.choosing import choices, choose
from tests.slack.conftest import PEOPLE, World, channel_of
from tests.slack.test_truth import STRANGER, Place, card, digest_to_viv, message_to, news_with

NOBODY = "Nobody can be asked yet, since it isn't known who made this change."
ANSWER = "Only the customers of last year & those who agreed."


async def asked(world: World, room: WarRoom) -> None:
    """Val asks ada something, in the modal."""
    await choose(world.people, user=VAL, channel=room.channel, verb="request_info")
    modal = await world.people.wait_for_modal(user=VAL, callback_id="request_info_modal")
    sent = {"question": "Which customers?"}
    await world.people.submit(user=VAL, view_id=modal.id, values=sent)


async def explained(world: World, room: WarRoom, text: str = ANSWER) -> None:
    """Ada explains, in the modal that the menu of her page opens."""
    page = room.pages[ada.name]
    await choose(world.people, user=ADA, channel=page.channel, ts=page.ts, verb="explain")
    modal = await world.people.wait_for_modal(user=ADA, callback_id="explain_modal")
    await world.people.submit(user=ADA, view_id=modal.id, values={"text": text})


async def replied(world: World, room: WarRoom, user: str = ADA, text: str = ANSWER) -> None:
    assert room.card
    await world.people.post(user=user, channel=channel_of(room), text=text, thread_ts=room.card.ts)


async def offered(world: World, room: WarRoom, channel: str = "") -> SlackMessage:
    """The offer that only its reader sees, in the thread where they replied."""
    return await world.people.wait_for_message(
        user=ADA, channel=channel or channel_of(room), holds=lambda m: "use_answer" in m.action_ids
    )


async def question_in(world: World, channel: str) -> SlackMessage:
    """The message that asks ada, known to the room by then."""
    question = await world.people.wait_for_message(
        user=ADA,
        channel=channel,
        holds=lambda m: "Which customers?" in m.words and m.action_ids == ("explain",),
    )
    (room,) = world.engine.store.open_rooms()
    asking = PostedMessage(channel=channel, ts=question.ts)
    await world.until(room.id, lambda room: asking in room.questions.values())
    return question


async def shown_everywhere(world: World, room: WarRoom, *words: str) -> None:
    """These words stand on the card and on each page, in time."""
    assert room.card
    places = [(VAL, channel_of(room), room.card.ts)]
    for name, page in room.pages.items():
        places.append((room.person(name).slack or "", page.channel, page.ts))
    assert {user for user, _, _ in places} == {ADA, VAL, JUDE}
    for user, channel, ts in places:

        def shows(message: SlackMessage, ts: str = ts) -> bool:
            return message.ts == ts and all(text in message.words for text in words)

        await world.people.wait_for_message(user=user, channel=channel, holds=shows)


async def test_an_answer_mentions_and_messages_whoever_asked(world: World) -> None:
    room = await world.open_room()
    await asked(world, room)
    await explained(world, room)
    await world.people.wait_for_message(
        user=VAL,
        channel=channel_of(room),
        holds=lambda m: f"answers <@{VAL}>" in m.words and ANSWER in m.words,
    )
    page = room.pages[val.name]
    told = await world.people.wait_for_message(
        user=VAL, channel=page.channel, holds=lambda m: m.thread_ts == page.ts and m.ts != page.ts
    )
    assert f"<@{ADA}> (initiator) answers your question" in told.words
    assert ANSWER in told.words


async def test_a_question_is_answered_from_its_own_message(world: World) -> None:
    room = await world.open_room()
    await asked(world, room)
    for channel in (room.pages[ada.name].channel, channel_of(room)):
        question = await question_in(world, channel)
        await world.people.click(user=ADA, channel=channel, ts=question.ts, action_id="explain")
        modal = await world.people.wait_for_modal(user=ADA, callback_id="explain_modal")
        assert "Which customers?" in modal.words


async def test_whoever_was_answered_once_is_not_called_again(world: World) -> None:
    room = await world.open_room()
    await asked(world, room)
    for text in ("Those of last year.", "And those of this year."):
        await explained(world, room, text)
    events = [each.event for each in world.engine.store.record(room.id)]
    answers = [event for event in events if isinstance(event, e.Explained)]
    assert [answer.asked_by for answer in answers] == [val.name, None]
    assert (await world.room(room.id)).answer == "And those of this year."


async def test_an_explanation_nobody_asked_for_is_on_card_and_pages(world: World) -> None:
    """And it stays there when something is asked afterwards."""
    room = await world.open_room()
    await explained(world, room, "It is the synthetic set.")
    await asked(world, room)
    await shown_everywhere(world, room, "It is the synthetic set.", "Which customers?")


async def test_what_was_answered_and_explained_stays_on_card_and_pages(world: World) -> None:
    """Through a second answer, another question, another explanation, and the decision."""
    room = await world.open_room()
    said = ["It is the synthetic set.", "Those of last year.", "And of this year.", "For a test."]
    given: list[tuple[c.Command, str]] = [
        (c.Explain(text=said[0]), ada.name),
        (c.RequestInfo(question="Which customers?"), val.name),
        (c.Explain(text=said[1]), ada.name),
        (c.Explain(text=said[2]), ada.name),
        (c.RequestInfo(question="What for?"), jude.name),
        (c.Explain(text="The adjudicator's words."), jude.name),
    ]
    for command, name in given:
        answer = await world.engine.handle(room.id, command, acting(name))
        assert not isinstance(answer, Refusal)
    words = [*said[:3], "Which customers?", "What for?", "The adjudicator's words."]
    await shown_everywhere(world, room, *words, "Not answered yet")
    await world.engine.handle(room.id, c.Explain(text=said[3]), acting(ada.name))
    await world.engine.handle(room.id, c.Reject(reason="Not agreed."), acting(jude.name))
    await shown_everywhere(world, room, *words, said[3], "Not agreed.")


async def test_a_question_that_nobody_answered_is_said_to_be_one(world: World) -> None:
    room = await world.open_room()
    await asked(world, room)
    await world.engine.handle(room.id, c.Reject(reason="Not agreed."), acting(jude.name))
    await shown_everywhere(world, room, "Which customers?", "Nobody answered it.")


async def test_what_was_explained_is_bounded_and_what_is_left_out_is_counted(world: World) -> None:
    room = await world.open_room()
    for number in range(9):
        text = f"explanation {number} {'x' * 2900}"
        await world.engine.handle(room.id, c.Explain(text=text), acting(ada.name))
    last = [f"explanation {number} x" for number in range(3, 9)]
    await shown_everywhere(world, room, *last, "… and 3 more")
    assert len((await world.room(room.id)).earlier.newest) == EARLIER


async def test_an_initiators_reply_to_the_card_is_offered_as_the_answer(world: World) -> None:
    room = await world.open_room()
    await asked(world, room)
    await replied(world, room)
    offer = await offered(world, room)
    assert offer.only_for == ADA
    assert ANSWER in offer.words
    await world.people.click(
        user=ADA, channel=channel_of(room), ts=offer.ts, action_id="use_answer"
    )
    assert (await world.room(room.id)).answer == ANSWER
    used = await world.people.wait_for_message(
        user=ADA, channel=channel_of(room), holds=lambda m: m.ts == offer.ts and not m.action_ids
    )
    assert "It stands on the card now." in used.words


@pytest.mark.parametrize("place", ["channel", "direct message"])
async def test_an_initiators_reply_to_the_question_itself_is_offered_as_the_answer(
    world: World, place: str
) -> None:
    """In the thread where they replied, and once more after the first answer was used."""
    room = await world.open_room()
    await asked(world, room)
    channel = channel_of(room) if place == "channel" else room.pages[ada.name].channel
    question = await question_in(world, channel)
    for text in (ANSWER, "And those of this year."):
        await world.people.post(user=ADA, channel=channel, text=text, thread_ts=question.ts)
        offer = await offered(world, room, channel)
        assert (offer.only_for, offer.thread_ts) == (ADA, question.ts)
        await world.people.click(user=ADA, channel=channel, ts=offer.ts, action_id="use_answer")
        assert (await world.room(room.id)).answer == text

        def is_used(message: SlackMessage, ts: str = offer.ts) -> bool:
            return message.ts == ts and not message.action_ids

        await world.people.wait_for_message(user=ADA, channel=channel, holds=is_used)


async def test_an_initiators_reply_to_their_page_is_offered_as_the_explanation(
    world: World,
) -> None:
    room = await world.open_room()
    page = room.pages[ada.name]
    await world.people.post(user=ADA, channel=page.channel, text=ANSWER, thread_ts=page.ts)
    offer = await offered(world, room, page.channel)
    assert "Is this your explanation?" in offer.words
    await world.people.click(user=ADA, channel=page.channel, ts=offer.ts, action_id="use_answer")
    assert (await world.room(room.id)).explanation == ANSWER


async def test_nothing_else_that_is_written_is_offered(world: World) -> None:
    """Not beside the threads, and not by others in them."""
    room = await world.open_room()
    await asked(world, room)
    direct, channel = room.pages[ada.name].channel, channel_of(room)
    question = await question_in(world, channel)
    to_ada = await question_in(world, direct)
    post = world.people.post
    beside = await post(user=ADA, channel=direct, text="Hello?")
    await post(user=ADA, channel=direct, text="Anybody there?", thread_ts=beside.ts)
    await post(user=VAL, channel=channel, text="I wonder too.", thread_ts=question.ts)
    page = room.pages[val.name]
    await post(user=VAL, channel=page.channel, text="Who knows?", thread_ts=page.ts)
    await post(user=ADA, channel=direct, text=ANSWER, thread_ts=to_ada.ts)
    await offered(world, room, direct)
    events = [each.event for each in world.engine.store.record(room.id)]
    replies = [event.text for event in events if isinstance(event, e.Replied)]
    assert replies == [ANSWER]


async def test_a_reply_to_a_digest_is_not_offered_since_it_is_about_several_rooms(
    world: World,
) -> None:
    place = Place(world, (await world.open_room()).id)
    await digest_to_viv(place)
    await place.give(c.Join(violation=violation(2), makers=made_by(viv)), SYSTEM)
    room = await place.room()
    digest = room.pages[viv.name]
    await world.people.post(user=VIV, channel=digest.channel, text=ANSWER, thread_ts=digest.ts)
    await replied(world, room, VIV, "To the card.")
    await world.until(room.id, lambda after: after.version > room.version)
    events = [each.event for each in world.engine.store.record(room.id)]
    assert [event.text for event in events if isinstance(event, e.Replied)] == ["To the card."]


async def test_only_an_initiators_reply_to_the_card_is_offered(world: World) -> None:
    room = await world.open_room()
    channel = channel_of(room)
    await replied(world, room, VAL, "Which customers were it?")
    await world.people.post(user=ADA, channel=channel, text="Not in the thread.")
    other = await world.people.post(user=VAL, channel=channel, text="Another thread.")
    await world.people.post(user=ADA, channel=channel, text="Beside it.", thread_ts=other.ts)
    await replied(world, room, text="🙂")
    await replied(world, room)
    await offered(world, room)
    events = [each.event for each in world.engine.store.record(room.id)]
    replies = [event for event in events if isinstance(event, e.Replied)]
    assert [(reply.name, reply.text) for reply in replies] == [(ada.name, ANSWER)]


async def test_a_reply_is_offered_once_and_used_once_however_often_slack_sends_it(
    world: World,
) -> None:
    room = await world.open_room()
    await world.people.fault("deliver_twice", "events_api")
    await replied(world, room)
    offer = await offered(world, room)
    await world.people.fault("deliver_twice", "block_actions")
    await world.people.click(
        user=ADA, channel=channel_of(room), ts=offer.ts, action_id="use_answer"
    )
    for _ in range(2):
        assert await _dispatch(world, _event(room)) == 200
        assert await _dispatch(world, _click(world, room)) == 200
    events = [each.event.kind for each in world.engine.store.record(room.id)]
    assert (events.count("replied"), events.count("explained")) == (2, 1)


async def test_nobody_uses_what_somebody_else_replied(world: World) -> None:
    room = await world.open_room()
    await replied(world, room)
    await offered(world, room)
    for user in (JUDE, EVE):
        assert await _dispatch(world, _click(world, room, user)) == 200
    assert (await world.room(room.id)).explanation is None


@pytest.mark.parametrize(
    "value", ["", "room000001", ":1", "x:0", "x:99999999999", "x:\u0661", "{}"]
)
async def test_a_button_with_any_value_is_refused_politely(world: World, value: str) -> None:
    room = await world.open_room()
    for odd in (value, value.replace("x", room.id)):
        assert await _dispatch(world, _click(world, room) | _pressed(odd)) == 200
    assert (await world.room(room.id)).version == room.version


async def test_what_is_decided_takes_no_reply_any_more(world: World) -> None:
    room = await world.open_room()
    await replied(world, room)
    offer = await offered(world, room)
    await world.engine.handle(room.id, c.Reject(reason="Not agreed."), acting(jude.name))
    await world.people.click(
        user=ADA, channel=channel_of(room), ts=offer.ts, action_id="use_answer"
    )
    refused = await world.people.wait_for_message(
        user=ADA, channel=channel_of(room), holds=lambda m: "was rejected by" in m.text
    )
    assert refused.only_for == ADA
    assert await _dispatch(world, _event(room)) == 200
    kinds = [each.event.kind for each in world.engine.store.record(room.id)]
    assert kinds.count("replied") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        (f"<@{VAL}> knows, <@U0NEW> too", "@val knows, @U0NEW too"),
        ("in <#C0ROOM|wr-pii>, <!here>", "in #wr-pii, @here"),
        ("<https://a.test/1>, <https://a.test/2|a.test/2>", "https://a.test/1, https://a.test/2"),
        ("<https://a.test|the ticket>", "the ticket (https://a.test)"),
        ("<mailto:dpo@acme.test|dpo@acme.test>", "dpo@acme.test"),
    ],
)
def test_a_reply_is_read_as_it_was_typed(text: str, words: str) -> None:
    assert typed(text, PEOPLE) == words


INSTALLED: dict[str, object] = {
    "api_app_id": "A0LOCAL",
    "team": {"id": "T0ACME"},
    "team_id": "T0ACME",
}


def _event(room: WarRoom) -> dict[str, object]:
    """One message of ada's, as Slack sends it again and again."""
    assert room.card
    event = {"type": "message", "channel": room.channel, "user": ADA, "text": "Once more."}
    event |= {"thread_ts": room.card.ts, "ts": "1800000000.000001"}
    return {"type": "event_callback", "event_id": "Ev1", "event": event, **INSTALLED}


def _click(world: World, room: WarRoom, user: str = ADA) -> dict[str, object]:
    record = world.engine.store.record(room.id)
    seq = next((each.seq for each in record if isinstance(each.event, e.Replied)), 0)
    body = {"type": "block_actions", "user": {"id": user}, "trigger_id": "1.2.3"}
    return {**body, **INSTALLED} | _pressed(f"{room.id}:{seq}")


def _pressed(value: str) -> dict[str, object]:
    action = {"action_id": "use_answer", "block_id": "b", "value": value, "type": "button"}
    return {"actions": [action]}


async def _dispatch(world: World, body: dict[str, object]) -> int:
    """As it comes through a socket: Socket Mode is heard by the same listeners."""
    request = AsyncBoltRequest(body=body, mode="socket_mode")
    return (await world.app.async_dispatch(request)).status


async def _of_nobody_known(world: World, person: str) -> Place:
    """A room whose initiator nobody knows, once `person` has asked them something, in the modal."""
    by_stranger = report(initiator=Initiator(github="stranger"))
    opened = (await world.engine.report(by_stranger, "violations", "delivery1")).room
    room = await world.until(opened.id, lambda room: room.card and len(room.pages) == 2)
    place = Place(world, room.id)
    await place.quiet()
    await choose(world.people, user=person, channel=room.channel, verb="request_info")
    modal = await world.people.wait_for_modal(user=person, callback_id="request_info_modal")
    assert f"{NOBODY} Say it by I know who this is…" in str(modal.blocks)
    sent = {"question": "Which customers?"}
    await world.people.submit(user=person, view_id=modal.id, values=sent)
    await world.until(room.id, lambda room: room.question)
    await place.quiet()
    return place


async def test_a_question_that_reaches_nobody_says_so_and_how_that_is_mended(world: World) -> None:
    place = await _of_nobody_known(world, JUDE)
    for look in (news_with("Which customers?"), card):
        assert f"{NOBODY} Say it by *I know who this is…*" in await look(place)
    await place.give(c.NameInitiator(account=STRANGER, persons=(eve,)), val.name)
    assert "Not answered yet" in await card(place)
    (page,) = await place.to(EVE)
    assert "Which customers?" in page.words
    assert "explain" in choices(page)


async def test_whoever_is_named_hears_the_question_that_still_waits_once(world: World) -> None:
    place = await _of_nobody_known(world, JUDE)
    news = news_with("Which customers?")
    assert NOBODY in await news(place)
    await place.give(c.NameInitiator(account=STRANGER, persons=(val,)), jude.name)
    _, told = await place.to(VAL)
    assert "asks you about" in told.words
    assert "Which customers?" in told.words
    assert told.action_ids == ("explain",)
    asking = await news(place)
    assert (NOBODY in asking, "asks Val:" in asking) == (False, True)
    await place.give(c.Explain(text=ANSWER), val.name)
    assert "Answered" in await message_to(VAL, 1)(place)
    await place.give(c.Join(violation=violation(3), makers=made_by(viv)), SYSTEM)
    assert "asks you about" not in str([message.words for message in await place.to(VIV)])


async def test_a_question_to_whom_slack_delivers_nothing_says_so(world: World) -> None:
    place = Place(world, (await world.open_room()).id)
    await place.quiet()
    await place.give(c.RequestInfo(question="Which customers?"), val.name)
    await place.give(r.RecordUnreachable(name=ada.name, error="user_disabled"), SYSTEM)
    said = "Nobody can be asked: Slack delivers nothing to whoever made this change."
    for look in (news_with("Which customers?"), card):
        assert said in await look(place)
