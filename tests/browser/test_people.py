"""Acting as one and another, writing, commanding, the app's home."""

import re

from playwright.sync_api import Page, expect

from tests.browser.acting import act_as, composer, marked, message, not_reloaded
from tests.browser.conftest import RunLocalSlack
from tests.browser.local_slack import Place
from tests.build import ADA, BOT, VAL
from tests.local_slack.support import Json, actions, button, section

COMMANDS = [
    {
        "command": "/warroom",
        "description": "The rooms",
        "usage_hint": "open | status | stats | help",
    },
    {"command": "/weather", "description": "Rain or not"},
]


def test_one_click_makes_one_somebody_else(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    ts = local_slack.say(room, blocks=[actions(button("go"))])
    page.goto(local_slack.at(room))
    marked(page)
    act_as(page, "Val")
    expect(page.locator("#sidebar .me")).to_have_text("Val Osei")
    expect(message(page, ts)).to_be_visible()
    page.get_by_role("button", name="Go").click()
    assert local_slack.toy.asked()["user"]["id"] == VAL
    composer(page).fill("I am Val")
    page.keyboard.press("Enter")
    expect(page.locator("#messages > li").last).to_contain_text("Val")
    not_reloaded(page)
    page.go_back()
    expect(page.locator("#sidebar .me")).to_have_text("Ada Byron")
    expect(page).to_have_title("🔒room · Ada · Acme")


def test_nobody_sees_a_channel_that_they_are_not_in(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA)
    local_slack.say(room, "Confidential")
    page.goto(local_slack.at(room))
    expect(page.get_by_text("Confidential")).to_be_visible()
    act_as(page, "Val")
    expect(page.locator("#head h1")).not_to_contain_text("room")
    expect(page.get_by_text("Confidential")).to_have_count(0)


def command(asked: Json) -> tuple[str, str, str]:
    return asked["user_id"], asked["command"], asked["text"]


def test_a_command_is_completed_by_keyboard(page: Page, run_local_slack: RunLocalSlack) -> None:
    with run_local_slack(commands=COMMANDS) as here:
        room = here.room()
        page.goto(here.at(room))
        composer(page).focus()
        page.keyboard.type("/")
        offers = page.get_by_role("listbox", name="Suggestions")
        expect(offers.get_by_role("option")).to_have_text(
            [re.compile("^/warroom The rooms"), re.compile("^/weather"), re.compile("^/invite")]
        )
        expect(offers.get_by_role("option", selected=True)).to_contain_text("/warroom")
        page.keyboard.press("ArrowDown")
        expect(offers.get_by_role("option", selected=True)).to_contain_text("/weather")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")
        expect(composer(page)).to_have_value("/warroom ")
        page.keyboard.type("sta")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(composer(page)).to_have_value("/warroom stats ")
        here.toy.answers({"text": "One *open*"})
        page.keyboard.press("Enter")
        assert command(here.toy.asked()) == (ADA, "/warroom", "stats")
        expect(page.locator(".ephemeral")).to_contain_text("One open")
        expect(composer(page)).to_have_value("")


def test_suggestions_go_with_escape_and_the_text_stays(
    page: Page, run_local_slack: RunLocalSlack
) -> None:
    with run_local_slack(commands=COMMANDS) as here:
        page.goto(here.at(here.room()))
        composer(page).fill("/wa")
        composer(page).press("Escape")
        expect(page.get_by_role("listbox")).to_have_count(0)
        expect(composer(page)).to_have_value("/wa")
        expect(composer(page)).to_be_focused()


def test_an_unknown_command_is_refused_and_not_lost(
    page: Page, run_local_slack: RunLocalSlack
) -> None:
    with run_local_slack(commands=COMMANDS) as here:
        page.goto(here.at(here.room()))
        composer(page).fill("/wardrobe open")
        composer(page).press("Enter")
        expect(page.locator("#composer").get_by_role("alert")).to_contain_text("/wardrobe")
        expect(composer(page)).to_have_value("/wardrobe open")


def test_people_are_completed_and_mentioned(page: Page, local_slack: Place) -> None:
    page.goto(local_slack.at(local_slack.room(ADA, VAL)))
    composer(page).press_sequentially("Ask @va")
    page.keyboard.press("Tab")
    expect(composer(page)).to_have_value("Ask @val ")
    page.keyboard.type("first")
    page.keyboard.press("Enter")
    last = page.locator("#messages > li").last
    expect(last.locator(".mention")).to_have_text("@Val")


def test_shift_and_enter_begin_a_line(page: Page, local_slack: Place) -> None:
    page.goto(local_slack.at(local_slack.room()))
    composer(page).fill("one")
    composer(page).press("Shift+Enter")
    page.keyboard.type("two")
    expect(composer(page)).to_have_value("one\ntwo")


def test_home_is_published_and_its_buttons_work(page: Page, run_local_slack: RunLocalSlack) -> None:
    with run_local_slack(events=["app_home_opened"]) as here:
        page.goto(here.at("C0GENERAL"))
        page.locator("#sidebar").get_by_role("link", name="bot").click()
        expect(page.locator("#head h1")).to_have_text("bot")
        page.get_by_role("link", name="Home").click()
        home = page.get_by_role("region", name="Home of bot")
        expect(home).to_contain_text("has not published")
        assert here.toy.asked()["event"]["type"] == "app_home_opened"
        home_of_ada = {"type": "home", "blocks": [section("Two wait"), actions(button("go"))]}
        here.bot.views_publish(user_id=ADA, view=home_of_ada)
        expect(home).to_contain_text("Two wait")
        home.get_by_role("button", name="Go").click()
        assert here.toy.asked()["view"]["type"] == "home"
        page.get_by_role("link", name="Messages").click()
        expect(composer(page)).to_be_visible()


def test_a_direct_message_of_the_bot_waits_for_one_person(page: Page, local_slack: Place) -> None:
    page.goto(local_slack.at("C0GENERAL"))
    local_slack.say(VAL, "For Val")
    val = page.locator("#people").get_by_role("link", name="Val")
    expect(val).to_have_accessible_name("Val 1 unread")
    act_as(page, "Val")
    page.locator("#sidebar").get_by_role("link", name="bot").click()
    expect(page.get_by_text("For Val")).to_be_visible()
    expect(val.locator(".count")).to_have_count(0)
    page.goto(local_slack.at(BOT, ADA))
    expect(page.get_by_text("For Val")).to_have_count(0)
