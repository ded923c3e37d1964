"""What a page must not do, noted while it is open.

Rules
- No error on the console, none that nobody caught, no request that failed or was refused.
- Nothing is asked of another host than 127.0.0.1.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response, WebSocket

OWN = "127.0.0.1"
GONE = "net::ERR_ABORTED"
REFUSED = 400


@dataclass
class Complaints:
    """About one page."""

    page: Page
    ignored: bool = False
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", self._uncaught)
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("websocket", self._followed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"on the console: {message.text} ({message.location})")

    def _uncaught(self, error: Error) -> None:
        self.found.append(f"not caught: {error.stack or error.message}")

    def _asked(self, request: Request) -> None:
        self._stays_here(request.url)

    def _failed(self, request: Request) -> None:
        if request.failure != GONE:  # the page went on before the answer came
            self.found.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= REFUSED:
            self.found.append(
                f"refused: {response.request.method} {response.url} {response.status}"
            )

    def _followed(self, socket: WebSocket) -> None:
        self._stays_here(socket.url)

    def _stays_here(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != OWN:
            self.found.append(f"leaves this machine: {url}")
