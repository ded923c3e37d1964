"""Messages: live, in threads, pinned, for one person's eyes, with files."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import composer, loaded, marked, message, not_reloaded, reply
from tests.browser.local_slack import Place
from tests.browser.pages import Pages
from tests.browser.red import png
from tests.browser.window import LAPTOP, PHONE
from tests.build import ADA, VAL
from tests.local_slack.support import actions, button, section


def test_messages_come_change_and_go_without_a_reload(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    page.goto(local_slack.at(room))
    marked(page)
    ts = local_slack.say(room, blocks=[section("First"), actions(button("go"))])
    expect(message(page, ts)).to_contain_text("First")
    expect(message(page, ts)).to_be_in_viewport()
    second = local_slack.say(room, "Second")
    local_slack.bot.chat_update(channel=room, ts=ts, text="x", blocks=[section("Changed")])
    expect(message(page, ts)).to_contain_text("Changed")
    expect(message(page, ts).get_by_role("button", name="Go")).to_have_count(0)
    assert page.locator("#messages > li").last.get_attribute("data-ts") == second
    local_slack.bot.chat_delete(channel=room, ts=ts)
    expect(message(page, ts)).to_have_count(0)
    not_reloaded(page)


def test_who_is_typing_goes_on_typing(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    page.goto(local_slack.at(room))
    composer(page).fill("half a")
    local_slack.bot.conversations_setTopic(channel=room, topic="Something new")
    local_slack.say(room, "In between")
    expect(page.get_by_text("In between")).to_be_visible()
    expect(page.locator("#head .topic")).to_have_text("Something new")
    page.keyboard.type(" sentence")
    expect(composer(page)).to_have_value("half a sentence")


def test_a_message_that_is_written_is_there_for_everybody(pages: Pages, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    ada, val = pages.open(), pages.open()
    ada.goto(local_slack.at(room))
    val.goto(local_slack.at(room, VAL))
    composer(ada).fill("Hello *all*, and <b>you</b>")
    ada.keyboard.press("Enter")
    for page in (ada, val):
        expect(page.locator("#messages > li").last).to_contain_text("Hello all, and <b>you</b>")
    expect(composer(ada)).to_have_value("")


def test_an_ephemeral_message_is_for_one_person(pages: Pages, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    ada, val = pages.open(), pages.open()
    ada.goto(local_slack.at(room))
    val.goto(local_slack.at(room, VAL))
    local_slack.bot.chat_postEphemeral(channel=room, user=ADA, text="Between us")
    local_slack.say(room, "To all")
    expect(ada.locator(".ephemeral")).to_contain_text("Only visible to you")
    expect(ada.locator(".ephemeral")).to_contain_text("Between us")
    expect(val.get_by_text("To all")).to_be_visible()
    expect(val.get_by_text("Between us")).to_have_count(0)
    val.reload()
    expect(val.get_by_text("To all")).to_be_visible()
    expect(val.get_by_text("Between us")).to_have_count(0)


def test_a_thread_stands_beside_and_is_counted_at_its_root(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    root = local_slack.say(room, "The root")
    page.goto(local_slack.at(room))
    message(page, root).hover()
    message(page, root).get_by_role("link", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(reply(page, root)).to_contain_text("The root")
    thread.get_by_role("textbox", name="Reply").fill("My view")
    page.keyboard.press("Enter")
    expect(thread.get_by_text("My view")).to_be_visible()
    expect(page.locator("#messages .text").get_by_text("My view")).to_have_count(0)
    ts = local_slack.say(room, "The bot's", thread_ts=root)
    expect(reply(page, ts)).to_contain_text("The bot's")
    expect(message(page, root).get_by_role("link", name="2 replies")).to_be_visible()
    thread.get_by_role("link", name="Close thread").click()
    expect(thread).to_be_hidden()
    message(page, root).get_by_role("link", name="2 replies").click()
    expect(reply(page, ts)).to_be_visible()


def test_a_reply_can_be_sent_to_the_channel_too(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    root = local_slack.say(room, "The root")
    page.goto(local_slack.at(room, thread=root))
    ts = local_slack.say(room, "For all", thread_ts=root, reply_broadcast=True)
    expect(message(page, ts)).to_contain_text("For all")
    way = message(page, ts).get_by_role("paragraph").filter(has_text="Replied in the thread of")
    expect(way.get_by_role("link", name="The root")).to_be_visible()
    expect(reply(page, ts)).to_contain_text("For all")


def test_a_pin_is_marked_and_one_jumps_to_it(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    ts = local_slack.say(room, "Remember this")
    for number in range(200):
        local_slack.post(ADA, room, f"Talk {number}")
    page.goto(local_slack.at(room))
    marked(page)
    expect(message(page, ts)).not_to_be_in_viewport()
    local_slack.bot.pins_add(channel=room, timestamp=ts)
    pins = page.locator("#pins")
    expect(pins.locator("summary")).to_contain_text("1")
    pins.locator("summary").click()
    pins.get_by_role("link", name="Remember this").click()
    expect(message(page, ts)).to_be_in_viewport()
    expect(message(page, ts)).to_contain_text("Pinned by")
    local_slack.bot.pins_remove(channel=room, timestamp=ts)
    expect(pins).to_have_count(0)
    not_reloaded(page)


def test_a_pin_without_a_text_is_told_by_its_blocks(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    elements = [{"type": "text", "text": "Over to "}, {"type": "user", "user_id": VAL}]
    said = {"type": "rich_text_section", "elements": elements}
    blocks = [{"type": "rich_text", "elements": [said]}]
    sent = local_slack.bot.api_call("chat.postMessage", json={"channel": room, "blocks": blocks})
    local_slack.bot.pins_add(channel=room, timestamp=str(sent["ts"]))
    page.goto(local_slack.at(room))
    page.locator("#pins summary").click()
    expect(page.locator("#pins").get_by_role("link", name="Over to @Val")).to_be_visible()


@pytest.mark.parametrize("live", [False, True], ids=["loaded", "live"])
def test_an_uploaded_image_is_shown(page: Page, local_slack: Place, live: bool) -> None:
    room = local_slack.room()

    def upload() -> None:
        local_slack.bot.files_upload_v2(
            channel=room, filename="curve.png", content=png(), title="The curve"
        )

    if not live:
        upload()
    page.goto(local_slack.at(room))
    if live:
        upload()
    loaded(page.get_by_role("img", name="The curve"))


def test_another_file_is_a_link(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    local_slack.bot.files_upload_v2(channel=room, filename="a.csv", content="a,b\n1,2\n")
    page.goto(local_slack.at(room))
    with page.expect_download() as saved:
        page.get_by_role("link", name="a.csv").click()
    assert saved.value.path().read_text() == "a,b\n1,2\n"


def test_a_reaction_is_counted_and_can_be_joined(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    ts = local_slack.say(room, "Done")
    local_slack.bot.reactions_add(channel=room, timestamp=ts, name="white_check_mark")
    page.goto(local_slack.at(room))
    mark = message(page, ts).locator(".reaction")
    expect(mark).to_have_text("✅ 1")
    mark.click()
    expect(mark).to_have_text("✅ 2")
    expect(mark).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("window", [LAPTOP, PHONE], indirect=True, ids=str)
def test_a_new_reply_is_told_at_its_root_and_in_the_head_until_it_is_read(
    page: Page, local_slack: Place
) -> None:
    room = local_slack.room()
    root = local_slack.say(room, "The root")
    local_slack.post(ADA, room, "My view", thread_ts=root)
    page.goto(local_slack.at(room))
    told = message(page, root).get_by_role("link", name="1 reply")
    expect(told).to_contain_text("Ada, Today at")
    expect(told).to_contain_text("My view")
    expect(page.get_by_text("1 new")).to_have_count(0)  # one's own is not new
    local_slack.say(room, "It was decided", thread_ts=root)
    expect(message(page, root).get_by_role("link", name="2 replies")).to_contain_text("1 new")
    expect(message(page, root)).to_contain_text("It was decided")
    page.reload()  # the channel was read, and the thread was not
    page.locator("#threads summary").click()
    page.locator("#threads").get_by_role("link", name="The root 1 new").click()
    expect(page.get_by_role("complementary", name="Thread")).to_contain_text("It was decided")
    expect(page.get_by_text("1 new")).to_have_count(0)
    local_slack.say(room, "And more", thread_ts=root)  # into the open thread
    expect(message(page, root)).to_contain_text("And more")
    expect(page.get_by_text("1 new")).to_have_count(0)
