"""Text, as its reader sees it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import act_as, message
from tests.browser.conftest import RunLocalSlack
from tests.browser.local_slack import Place
from tests.browser.pages import Pages
from tests.build import ADA, VAL
from tests.local_slack.support import Json, actions, asking, button, modal, plain, section

RICH = """*bold* _italic_ ~struck~ `code <@U0VAL>`
<https://acme.test/run?a=1&amp;b=2|the run> and <@U0VAL>, <#C0GENERAL>, <!here> :tada:
> quoted
```
pre *formatted*
```"""
MOMENT = 1_795_172_400  # 2026-11-20 10:20 UTC
HOSTILE = """</script><img src=x onerror="window.hacked=1">'"><svg onload=window.hacked=1>{{7*7}}"""


def people(**zones: str) -> list[Json]:
    return [{"id": f"U0{name}", "name": name.lower(), "tz": zone} for name, zone in zones.items()]


def test_mrkdwn_is_shown_as_it_is_meant(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    ts = local_slack.say(room, blocks=[section(RICH)])
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    for tag, text in {
        "strong, b": "bold",
        "em, i": "italic",
        "s, del": "struck",
        "blockquote": "quoted",
        "pre": "pre *formatted*",
    }.items():
        expect(shown.locator(".section").locator(tag)).to_have_text(text)
    expect(shown.locator("code").first).to_have_text("code <@U0VAL>")
    link = shown.get_by_role("link", name="the run")
    expect(link).to_have_attribute("href", "https://acme.test/run?a=1&b=2")
    expect(shown.locator(".mention")).to_have_text(["@Val", "#general", "@here"])
    expect(shown).to_contain_text("🎉")


def test_a_channel_that_is_mentioned_is_one_click_away(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    ts = local_slack.say(room, "See <#C0GENERAL>")
    page.goto(local_slack.at(room))
    message(page, ts).get_by_role("link", name="#general").click()
    expect(page.get_by_role("heading", name="general")).to_be_visible()


def test_lists_are_lists(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    items = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": word}]}
        for word in ("one", "two")
    ]
    rich = {"type": "rich_text_list", "style": "bullet", "elements": items}
    ts = local_slack.say(room, blocks=[{"type": "rich_text", "elements": [rich]}])
    page.goto(local_slack.at(room))
    expect(message(page, ts).get_by_role("listitem")).to_have_text(["one", "two"])


def test_plain_text_is_left_alone(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    text = "*not bold* <!here> <@U0VAL> https://acme.test `no code`"
    ts = local_slack.say(room, blocks=[{"type": "section", "text": plain(text)}])
    page.goto(local_slack.at(room))
    shown = message(page, ts).locator(".section")
    expect(shown).to_have_text(text)
    expect(shown.locator("b, strong, code, a, .mention")).to_have_count(0)


def test_a_moment_is_told_in_the_readers_time(page: Page, run_local_slack: RunLocalSlack) -> None:
    zones = people(ADA="Europe/Berlin", VAL="America/New_York")
    with run_local_slack(people=zones) as here:
        room = here.room(ADA, VAL)
        here.say(room, f"Due <!date^{MOMENT}^{{date_num}} {{time}}|fallback>")
        page.goto(here.at(room))
        expect(page.get_by_text("2026-11-20 12:00 PM")).to_be_visible()
        act_as(page, "val")
        expect(page.get_by_text("2026-11-20 6:00 AM")).to_be_visible()


def test_who_is_mentioned_sees_it_at_once(page: Page, local_slack: Place) -> None:
    room = local_slack.room(ADA, VAL)
    ts = local_slack.say(room, "Over to <@U0VAL>")
    page.goto(local_slack.at(room))
    expect(message(page, ts).locator(".mention.me")).to_have_count(0)
    act_as(page, "Val")
    expect(message(page, ts).locator(".mention.me")).to_have_text("@Val")


def in_a_message(here: Place, room: str) -> None:
    here.say(room, HOSTILE)
    here.post(ADA, room, HOSTILE)


def in_blocks(here: Place, room: str) -> None:
    short = plain(HOSTILE[:70])
    confirm = {"title": plain("Sure?"), "text": short, "confirm": plain("Y"), "deny": plain("N")}
    image = {"type": "image", "image_url": f"{here.url}/page/icon.svg", "alt_text": HOSTILE}
    options = [{"text": short, "value": short["text"]}]
    here.say(
        room,
        blocks=[
            {"type": "header", "text": plain(HOSTILE)},
            section(HOSTILE, fields=[plain(HOSTILE)]),
            {"type": "context", "elements": [plain(HOSTILE), image]},
            {**image, "title": plain(HOSTILE)},
            actions(
                button("go", short["text"], text=short, confirm=confirm),
                {"type": "overflow", "action_id": "more", "options": options},
                {"type": "static_select", "action_id": "one", "options": options},
                {"type": "users_select", "action_id": "who", "placeholder": short},
            ),
        ],
    )


def in_the_head(here: Place, room: str) -> None:
    here.bot.conversations_setTopic(channel=room, topic=HOSTILE)
    here.bot.pins_add(channel=room, timestamp=here.say(room, HOSTILE))
    here.bot.bookmarks_add(channel_id=room, title=HOSTILE, type="link", link="https://acme.test")


@pytest.mark.parametrize("write", [in_a_message, in_blocks, in_the_head])
@pytest.mark.parametrize("live", [False, True], ids=["loaded", "live"])
def test_hostile_text_stays_text(
    page: Page, local_slack: Place, write: Callable[[Place, str], None], live: bool
) -> None:
    room = local_slack.room()
    if not live:
        write(local_slack, room)
    page.goto(local_slack.at(room))
    if live:
        write(local_slack, room)
    expect(page.get_by_text(HOSTILE[:40]).first).to_be_visible()
    for go in page.get_by_role("button", name=HOSTILE[:20]).all()[:1]:
        go.click()
        expect(page.locator("#confirm")).to_contain_text(HOSTILE[:40])
        page.keyboard.press("Escape")
    expect(page.locator("[onerror], [onload], img[src=x]")).to_have_count(0)
    assert page.evaluate("window.hacked") is None


def test_hostile_names_and_modals_stay_text(page: Page, run_local_slack: RunLocalSlack) -> None:
    hostile = HOSTILE[:60]
    ada = {"id": ADA, "name": "ada", "real_name": hostile}
    with run_local_slack(people=[ada], bot_name=hostile, team_name=hostile) as here:
        room = here.room()
        here.say(room, blocks=[actions(button("go"))])
        page.goto(here.at(room))
        page.get_by_role("button", name="Go").click()
        form = modal(asking("why", hint=plain(hostile)), title=plain(hostile[:24]))
        here.bot.views_open(trigger_id=here.toy.asked()["trigger_id"], view=form)
        dialog = page.get_by_role("dialog", name=hostile[:24])
        expect(dialog).to_contain_text(hostile)
        here.toy.answers({"response_action": "errors", "errors": {"why": hostile}})
        dialog.get_by_label("Why").fill(hostile)
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".error").first).to_have_text(hostile)
        assert page.evaluate("window.hacked") is None
        expect(page.locator("[onerror], [onload], img[src=x]")).to_have_count(0)


def test_the_page_runs_nothing_but_its_own_scripts(pages: Pages, local_slack: Place) -> None:
    policy = local_slack.http.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
