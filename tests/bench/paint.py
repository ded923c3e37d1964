"""From the address to the first content on the screen: the local Slack's page, and a bare one."""

from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.browser.local_slack import Place, running_local_slack
from tests.build import ADA

MESSAGES = 1000
ROUNDS = 11
BARE = "/page/icon.svg"
PAINTED = """new Promise((painted) => {
  new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName('first-contentful-paint');
    if (first) painted(first.startTime);
  }).observe({type: 'paint', buffered: true});
})"""


def first_paint() -> tuple[float, float, float]:
    """Median and worst with an empty cache, and the bare page's median, in milliseconds.

    Raises NoChromiumError.
    """
    with chromium() as browser, running_local_slack() as place:
        page = _rounds(browser, place.at(_full(place)))
        bare = _rounds(browser, place.url + BARE)
    return page[ROUNDS // 2], page[-1], bare[ROUNDS // 2]


def _full(place: Place) -> str:
    room = place.room()
    for number in range(MESSAGES):
        place.post(ADA, room, f"Message {number}")
    return room


def _rounds(browser: Browser, url: str) -> list[float]:
    return sorted(_once(browser, url) for _ in range(ROUNDS))


def _once(browser: Browser, url: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    painted = float(page.evaluate(PAINTED))
    context.close()
    return painted
