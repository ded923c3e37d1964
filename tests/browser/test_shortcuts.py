"""Shortcuts: in the menu of a message, and beside where one writes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import message
from tests.browser.conftest import RunLocalSlack
from tests.browser.local_slack import Place
from tests.build import ADA
from tests.local_slack.test_shortcuts import SHORTCUTS


@pytest.fixture
def shortcuts(run_local_slack: RunLocalSlack) -> Iterator[Place]:
    with run_local_slack(shortcuts=SHORTCUTS) as place:
        yield place


def test_a_message_has_the_apps_shortcuts_in_its_menu(page: Page, shortcuts: Place) -> None:
    room = shortcuts.room()
    ts = shortcuts.post(ADA, room, "Look")
    page.goto(shortcuts.at(room))
    shown = message(page, ts)
    shown.hover()
    shown.get_by_label("More actions").click()
    expect(shown.locator(".menu-item")).to_have_text(["File itFile a message"])
    shown.get_by_role("button", name="File it").click()
    asked = shortcuts.toy.asked()
    assert (asked["type"], asked["callback_id"]) == ("message_action", "file")
    assert (asked["message"]["ts"], asked["user"]["id"]) == (ts, ADA)
    joined = page.locator(".message.notice").first
    expect(joined.get_by_label("More actions")).to_have_count(0)


def test_global_shortcuts_are_beside_the_composer(page: Page, shortcuts: Place) -> None:
    page.goto(shortcuts.at(shortcuts.room()))
    page.locator("#composer").get_by_label("Shortcuts").click()
    page.get_by_role("button", name="New case").click()
    asked = shortcuts.toy.asked()
    assert (asked["type"], asked["callback_id"], "channel" in asked) == ("shortcut", "new", False)


def test_an_app_without_shortcuts_has_no_menus_for_them(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    ts = local_slack.say(room)
    page.goto(local_slack.at(room))
    expect(message(page, ts)).to_be_visible()
    expect(page.locator(".more, #shortcuts")).to_have_count(0)
