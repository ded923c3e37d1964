"""The check in the demo: its terminal stops with a link, and goes on at a click in the room."""

from playwright.sync_api import Page, expect

from tests.browser.acting import act_as
from tests.browser.acting import modal as shown

REASON = "Sessions hold no personal data."


def test_a_check_stops_leads_to_its_room_and_goes_on_once_it_is_approved(
    page: Page, demo: str
) -> None:
    page.goto(demo)
    page.get_by_label("What was changed").select_option("reranker")
    page.get_by_role("button", name="Check a new commit").click()
    terminal = page.get_by_role("log", name="The check's terminal")
    expect(terminal).to_contain_text("reranker/train.py:7:32: medium undeclared (intent)")
    act_as(page, "Val")
    expect(page.locator("#sidebar").get_by_text("-guardrails-")).to_be_attached()
    terminal.get_by_role("link").click()
    card = page.locator("#messages .pinned")
    expect(card).to_contain_text("rows = pandas.read_parquet")
    card.get_by_role("button", name="Approve…").click()
    form = shown(page)
    form.get_by_label("Reason").fill(REASON)
    form.get_by_role("button", name="Approve").click()
    expect(form).to_have_count(0)
    expect(terminal).to_contain_text(f"allow: approved by val: {REASON}")
    expect(page.get_by_text("exit code 0")).to_be_visible()
    expect(page.get_by_text("The pipeline goes on.")).to_be_visible()


def test_a_check_that_is_cancelled_says_that_its_room_stays_open(page: Page, demo: str) -> None:
    page.goto(demo)
    page.get_by_role("button", name="Check a new commit").click()
    terminal = page.get_by_role("log", name="The check's terminal")
    expect(terminal.get_by_role("link")).to_be_visible()
    cancel = page.get_by_role("button", name="Cancel the check")
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    expect(terminal).to_contain_text("stopped, and the war room stays open")
    expect(page.get_by_text("exit code 143")).to_be_visible()
    expect(page.get_by_role("button", name="Check the same commit again")).to_be_visible()
