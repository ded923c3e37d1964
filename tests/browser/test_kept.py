"""Nothing that a person has begun is lost: words, focus, the place where they read."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acting import act_as, composer, message, pane
from tests.browser.conftest import RunLocalSlack
from tests.browser.local_slack import Place
from tests.browser.pages import Pages
from tests.browser.test_modals import opened
from tests.browser.window import PHONE, Window
from tests.build import ADA, VAL
from tests.local_slack.support import Json, actions, asking, button, modal, section

RADIO: Json = {
    "type": "input",
    "block_id": "which",
    "label": {"type": "plain_text", "text": "Which"},
    "element": {
        "type": "radio_buttons",
        "action_id": "which",
        "options": [
            {"text": {"type": "plain_text", "text": word}, "value": word} for word in ("one", "two")
        ],
    },
}


def test_a_draft_waits_where_it_was_written(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    page.goto(local_slack.at(room))
    composer(page).fill("half a sent")
    page.get_by_role("link", name="general").click()
    expect(page.locator("#head h1")).to_contain_text("general")
    expect(composer(page)).to_have_value("")
    page.go_back()
    expect(composer(page)).to_have_value("half a sent")
    page.reload()
    expect(composer(page)).to_have_value("half a sent")
    act_as(page, "Val")
    expect(composer(page)).to_have_value("")
    act_as(page, "Ada")
    expect(composer(page)).to_have_value("half a sent")
    composer(page).press("Enter")
    expect(page.locator("#messages > li").last).to_contain_text("half a sent")
    page.reload()
    expect(composer(page)).to_have_value("")


def test_what_can_not_be_sent_stays_and_is_said(pages: Pages, local_slack: Place) -> None:
    room = local_slack.room()
    page = pages.open(may_complain=True)
    page.goto(local_slack.at(room))
    page.route("**/page/act/post", lambda route: route.abort())
    composer(page).fill("Is anybody there?")
    composer(page).press("Enter")
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    expect(composer(page)).to_have_value("Is anybody there?")


def test_a_place_that_does_not_come_leaves_the_page_as_it_is(
    pages: Pages, local_slack: Place
) -> None:
    room = local_slack.room()
    page = pages.open(may_complain=True)
    page.goto(local_slack.at(room))
    fail = True

    def answer(route: Route) -> None:
        route.fulfill(status=500) if fail else route.continue_()

    page.route("**/?as=*", answer)
    page.get_by_role("link", name="general").click()
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    ts = local_slack.say(room, "Still here")
    expect(message(page, ts)).to_be_visible()
    fail = False
    page.get_by_role("link", name="general").click()
    expect(page.locator("#head h1")).to_contain_text("general")


def test_what_one_person_chose_is_not_chosen_for_another(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    local_slack.say(room, blocks=[RADIO])
    page.goto(local_slack.at(room))
    page.get_by_label("two").check()
    act_as(page, "Val")
    expect(page.get_by_label("two")).not_to_be_checked()


def test_who_opens_a_thread_stays_where_they_read(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    written = [local_slack.post(ADA, room, f"Message {number}") for number in range(80)]
    page.goto(local_slack.at(room))
    reading = message(page, written[30])
    reading.scroll_into_view_if_needed()
    reading.hover()
    reading.get_by_role("link", name="Reply in thread").click()
    answer = page.locator("#reply textarea")
    expect(answer).to_be_focused()
    expect(reading).to_be_in_viewport()
    answer.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()
    expect(reading).to_be_in_viewport()


def test_the_focus_stays_in_the_field_that_an_update_moves(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack, modal(asking("first"), asking("second")))
    view_id = dialog.get_attribute("data-view")
    second = dialog.locator("[data-input=second] input")
    second.fill("typing he")
    view = modal(section("Noted."), asking("first"), asking("second"))
    local_slack.bot.views_update(view_id=view_id, view=view)
    expect(dialog).to_contain_text("Noted.")
    expect(second).to_be_focused()
    page.keyboard.type("re")
    expect(second).to_have_value("typing here")


@pytest.mark.parametrize("stays", [True, False])
def test_the_focus_stays_with_a_message_that_changes(
    page: Page, local_slack: Place, stays: bool
) -> None:
    room = local_slack.room()
    ts = local_slack.say(room, blocks=[actions(button("go"))])
    page.goto(local_slack.at(room))
    page.get_by_role("button", name="Go").focus()
    blocks = [section("Gone on."), *([actions(button("go"))] if stays else [])]
    local_slack.bot.chat_update(channel=room, ts=ts, text="Gone on", blocks=blocks)
    expect(message(page, ts)).to_contain_text("Gone on.")
    there = page.get_by_role("button", name="Go") if stays else message(page, ts)
    expect(there).to_be_focused()


def test_who_follows_a_deleted_message_has_a_name_again(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    first, second = local_slack.say(room, "One"), local_slack.say(room, "Two")
    page.goto(local_slack.at(room))
    expect(message(page, second).locator(".by")).to_be_hidden()
    local_slack.bot.chat_delete(channel=room, ts=first)
    expect(message(page, second).locator(".by")).to_be_visible()


@pytest.mark.parametrize("typed", ["/war", "hi @ada"])
def test_what_is_typed_in_full_is_sent_as_it_is(
    page: Page, run_local_slack: RunLocalSlack, typed: str
) -> None:
    people = [
        {"id": ADA, "name": "ada", "real_name": "Ada Byron"},
        {"id": "U0ADAM", "name": "adam", "real_name": "Adam Other"},
    ]
    with run_local_slack(commands=["/war", "/warroom"], people=people) as here:
        page.goto(here.at(here.room()))
        composer(page).press_sequentially(typed)
        composer(page).press("Enter")
        expect(composer(page)).to_have_value("")


def test_the_workspaces_own_addresses_lead_within_it(page: Page, local_slack: Place) -> None:
    room, other = local_slack.room(), local_slack.room(ADA, name="other")
    address = f"https://slack.com/app_redirect?channel={other}"
    local_slack.say(
        room, f"<{address}|redirect> <https://acme.slack.com/archives/{other}/p1|archive>"
    )
    for name in ("redirect", "archive"):
        page.goto(local_slack.at(room))
        page.get_by_role("link", name=name).click()
        expect(page.locator("#head h1")).to_contain_text("other")
    # From outside, such as a terminal, the same by the workspace's own place.
    page.goto(urljoin(local_slack.at(room), f"/app_redirect?channel={other}"))
    expect(page.locator("#head h1")).to_contain_text("other")


def test_no_address_changes_whom_one_acts_as(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    page.context.route("https://slack.com/**", lambda route: route.fulfill(body="elsewhere"))
    local_slack.say(
        room, "<https://slack.com/app_redirect?channel=C0GENERAL%26as%3DU0VAL|read this>"
    )
    page.goto(local_slack.at(room))
    with page.expect_popup() as elsewhere:
        page.get_by_role("link", name="read this").click()
    elsewhere.value.close()
    expect(page.locator("#sidebar .me")).to_have_text("Ada Byron")


def test_a_channel_that_one_is_not_in_can_be_seen_as_somebody_who_is(
    page: Page, local_slack: Place
) -> None:
    local_slack.room(ADA, name="private-one")
    page.goto(local_slack.at("private-one", VAL))
    missed = page.locator("#missed")
    expect(missed).to_have_text("Val is not in #private-one. See it as Ada.")
    expect(page.locator("#head h1")).to_contain_text("general")
    missed.get_by_role("link", name="Ada").click()
    expect(page.locator("#head h1")).to_contain_text("private-one")
    expect(page.locator("#sidebar .me")).to_have_text("Ada Byron")
    expect(missed).to_be_hidden()


def test_a_channel_that_is_not_there_is_said_to_be_missing(page: Page, local_slack: Place) -> None:
    page.goto(local_slack.at("private-two", VAL))
    expect(page.get_by_text("Val is not in #private-two, or it is not there yet.")).to_be_visible()


@pytest.mark.parametrize("window", [PHONE], indirect=True, ids=str)
def test_the_part_that_was_chosen_while_a_place_was_on_its_way_stays(
    page: Page, window: Window, local_slack: Place
) -> None:
    held: list[Route] = []
    page.goto(local_slack.at(local_slack.room()))
    page.route("**/?as=*", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    with page.expect_request("**/?as=*"):
        page.get_by_role("navigation", name="Act as").get_by_role("link", name="Val").click()
    pane(page, window, "Channels")
    held[0].continue_()
    expect(page.locator("#people [aria-current]")).to_contain_text("Val")
    expect(page.locator("#sidebar")).to_be_visible()
    page.unroute("**/?as=*")
    page.locator("#sidebar").get_by_role("link", name="general").click()
    expect(page.locator("#sidebar")).to_be_hidden()
