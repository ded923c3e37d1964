"""WCAG 2.1 A and AA, by axe: contrast, names, roles, in every window."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.acting import loaded, message, pane
from tests.browser.acting import modal as shown
from tests.browser.conftest import RunLocalSlack
from tests.browser.local_slack import Place
from tests.browser.pages import Pages
from tests.browser.red import png
from tests.browser.test_text import RICH
from tests.browser.window import EVERY, LAPTOP_DARK, PHONE, Window
from tests.build import ADA, VAL
from tests.local_slack.support import Json, actions, asking, button, modal, plain, section
from tests.local_slack.test_figures import pie, plotted, series, table
from tests.local_slack.test_shortcuts import SHORTCUTS

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
OPTIONS = [{"text": plain(name.title()), "value": name} for name in ("waiver", "mitigated")]
CHOICES: list[Json] = [
    {"type": kind, "action_id": kind, "options": OPTIONS}
    for kind in ("static_select", "multi_static_select", "checkboxes", "radio_buttons")
]
every_window = pytest.mark.parametrize("window", EVERY, indirect=True, ids=str)


@pytest.fixture
def page(pages: Pages) -> Page:
    """Axe writes styles into the page, which the page itself would not allow."""
    return pages.open(bypass_csp=True)


def accessible(page: Page) -> None:
    """No violation in what is shown."""
    options = {"runOnly": list(TAGS), "resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options)
    assert not found.response["violations"], found.generate_report()


def rich(here: Place) -> tuple[str, str]:
    """A channel with a bit of everything; its id, and the ts of a thread's root."""
    room = here.room(ADA, VAL)
    icon = {"type": "image", "image_url": f"{here.url}/page/icon.svg", "alt_text": "A hash"}
    root = here.say(
        room,
        blocks=[
            {"type": "header", "text": plain("A model was fine-tuned on personal data")},
            section(RICH, fields=[plain("Policy"), plain("pii-fine-tuning")]),
            {"type": "context", "elements": [icon, plain("run 7 of 9"), plain("`as it is`")]},
            {"type": "divider"},
            section("Choose", accessory={"type": "overflow", "action_id": "o", "options": OPTIONS}),
            actions(
                button("go"),
                button("yes", text=plain("Approve"), style="primary"),
                button("no", text=plain("Reject"), style="danger"),
                button("run", text=plain("The run"), url="https://acme.test"),
                {"type": "users_select", "action_id": "who", "placeholder": plain("Who?")},
            ),
            actions(*(element for element in CHOICES if not element["type"].startswith("multi"))),
            icon | {"title": plain("The sign")},
            asking("why", hint=plain("In a sentence.")),
        ],
    )
    here.say(room, blocks=[pie(6), plotted(series("open"), series("ended")), table(9)])
    here.bot.pins_add(channel=room, timestamp=root)
    here.bot.reactions_add(channel=room, timestamp=root, name="eyes")
    here.bot.conversations_setTopic(channel=room, topic="Decide by *noon*, <@U0VAL>")
    here.bot.bookmarks_add(channel_id=room, title="The run", type="link", link="https://acme.test")
    here.say(room, "A reply", thread_ts=root)
    here.post(ADA, room, "I see `it`, @val")
    here.bot.files_upload_v2(channel=room, filename="c.png", content=png(), title="The curve")
    here.bot.chat_postEphemeral(channel=room, user=ADA, text="Between _us_")
    here.bot.conversations_archive(channel=here.room(name="over"))
    here.say(here.room(name="new"), "Unread")
    return room, root


@every_window
def test_a_rich_channel(page: Page, local_slack: Place, window: Window) -> None:
    room, _ = rich(local_slack)
    page.goto(local_slack.at(room))
    loaded(page.get_by_role("img", name="The curve"))
    accessible(page)
    if window.narrow:
        for name in ("Channels", "Wire"):
            pane(page, window, name)
            accessible(page)
    else:
        page.locator(".call summary").first.click()
        expect(page.locator(".call-body").first).to_contain_text("Answer")
        page.locator("#pins summary").click()
        accessible(page)


@every_window
def test_a_thread(page: Page, local_slack: Place, window: Window) -> None:
    room, root = rich(local_slack)
    page.goto(local_slack.at(room, thread=root))
    expect(page.get_by_role("complementary", name="Thread")).to_be_visible()
    accessible(page)


@every_window
def test_an_open_menu(page: Page, local_slack: Place, window: Window) -> None:
    room, root = rich(local_slack)
    page.goto(local_slack.at(room))
    message(page, root).get_by_label("More actions").click()
    expect(page.get_by_role("button", name="Mitigated")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Message to").fill("@")
    expect(page.get_by_role("listbox")).to_be_visible()
    accessible(page)


@every_window
def test_a_modal_with_errors(page: Page, local_slack: Place, window: Window) -> None:
    room = local_slack.room()
    local_slack.say(room, blocks=[actions(button("go"))])
    page.goto(local_slack.at(room))
    page.get_by_role("button", name="Go").click()
    form = modal(
        section(RICH),
        asking("why", hint=plain("In a sentence.")),
        *(asking(element["type"], element) for element in CHOICES),
        asking("day", {"type": "datepicker", "action_id": "day"}),
        asking("who", {"type": "multi_users_select", "action_id": "who"}, optional=True),
    )
    trigger = local_slack.toy.asked()["trigger_id"]
    local_slack.bot.views_open(trigger_id=trigger, view=form)
    shown(page).get_by_role("button", name="Send").click()
    expect(shown(page).locator(".error:visible")).not_to_have_count(0)
    accessible(page)


@pytest.mark.parametrize("window", [LAPTOP_DARK, PHONE], indirect=True, ids=str)
def test_the_pipelines_panel(page: Page, window: Window, demo: str) -> None:
    page.goto(demo)
    pane(page, window, "Pipeline")
    page.get_by_text("What the pipeline sends").click()
    page.get_by_label("What happened").select_option("grave-drift")
    page.get_by_role("button", name="Send violation").click()
    page.get_by_text("The bot answered 202 Accepted").click()
    accessible(page)
    page.get_by_role("button", name="+10 min").click()
    expect(page.locator(".badge").first).to_have_text("block")
    page.get_by_label("JSON").fill("{}")
    page.get_by_role("button", name="Send violation").click()
    expect(page.get_by_text("The bot took nothing: 4")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("window", EVERY[::2], indirect=True, ids=str)
def test_nothing_is_wider_than_the_window(page: Page, local_slack: Place, window: Window) -> None:
    room, root = rich(local_slack)
    local_slack.say(room, "long" * 200)
    for place in (local_slack.at(room), local_slack.at(room, thread=root)):
        page.goto(place)
        expect(message(page, root) if not window.narrow else page.locator("#main")).to_be_attached()
        for area in ("document.documentElement", "document.querySelector('.scroller')"):
            assert page.evaluate(f"{area}.scrollWidth - {area}.clientWidth") <= 0


def test_the_menus_of_shortcuts(page: Page, run_local_slack: RunLocalSlack) -> None:
    with run_local_slack(shortcuts=SHORTCUTS) as here:
        room = here.room()
        ts = here.say(room)
        page.goto(here.at(room))
        for menu in (message(page, ts).get_by_label("More actions"), page.locator("#shortcuts")):
            message(page, ts).hover()
            menu.click()
            accessible(page)
