"""A thousand messages in a channel: every one can be reached, and the page stays usable."""

from playwright.sync_api import Page, expect

from tests.browser.acting import composer, message
from tests.browser.local_slack import Place
from tests.build import ADA
from tests.local_slack.support import actions

MANY = 1000


def test_a_thousand_messages_can_all_be_reached(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    written = [local_slack.post(ADA, room, f"Message {number}") for number in range(MANY)]
    page.goto(local_slack.at(room))
    first, last = message(page, written[0]), message(page, written[-1])
    expect(last).to_be_in_viewport()
    page.locator(".scroller").focus()
    while not first.count():
        before = page.locator("#messages > li").count()
        page.keyboard.press("Home")
        page.wait_for_function(
            "before => document.querySelectorAll('#messages > li').length > before", arg=before
        )
    page.keyboard.press("Home")
    expect(first).to_be_in_viewport()
    shown = page.locator("#messages > li").evaluate_all("all => all.map((m) => m.dataset.ts)")
    assert [ts for ts in shown if ts in set(written)] == written
    page.keyboard.press("End")
    expect(last).to_be_in_viewport()
    composer(page).fill("And one more")
    page.keyboard.press("Enter")
    expect(page.get_by_text("And one more")).to_be_in_viewport()


def test_what_is_far_up_is_not_moved_by_what_comes(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    written = [local_slack.post(ADA, room, f"Message {number}") for number in range(100)]
    page.goto(local_slack.at(room))
    reading = message(page, written[60])
    reading.scroll_into_view_if_needed()
    before = reading.bounding_box()
    local_slack.say(room, "Meanwhile")
    expect(page.get_by_text("Meanwhile")).to_be_attached()
    expect(page.get_by_text("Meanwhile")).not_to_be_in_viewport()
    after = reading.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2


def test_what_changes_further_up_than_was_fetched_stays_there(
    page: Page, local_slack: Place
) -> None:
    room = local_slack.room()
    card = local_slack.say(room, "The card")
    for number in range(200):
        local_slack.post(ADA, room, f"Message {number}")
    page.goto(local_slack.at(room))
    expect(message(page, card)).not_to_be_attached()
    local_slack.bot.chat_update(channel=room, ts=card, text="The card, decided")
    newest = local_slack.say(room, "Decided")
    expect(message(page, newest)).to_be_in_viewport()
    expect(message(page, card)).not_to_be_attached()


def test_a_moment_further_up_is_filled_in_when_it_is_fetched(
    page: Page, local_slack: Place
) -> None:
    room = local_slack.room()
    picker = {"type": "datetimepicker", "action_id": "when", "initial_date_time": 1_795_179_600}
    card = local_slack.say(room, blocks=[actions(picker)])
    for number in range(200):
        local_slack.post(ADA, room, f"Message {number}")
    page.goto(local_slack.at(room))
    # Without scrolling to it, which would fetch them too and take the button away.
    page.get_by_role("button", name="Earlier messages").dispatch_event("click")
    expect(message(page, card).locator("input")).to_have_value("2026-11-20T22:00")
