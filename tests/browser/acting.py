"""Short ways to find what is on the page, and to get around on it."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.window import Window


def message(page: Page, ts: str) -> Locator:
    """A message of the open channel."""
    return page.locator(f'[id="m-{ts}"]')


def reply(page: Page, ts: str) -> Locator:
    """A message of the open thread."""
    return page.locator(f'[id="t-{ts}"]')


def composer(page: Page) -> Locator:
    """Where one writes in the channel."""
    return page.locator("#composer textarea")


def modal(page: Page) -> Locator:
    """The modal on top."""
    return page.locator("dialog[data-view]")


def act_as(page: Page, name: str) -> None:
    """Be somebody else."""
    page.get_by_role("navigation", name="Act as").get_by_role("link", name=name).click()
    current = page.locator("#people [aria-current]")
    expect(current).to_contain_text(name)


def pane(page: Page, window: Window, name: str) -> None:
    """Bring a part of the page to the front where there is room for one only."""
    if window.narrow:
        page.locator("#panes").get_by_role("button", name=name).click()


def loaded(image: Locator) -> None:
    """The image has come, and is one."""
    expect(image).to_be_visible()
    image.page.wait_for_function(
        "image => image.complete && image.naturalWidth > 0", arg=image.element_handle()
    )


def marked(page: Page) -> None:
    """From here on a reload would be noticed."""
    page.evaluate("window.mark = 1")


def not_reloaded(page: Page) -> None:
    """The page is the one that was marked."""
    assert page.evaluate("window.mark") == 1


def room_of(page: Page, violation: Locator) -> Locator:
    """The panel's way to a violation's room, once the acting person has been brought into it."""
    link = violation.get_by_role("link")
    name = link.inner_text().removeprefix("#")
    expect(page.locator("#sidebar").get_by_text(name)).to_be_attached()
    return link
