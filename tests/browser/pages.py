"""Pages that are watched, each in a browser of its own.

Rules
- Whoever runs the server closes the pages before it stops: a page whose server is gone complains.
"""

from playwright.sync_api import Browser, Page

from tests.browser.complaints import Complaints
from tests.browser.window import Window

PATIENCE_MS = 30_000
ELSEWHERE = "Asia/Tokyo"
"""Where the browser is: none of the people is there."""


class Pages:
    """Opens them, and keeps what they complained about."""

    def __init__(self, browser: Browser, window: Window) -> None:
        self._browser, self._window = browser, window
        self._open: list[Complaints] = []
        self.complaints: list[str] = []

    def open(self, *, bypass_csp: bool = False, may_complain: bool = False) -> Page:
        """A page with nothing in it yet; one that is about failures may complain of them."""
        context = self._browser.new_context(
            viewport=self._window.size,
            color_scheme=self._window.colours,
            has_touch=self._window.narrow,
            timezone_id=ELSEWHERE,
            bypass_csp=bypass_csp,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        self._open.append(Complaints(page, ignored=may_complain))
        return page

    def close(self) -> None:
        """Close them all; what they complain about from here on is nobody's fault."""
        for each in self._open:
            self.complaints += [] if each.ignored else each.found
            each.page.context.close()
        self._open.clear()
