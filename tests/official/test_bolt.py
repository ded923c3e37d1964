"""An app of Bolt for Python lives in the local Slack as in Slack, over HTTP and over a socket."""

from collections.abc import AsyncIterator

import pytest

from tests.build import ADA, BOT
from tests.local_slack.support import Local, local
from tests.official.tea_house import EVENTS, HALVES, SHORTCUTS


@pytest.fixture(params=HALVES)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[Local]:
    async with local(events=EVENTS, shortcuts=SHORTCUTS) as here, HALVES[request.param](here):
        yield here


async def said(house: Local, words: str, channel: str = BOT) -> str:
    """The newest message of the app with these words, as Ada reads it."""
    message = await house.people.wait_for_message(
        user=ADA, channel=channel, holds=lambda it: it.from_bot and words in (it.text or it.words)
    )
    return message.text


async def test_a_mention_is_answered_in_its_thread(house: Local) -> None:
    channel = await house.room(ADA, private=False)
    asked = await house.people.post(user=ADA, channel=channel, text=f"<@{BOT}> hello")
    answer = await house.people.wait_for_message(
        user=ADA, channel=channel, holds=lambda it: it.text == f"Tea, <@{ADA}>?"
    )
    assert answer.thread_ts == asked.ts


async def test_a_message_is_heard_where_the_app_is(house: Local) -> None:
    channel = await house.room(ADA, private=False)
    await house.people.post(user=ADA, channel=channel, text="in the room")
    await house.people.post(user=ADA, channel=BOT, text="to you alone")
    assert await said(house, "room", channel) == "channel: in the room"
    assert await said(house, "alone") == "im: to you alone"


async def test_a_reaction_is_heard_with_its_message(house: Local) -> None:
    channel = await house.room(ADA)
    ts = (await house.client.chat_postMessage(channel=channel, text="Closed"))["ts"]
    await house.people.react(user=ADA, channel=channel, ts=ts, name="tea")
    assert ":tea:" in await said(house, "gives", channel)


async def test_the_home_tab_is_published_when_it_is_opened(house: Local) -> None:
    await house.people.open_home(user=ADA)
    view = await house.people.wait_for_home(user=ADA, holds=lambda it: it.blocks)
    assert view.words == "The tea house"


async def test_a_command_is_acknowledged_with_words_and_answered_later(house: Local) -> None:
    done = await house.people.command(user=ADA, channel="general", text="/tea menu")
    acked = await house.people.messages(ADA, "general")
    assert done.answer.acked
    assert ("Green or black", True) in [(it.text, it.ephemeral) for it in acked]
    assert await said(house, "menu of today", "general") == "The menu of today"


async def test_a_click_changes_the_message_and_says_more(house: Local) -> None:
    await house.people.command(user=ADA, channel=BOT, text="/tea card")
    await said(house, "A cup")
    done = await house.people.click(user=ADA, channel=BOT, action_id="pour")
    assert done.answer is not None
    assert done.answer.acked
    assert await said(house, "Enjoy") == "Enjoy"
    texts = [it.text for it in await house.people.messages(ADA, BOT)]
    assert texts == ["green, poured", "Enjoy"]


async def test_a_form_is_refused_pushed_and_taken(house: Local) -> None:
    await house.people.command(user=ADA, channel="general", text="/tea")
    form = await house.people.wait_for_modal(user=ADA, callback_id="order")

    async def sent(tea: str) -> tuple[str, dict[str, str]]:
        done = await house.people.submit(user=ADA, view_id=form.id, values={"tea": tea})
        return done.outcome, done.errors

    assert await sent("coffee") == ("errors", {"tea": "There is none"})
    assert await sent("more") == ("pushed", {})
    more = await house.people.wait_for_modal(user=ADA, callback_id="more")
    await house.people.close(user=ADA, view_id=more.id)
    assert await sent("black") == ("closed", {})
    assert await said(house, "it is") == "black it is"


async def test_a_form_that_is_closed_is_told_of(house: Local) -> None:
    await house.people.command(user=ADA, channel="general", text="/tea")
    form = await house.people.wait_for_modal(user=ADA, callback_id="order")
    await house.people.close(user=ADA, view_id=form.id)
    assert await said(house, "Another") == "Another time"


async def test_a_shortcut_on_a_message_is_answered_beside_it(house: Local) -> None:
    posted = await house.people.post(user=ADA, channel="general", text="Assam")
    place = {"channel": "general", "ts": posted.ts}
    done = await house.people.shortcut(user=ADA, callback_id="rate", **place)
    assert done.answer.acked
    assert await said(house, "Five stars", "general") == "Five stars: Assam"


async def test_a_shortcut_from_anywhere_opens_a_form(house: Local) -> None:
    done = await house.people.shortcut(user=ADA, callback_id="order")
    assert done.answer.acked
    assert (await house.people.wait_for_modal(user=ADA)).callback_id == "order"
