"""Block Kit, as Slack shows it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import loaded, message
from tests.browser.local_slack import Place
from tests.build import ADA, VAL
from tests.local_slack.support import Json, actions, asking, button, plain, section

OPTIONS = [{"text": plain(name.title()), "value": name} for name in ("waiver", "mitigated")]


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def menu(kind: str, action_id: str = "chosen", **more: object) -> Json:
    return {"type": kind, "action_id": action_id, **more}


def test_a_header_is_a_heading_of_plain_text(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    local_slack.say(room, blocks=[{"type": "header", "text": plain("*Stop* the :rocket:")}])
    page.goto(local_slack.at(room))
    expect(page.get_by_role("heading", name="*Stop* the 🚀")).to_be_visible()


def test_a_section_has_a_text_fields_and_an_accessory(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    fields = [mrkdwn("*Policy*\nno PII"), plain("*left alone*")]
    ts = local_slack.say(room, blocks=[section("Of _note_", fields=fields, accessory=button("go"))])
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    expect(shown.locator(".section-text > div").first).to_have_text("Of note")
    expect(shown.locator("em, i")).to_have_text("note")
    expect(shown.locator(".fields > div")).to_have_text(["Policyno PII", "*left alone*"])
    expect(shown.locator(".fields strong, .fields b")).to_have_text(["Policy"])
    shown.locator(".accessory").get_by_role("button", name="Go").click()
    assert local_slack.toy.asked()["actions"][0]["action_id"] == "go"


def test_a_button_says_its_value_and_where_it_stands(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    row = actions(button("a", "1"), button("b", "2", text=plain("Stop"), style="danger"))
    ts = local_slack.say(room, blocks=[{**row, "block_id": "row"}])
    page.goto(local_slack.at(room))
    page.get_by_role("button", name="Stop").click()
    asked = local_slack.toy.asked()
    (action,) = asked["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("b", "row", "2")
    assert (asked["user"]["id"], asked["message"]["ts"]) == (ADA, ts)


def test_an_overflow_menu_opens_and_closes_with_a_choice(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    local_slack.say(room, blocks=[actions(menu("overflow", options=OPTIONS))])
    page.goto(local_slack.at(room))
    choice = page.get_by_role("button", name="Mitigated")
    more = page.get_by_label("More actions")
    expect(choice).to_be_hidden()
    more.click()
    expect(choice).to_be_visible()
    page.keyboard.press("Escape")
    expect(choice).to_be_hidden()
    more.click()
    choice.click()
    assert local_slack.toy.asked()["actions"][0]["selected_option"]["value"] == "mitigated"
    expect(choice).to_be_hidden()


@pytest.mark.parametrize(
    ("element", "chosen", "said"),
    [
        (menu("static_select", options=OPTIONS), "Mitigated", ("selected_option", "mitigated")),
        (
            menu("static_select", option_groups=[{"label": plain("Kinds"), "options": OPTIONS}]),
            "Waiver",
            ("selected_option", "waiver"),
        ),
        (menu("users_select"), "Val Osei", ("selected_user", VAL)),
        (menu("channels_select"), "#general", ("selected_channel", "C0GENERAL")),
        (menu("conversations_select"), "#general", ("selected_conversation", "C0GENERAL")),
    ],
)
def test_a_choice_in_a_menu_is_told_at_once(
    page: Page, local_slack: Place, element: Json, chosen: str, said: tuple[str, str]
) -> None:
    room = local_slack.room()
    local_slack.say(room, blocks=[actions({**element, "placeholder": plain("Choose one")})])
    page.goto(local_slack.at(room))
    page.get_by_label("Choose one").select_option(label=chosen)
    (action,) = local_slack.toy.asked()["actions"]
    key, value = said
    given = action[key]
    assert (given["value"] if isinstance(given, dict) else given) == value


def test_ticks_and_dates_are_told_at_once(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    local_slack.say(
        room,
        blocks=[
            actions(menu("checkboxes", "ticks", options=OPTIONS)),
            actions(menu("radio_buttons", "one", options=OPTIONS)),
            actions(menu("datepicker", "day", placeholder=plain("When"))),
        ],
    )
    page.goto(local_slack.at(room))
    page.get_by_role("checkbox", name="Waiver").check()
    assert local_slack.toy.asked()["actions"][0]["selected_options"] == [OPTIONS[0]]
    page.get_by_role("radio", name="Mitigated").check()
    assert local_slack.toy.asked()["actions"][0]["selected_option"] == OPTIONS[1]
    page.get_by_label("When").fill("2026-11-20")
    assert local_slack.toy.asked()["actions"][0]["selected_date"] == "2026-11-20"


def test_context_divider_image_and_input_are_shown(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    picture = {
        "type": "image",
        "image_url": f"{local_slack.url}/page/icon.svg",
        "alt_text": "A hash",
    }
    blocks = [
        {"type": "context", "elements": [picture, mrkdwn("run `7`"), plain("*as it is*")]},
        {"type": "divider"},
        {**picture, "title": plain("The sign"), "alt_text": "A large hash"},
        asking("why", hint=plain("In a sentence.")),
    ]
    ts = local_slack.say(room, blocks=blocks)
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    loaded(shown.get_by_role("img", name="A hash", exact=True))
    loaded(shown.get_by_role("img", name="A large hash"))
    expect(shown.locator(".context code")).to_have_text("7")
    expect(shown.locator(".context")).to_contain_text("*as it is*")
    expect(shown.get_by_role("separator")).to_be_visible()
    expect(shown.locator("figcaption")).to_have_text("The sign")
    field = shown.get_by_label("Why")
    expect(field).to_be_editable()
    expect(field).to_have_accessible_description("In a sentence.")


def test_a_link_button_leads_there_and_is_told(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    target = f"{local_slack.url}/page/icon.svg"
    local_slack.say(room, blocks=[actions(button("look", url=target, text=plain("The run")))])
    page.goto(local_slack.at(room))
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="The run").click()
    expect(opened.value).to_have_url(target)
    assert local_slack.toy.asked()["actions"][0]["action_id"] == "look"


CONFIRM = {
    "title": plain("Are you sure?"),
    "text": mrkdwn("It *stops* everything."),
    "confirm": plain("Stop it"),
    "deny": plain("Better not"),
    "style": "danger",
}


def test_what_is_declined_is_not_asked(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    row = actions(button("stop", text=plain("Stop"), confirm=CONFIRM), button("go"))
    local_slack.say(room, blocks=[row])
    page.goto(local_slack.at(room))
    stop = page.get_by_role("button", name="Stop", exact=True)
    dialog = page.get_by_role("dialog", name="Are you sure?")
    for decline in ("Better not", "Escape"):
        stop.click()
        expect(dialog).to_contain_text("It stops everything.")
        if decline == "Escape":
            page.keyboard.press("Escape")
        else:
            dialog.get_by_role("button", name=decline).click()
        expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Go").click()
    assert local_slack.toy.asked()["actions"][0]["action_id"] == "go"
    stop.click()
    yes = dialog.get_by_role("button", name="Stop it")
    expect(yes).to_have_class(re.compile("danger"))
    yes.click()
    assert local_slack.toy.asked()["actions"][0]["action_id"] == "stop"


def test_a_bot_that_does_not_answer_is_said_to_be_so(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    local_slack.say(room, blocks=[actions(button("go"))])
    page.goto(local_slack.at(room))
    local_slack.toy.answers(status=500)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("alert").filter(has_text="did not answer")).to_be_visible()
