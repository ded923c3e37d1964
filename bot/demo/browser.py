"""Opening the demo in a browser, where there is one that doesn't take over the terminal.

Rules
- On Linux a browser needs a display, or a BROWSER that somebody chose; over SSH a display.
- It runs as a process of its own, without our terminal and our signals: it can't hold up the
  demo, a text browser can't take the screen, and Ctrl-C doesn't close it.
- That it fails is no error: the address is printed anyway.
"""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress


def available(environment: Mapping[str, str], platform: str) -> bool:
    """Whether there is a browser to open an address in."""

    def given(*names: str) -> bool:
        return any(environment.get(name) for name in names)

    display = given("DISPLAY", "WAYLAND_DISPLAY")
    if given("SSH_CONNECTION", "SSH_TTY") and not display:
        return False
    return display or given("BROWSER") or platform in ("darwin", "win32")


def open_in_browser(url: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    """Begin to open `url`; the process, which nobody has to wait for."""
    nothing = subprocess.DEVNULL
    with suppress(OSError):
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own address
            [sys.executable, "-P", "-m", "webbrowser", url],
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            start_new_session=True,
            env=environment,
        )
    return None
