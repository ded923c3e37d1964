"""Modals: opened, filled in, refused, sent in, stacked, closed."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acting import modal as shown
from tests.browser.local_slack import Place
from tests.build import ADA, VAL
from tests.local_slack.support import Json, actions, asking, button, modal, plain, section

SHORT = {"type": "plain_text_input", "action_id": "why", "min_length": 5}
FORM = modal(asking("why", SHORT), asking("also", optional=True))


def opened(page: Page, here: Place, view: Json = FORM) -> Locator:
    """Ada has clicked, and the bot has opened a modal."""
    room = here.room()
    here.say(room, blocks=[actions(button("go"))])
    page.goto(here.at(room))
    page.get_by_role("button", name="Go").click()
    here.bot.views_open(trigger_id=here.toy.asked()["trigger_id"], view=view)
    dialog = shown(page)
    expect(dialog).to_be_visible()
    return dialog


def send(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Send", exact=True).click()


def value(asked: Json, block: str) -> object:
    (given,) = asked["view"]["state"]["values"][block].values()
    return given["value"]


def test_a_modal_takes_the_focus_and_gives_it_back(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    expect(dialog).to_have_accessible_name("Form")
    field = dialog.get_by_label("Why").first
    expect(field).to_be_focused()
    field.fill("because")
    send(dialog)
    assert value(local_slack.toy.asked(), "why") == "because"
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Go")).to_be_focused()


def test_what_slack_refuses_never_reaches_the_bot(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    field = dialog.locator("[data-input=why]")
    send(dialog)
    expect(field.locator(".error")).to_be_visible()
    expect(field.locator("input")).to_be_focused()
    field.locator("input").fill("no")
    send(dialog)
    expect(field.locator(".error")).to_contain_text("5")
    expect(field.locator("input")).to_have_attribute("aria-invalid", "true")
    field.locator("input").fill("long enough")
    send(dialog)
    assert value(local_slack.toy.asked(), "why") == "long enough"


def test_what_the_bot_refuses_stands_at_the_field(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    field = dialog.locator("[data-input=why]")
    field.locator("input").fill("because")
    local_slack.toy.answers({"response_action": "errors", "errors": {"why": "Why, really?"}})
    send(dialog)
    expect(field.locator(".error")).to_have_text("Why, really?")
    expect(field.locator("input")).to_have_value("because")
    expect(dialog.locator("[data-input=also] .error")).to_be_hidden()
    send(dialog)
    expect(dialog).to_be_hidden()


def test_a_bot_that_fails_leaves_the_modal_open(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    dialog.get_by_label("Why").first.fill("because")
    local_slack.toy.answers(status=500)
    send(dialog)
    expect(dialog.get_by_role("alert").filter(has_text="did not answer")).to_be_visible()
    expect(dialog.get_by_label("Why").first).to_have_value("because")


def test_an_update_keeps_what_was_typed(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    view_id = dialog.get_attribute("data-view")
    dialog.get_by_label("Why").first.fill("because of")
    update = modal(section("Noted."), *FORM["blocks"])
    local_slack.bot.views_update(view_id=view_id, view=update)
    expect(dialog).to_contain_text("Noted.")
    expect(dialog.get_by_label("Why").first).to_have_value("because of")
    expect(dialog.get_by_label("Why").first).to_be_focused()
    page.keyboard.type(" this")
    send(dialog)
    assert value(local_slack.toy.asked(), "why") == "because of this"


def test_a_click_tells_what_is_typed_elsewhere(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack, modal(asking("why"), actions(button("go"))))
    dialog.locator("[data-input=why] input").fill("typed")
    dialog.get_by_role("button", name="Go").click()
    assert value(local_slack.toy.asked(), "why") == "typed"


def test_an_answer_can_update_the_modal(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    dialog.get_by_label("Why").first.fill("because")
    view = modal(section("Thank you."), title=plain("Done"))
    local_slack.toy.answers({"response_action": "update", "view": view})
    send(dialog)
    expect(page.get_by_role("dialog", name="Done")).to_contain_text("Thank you.")


def test_what_is_below_a_pushed_modal_keeps_what_was_typed(page: Page, local_slack: Place) -> None:
    dialog = opened(page, local_slack)
    dialog.get_by_label("Why").first.fill("because")
    second = modal(asking("more"), title=plain("Second"))
    local_slack.toy.answers({"response_action": "push", "view": second})
    send(dialog)
    assert value(local_slack.toy.asked(), "why") == "because"
    upper = page.get_by_role("dialog", name="Second")
    expect(upper).to_be_visible()
    expect(shown(page)).to_have_count(1)
    page.keyboard.press("Escape")
    lower = page.get_by_role("dialog", name="Form")
    expect(lower.get_by_label("Why").first).to_have_value("because")
    page.keyboard.press("Escape")
    expect(shown(page)).to_have_count(0)


@pytest.mark.parametrize("way", ["Escape", "Cancel", "Close"])
def test_a_modal_can_be_left(page: Page, local_slack: Place, way: str) -> None:
    dialog = opened(page, local_slack, {**FORM, "notify_on_close": True})
    dialog.get_by_label("Why").first.fill("because")
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        dialog.get_by_role("button", name=way).click()
    expect(dialog).to_be_hidden()
    asked = local_slack.toy.asked()
    assert (asked["type"], asked["is_cleared"]) == ("view_closed", way == "Close")


def test_a_modal_outlives_a_reload(page: Page, local_slack: Place) -> None:
    opened(page, local_slack)
    page.reload()
    expect(shown(page)).to_be_visible()
    expect(shown(page).get_by_label("Why").first).to_be_focused()


def test_a_modal_is_one_persons_own(page: Page, local_slack: Place) -> None:
    opened(page, local_slack)
    page.goto(local_slack.at("C0GENERAL", VAL))
    expect(shown(page)).to_have_count(0)
    page.goto(local_slack.at("C0GENERAL", ADA))
    expect(shown(page)).to_be_visible()


def test_every_kind_of_field_reaches_the_bot(page: Page, local_slack: Place) -> None:
    options = [{"text": plain(name.title()), "value": name} for name in ("waiver", "mitigated")]
    kinds: dict[str, Json] = {
        "text": {"type": "plain_text_input", "multiline": True},
        "one": {"type": "static_select", "options": options},
        "many": {"type": "multi_static_select", "options": options},
        "who": {"type": "users_select"},
        "ticks": {"type": "checkboxes", "options": options},
        "radio": {"type": "radio_buttons", "options": options},
        "day": {"type": "datepicker"},
        "hour": {"type": "timepicker"},
        "sum": {"type": "number_input", "is_decimal_allowed": False},
        "mail": {"type": "email_text_input"},
        "link": {"type": "url_text_input"},
    }
    blocks = [
        asking(name, {**element, "action_id": name}, label=plain(f"The {name}"))
        for name, element in kinds.items()
    ]
    dialog = opened(page, local_slack, modal(*blocks))
    typed = {
        "text": "two\nlines",
        "day": "2026-11-20",
        "hour": "09:30",
        "sum": "42",
        "mail": "ada@acme.test",
        "link": "https://acme.test",
    }
    for name, text in typed.items():
        dialog.get_by_label(f"The {name}").fill(text)
    dialog.get_by_label("The one").select_option("waiver")
    dialog.get_by_label("The many").select_option(["waiver", "mitigated"])
    dialog.get_by_label("The who").select_option(label="Val Osei")
    dialog.get_by_role("group", name="The ticks").get_by_label("Mitigated").check()
    dialog.get_by_role("radiogroup", name="The radio").get_by_label("Waiver").check()
    send(dialog)
    state = local_slack.toy.asked()["view"]["state"]["values"]
    given = {name: state[name][name] for name in kinds}
    assert given["text"]["value"] == "two\nlines"
    assert given["one"]["selected_option"]["value"] == "waiver"
    assert len(given["many"]["selected_options"]) == 2
    assert given["who"]["selected_user"] == VAL
    assert [o["value"] for o in given["ticks"]["selected_options"]] == ["mitigated"]
    assert given["radio"]["selected_option"]["value"] == "waiver"
    assert given["day"]["selected_date"] == "2026-11-20"
    assert given["hour"]["selected_time"] == "09:30"
    assert [given[name]["value"] for name in ("sum", "mail", "link")] == [
        "42",
        "ada@acme.test",
        "https://acme.test",
    ]
