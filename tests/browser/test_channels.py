"""Channels: unread and read, archived, left, joined."""

from playwright.sync_api import Page, expect

from tests.browser.acting import act_as, composer, marked, message, not_reloaded
from tests.browser.local_slack import Place
from tests.build import ADA, JUDE, VAL


def test_unread_marks_come_and_go(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    page.goto(local_slack.at("C0GENERAL"))
    marked(page)
    place = page.locator("#sidebar").get_by_role("link", name="room")
    ada = page.locator("#people").get_by_role("link", name="Ada")
    place.click()
    expect(page.locator("#head h1")).to_contain_text("room")
    page.locator("#sidebar").get_by_role("link", name="general").click()
    expect(page.locator("#head h1")).to_contain_text("general")
    expect(place.locator(".count")).to_have_count(0)
    local_slack.say(room, "One")
    local_slack.say(room, "Two")
    expect(place).to_have_accessible_name("room unread")
    expect(ada).to_have_accessible_name("Ada")
    local_slack.say(room, f"<@{ADA}> and Three")
    expect(place).to_have_accessible_name("room 1 unread")
    expect(ada).to_have_accessible_name("Ada 1 unread")
    place.click()
    expect(page.get_by_text("Two", exact=True)).to_be_visible()
    expect(page.locator(".new")).to_have_count(1)
    expect(place.locator(".count")).to_have_count(0)
    expect(ada.locator(".count")).to_have_count(0)
    not_reloaded(page)


def test_what_is_on_the_screen_counts_as_read(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    page.goto(local_slack.at(room))
    local_slack.say(room, "Seen as it came")
    expect(page.get_by_text("Seen as it came")).to_be_visible()
    page.locator("#sidebar").get_by_role("link", name="general").click()
    expect(page.locator("#head h1")).to_contain_text("general")
    place = page.locator("#sidebar").get_by_role("link", name="room")
    expect(place.locator(".count")).to_have_count(0)


def test_an_archived_channel_is_grey_and_takes_no_word(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    ts = local_slack.say(room, "The last word")
    page.goto(local_slack.at(room))
    marked(page)
    expect(composer(page)).to_be_editable()
    local_slack.bot.conversations_archive(channel=room)
    expect(composer(page)).to_have_count(0)
    expect(page.locator("#composer")).to_contain_text("archived")
    expect(page.locator("#sidebar .archived")).to_contain_text("room")
    expect(message(page, ts)).to_be_visible()
    not_reloaded(page)


def test_who_is_thrown_out_sees_no_more(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    page.goto(local_slack.at(room))
    local_slack.bot.conversations_kick(channel=room, user=ADA)
    expect(page.locator("#head h1")).not_to_contain_text("room")
    expect(page.locator("#sidebar").get_by_role("link", name="room")).to_have_count(0)
    act_as(page, "Jude")
    expect(page.locator("#sidebar").get_by_role("link", name="room")).to_have_count(0)
    local_slack.bot.conversations_invite(channel=room, users=JUDE)
    expect(page.locator("#sidebar").get_by_role("link", name="room")).to_be_visible()


def test_a_public_channel_can_be_joined(page: Page, local_slack: Place) -> None:
    made = local_slack.order("create", user=VAL, name="open-house")["channel"]["id"]
    page.goto(local_slack.at(made))
    page.get_by_role("button", name="Join channel").click()
    expect(composer(page)).to_be_editable()
