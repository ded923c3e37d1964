"""The whole story, in the demo: people settle one violation, and the clock another."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.acting import act_as, pane, room_of
from tests.browser.acting import modal as shown
from tests.browser.window import LAPTOP, PHONE_DARK, Window

JUSTIFICATION = (
    "The contract with these customers allows training until March; the model is retrained "
    "without them by then."
)
WAIVER = "Waiver: the risk is accepted"
TOO_SHORT = "Trust me."
STEPS = ("the reminder", "the page to the backup", "the last call", "the expiry")


def newest(page: Page) -> Locator:
    """What the gate says of the violation that was sent last."""
    return page.locator("#pipeline-live .sent > li").first


def card(page: Page) -> Locator:
    """The pinned message of the open room."""
    return page.locator("#messages .pinned")


@pytest.mark.parametrize("window", [LAPTOP, PHONE_DARK], indirect=True, ids=str)
def test_three_people_settle_one_and_the_clock_the_other(
    page: Page, window: Window, demo: str
) -> None:
    page.goto(demo)
    pane(page, window, "Pipeline")
    page.get_by_role("button", name="Send violation").click()
    expect(page.get_by_text("The bot answered 202 Accepted")).to_be_visible()
    verdict = newest(page)
    expect(verdict.locator(".badge")).to_have_text("pending")
    room_of(page, verdict).click()
    expect(card(page)).to_contain_text("Unapproved fine-tuning on personal data")
    ada_explains(page, window)
    val_acknowledges(page)
    jude_overrides(page)
    pane(page, window, "Pipeline")
    expect(verdict.locator(".badge")).to_have_text("allow")
    expect(verdict).to_contain_text("Overridden by Jude Moreau")
    nobody_decides(page, window)


def ada_explains(page: Page, window: Window) -> None:
    """From the page that she got, in her own words; everybody in the room reads them."""
    act_as(page, "Ada")
    pane(page, window, "Channels")
    page.locator("#sidebar").get_by_role("link", name="warroom").click()
    page.locator("#messages").get_by_label("More…").select_option(label="Explain…")
    shown(page).get_by_label("Explanation").fill("The export was mislabelled.")
    shown(page).get_by_role("button", name="Explain").click()
    expect(shown(page)).to_have_count(0)
    pane(page, window, "Channels")
    page.locator("#sidebar").get_by_role("link", name="-pii-fine-tuning-").click()
    expect(card(page)).to_contain_text("The export was mislabelled.")


def val_acknowledges(page: Page) -> None:
    act_as(page, "Val")
    card(page).get_by_role("button", name="Acknowledge").click()
    expect(card(page)).to_contain_text("✓")


def jude_overrides(page: Page) -> None:
    act_as(page, "Jude")
    card(page).get_by_role("button", name="Override…").click()
    form = shown(page)
    form.get_by_label("Justification").fill(TOO_SHORT)
    form.get_by_label("Kind of exception").select_option(label=WAIVER)
    form.get_by_label("How long does it hold?").select_option(label="7 days")
    form.get_by_role("button", name="Override").click()
    expect(form.locator("[data-input=justification] .error")).to_contain_text("40")
    expect(form.get_by_label("Justification")).to_have_value(TOO_SHORT)
    form.get_by_label("Justification").fill(JUSTIFICATION)
    form.get_by_role("button", name="Override").click()
    expect(form).to_have_count(0)
    expect(card(page)).to_contain_text("Overridden")
    expect(card(page)).to_contain_text(JUSTIFICATION)
    expect(card(page).locator("button, select")).to_have_text(["Renew…", "Revoke…"])


def nobody_decides(page: Page, window: Window) -> None:
    """A second one, and the clock is moved on to its end."""
    page.get_by_label("What happened").select_option("drift")
    page.get_by_role("button", name="Send violation").click()
    verdict = newest(page)
    expect(verdict).to_contain_text("production-drift")
    room = verdict.get_by_role("link").inner_text().removeprefix("#")
    for step in STEPS:
        page.get_by_role("button", name="Skip to the next step").click()
        expect(page.locator("#pipeline-moved")).to_contain_text(f"to {step} in {room}")
    expect(verdict.locator(".badge")).to_have_text("block")
    expect(verdict).to_contain_text("Expired by the clock")
    act_as(page, "Val")
    pane(page, window, "Pipeline")
    verdict.get_by_role("link").click()
    expect(card(page)).to_contain_text("Expired")
    expect(card(page).locator("button, select")).to_have_count(0)


def test_what_is_asked_for_while_the_panel_is_busy_is_done_after_it(page: Page, demo: str) -> None:
    held: list[Route] = []
    page.goto(demo)
    page.route("**/pipeline/example/*", lambda route: held.append(route))  # noqa: PLW0108 - marked
    with page.expect_request("**/pipeline/example/*"):
        page.get_by_role("button", name="Send violation").click()
    page.get_by_role("button", name="Skip to the next step").click()
    expect(page.locator("#pipeline-moved")).to_be_empty()
    held[0].continue_()
    expect(page.locator("#pipeline-moved")).to_contain_text("to the reminder in")


def test_what_is_sent_is_the_example_that_was_chosen(page: Page, demo: str) -> None:
    held: list[Route] = []
    page.goto(demo)
    page.route("**/pipeline/example/drift", lambda route: held.append(route))  # noqa: PLW0108 - marked
    with page.expect_request("**/pipeline/example/drift"):
        page.get_by_label("What happened").select_option("drift")
    page.get_by_role("button", name="Send violation").click()
    held[0].continue_()
    expect(newest(page)).to_contain_text("production-drift")


def tab_to(page: Page, target: Locator) -> None:
    """Go on with the Tab key until `target` has the focus."""
    expect(target).to_be_visible()
    for _ in range(120):
        if target.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {target}")


def press(page: Page, target: Locator) -> None:
    """Go there, and press Enter."""
    tab_to(page, target)
    page.keyboard.press("Enter")


def be(page: Page, name: str) -> None:
    press(page, page.locator("#people").get_by_role("link", name=name))
    expect(page.locator("#people [aria-current]")).to_contain_text(name)


@pytest.mark.parametrize("window", [LAPTOP], indirect=True, ids=str)
def test_the_keyboard_is_enough(page: Page, window: Window, demo: str) -> None:
    page.goto(demo)
    send = page.get_by_role("button", name="Send violation")
    press(page, send)
    verdict = newest(page)
    expect(verdict.locator(".badge")).to_have_text("pending")
    press(page, room_of(page, verdict))
    expect(card(page)).to_be_visible()
    be(page, "Val")
    press(page, card(page).get_by_role("button", name="Acknowledge"))
    expect(card(page)).to_contain_text("✓")
    be(page, "Jude")
    press(page, card(page).get_by_role("button", name="Override…"))
    override_by_keyboard(page)
    expect(verdict.locator(".badge")).to_have_text("allow")
    tab_to(page, page.get_by_label("What happened"))
    page.keyboard.press("End")
    press(page, send)
    expect(verdict).to_contain_text("production-drift")
    for step in STEPS:
        press(page, page.get_by_role("button", name="Skip to the next step"))
        expect(page.locator("#pipeline-moved")).to_contain_text(step)
    expect(verdict.locator(".badge")).to_have_text("block")


def override_by_keyboard(page: Page) -> None:
    form = shown(page)
    why = form.get_by_label("Justification")
    expect(why).to_be_focused()
    page.keyboard.type(TOO_SHORT)
    for label in ("Kind of exception", "How long does it hold?"):
        choice = form.get_by_label(label)
        tab_to(page, choice)
        page.keyboard.press("ArrowDown")
        expect(choice).not_to_have_value("")
    submit = form.get_by_role("button", name="Override")
    press(page, submit)
    expect(form.locator("[data-input=justification] .error")).to_contain_text("40")
    expect(why).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(JUSTIFICATION)
    press(page, submit)
    expect(form).to_have_count(0)


@pytest.mark.parametrize("window", [LAPTOP, PHONE_DARK], indirect=True, ids=str)
def test_a_refusal_has_its_reason_beside_what_was_sent_until_it_is_mended(
    page: Page, window: Window, demo: str
) -> None:
    page.goto(demo)
    pane(page, window, "Pipeline")
    page.get_by_label("What happened").select_option("drift")
    page.get_by_text("What the pipeline sends").click()
    sent, why = page.locator("#pipeline-body"), page.locator("#pipeline-refused")
    right = sent.input_value()
    sent.fill(right.replace('"email"', '"emial"'))
    page.get_by_text("What the pipeline sends").click()
    page.get_by_role("button", name="Send violation").click()
    expect(why).to_contain_text("initiator.emial unknown field. Did you mean 'email'?")
    expect(sent).to_be_visible()
    sent.fill(right)
    page.get_by_role("button", name="Send violation").click()
    expect(newest(page).locator(".badge")).to_have_text("pending")
    expect(why).to_be_hidden()


@pytest.mark.parametrize("window", [LAPTOP, PHONE_DARK], indirect=True, ids=str)
def test_a_storm_leads_to_the_room_that_gathers_it(page: Page, window: Window, demo: str) -> None:
    page.goto(demo)
    pane(page, window, "Pipeline")
    page.get_by_label("What happened").select_option("drift")
    page.get_by_role("button", name="Send a storm").click()
    told = page.locator("#pipeline-storm")
    expect(told).to_contain_text("10 got rooms of their own, 4 gather in")
    room_of(page, told).click()
    expect(card(page)).to_contain_text("A storm of 4 violations")
