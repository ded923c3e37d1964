"""`make pictures`: the README's pictures, taken of the demo as it is."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.acting import act_as, composer, room_of
from tests.browser.chromium import chromium
from tests.browser.demo import ZONE, demo
from tests.browser.window import LAPTOP

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SHARPNESS = 1.5
TALL = 1600
SAID = "The export was mislabelled: it holds customer addresses. I have stopped the job."


def main() -> None:
    """Play until the room is worth a picture, and take two."""
    FOLDER.mkdir(exist_ok=True)
    with chromium() as browser, demo() as url:
        page = browser.new_page(
            viewport=LAPTOP.size,
            color_scheme=LAPTOP.colours,
            device_scale_factor=SHARPNESS,
            timezone_id=ZONE,
        )
        page.goto(url)
        play(page)
        room, card = FOLDER / "war-room.png", FOLDER / "card.png"
        page.screenshot(path=room)
        page.set_viewport_size({"width": LAPTOP.width, "height": TALL})
        page.locator("#messages .pinned").screenshot(path=card)
    for path in (room, card):
        print(f"{path.relative_to(FOLDER.parents[1])}: {path.stat().st_size // 1024} KB")


def play(page: Page) -> None:
    """A violation: Ada says what happened, Val has seen it, Jude looks at the card."""
    page.get_by_role("button", name="Send violation").click()
    room_of(page, page.locator("#pipeline-live .sent > li")).click()
    card = page.locator("#messages .pinned")
    expect(card).to_be_visible()
    composer(page).fill(SAID)
    page.keyboard.press("Enter")
    act_as(page, "Val")
    card.get_by_role("button", name="Acknowledge").click()
    expect(card).to_contain_text("✓")
    act_as(page, "Jude")
    expect(page.locator("#people .count").first).to_be_visible()
    page.mouse.move(0, 0)  # nothing is pointed at


if __name__ == "__main__":
    main()
