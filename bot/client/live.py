"""The line that says how a wait goes: one that is written over on a terminal, else one a minute.

Rules
- It is for people, and goes to standard error; nothing else is written there while it stands.
- Cut to the terminal's width: a line that wraps could not be written over.
"""

import shutil
import threading
from collections.abc import Callable
from typing import Self, TextIO

TERMINAL_SECONDS, PLAIN_SECONDS = 1.0, 60.0
_BEGIN, _CLEAR = "\r", "\x1b[K"


class Live:
    """Writes what `line` gives, again and again, as long as the block lasts."""

    def __init__(self, stream: TextIO, line: Callable[[], str]) -> None:
        self._stream, self._line = stream, line
        self._terminal = stream.isatty()
        self._news, self._writing = threading.Event(), threading.Lock()
        self._begun = self._over = self._shown = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        """Begin to write."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away, where it can be."""
        self._over = True
        self._news.set()
        self._thread.join()
        with self._writing:
            self._clear()

    def begin(self) -> None:
        """Write it now for the first time, and not when its next time comes."""
        with self._writing:
            if not self._begun:
                self._news.set()

    def aside(self, say: Callable[[str], None], text: str) -> None:
        """Say what stays, above the line that is written over."""
        with self._writing:
            self._clear()
            say(text)

    def _run(self) -> None:
        every = TERMINAL_SECONDS if self._terminal else PLAIN_SECONDS
        while True:
            with self._writing:
                self._news.clear()  # before `_over` is read, which `__exit__` sets before it tells
                if self._over:
                    return
                self._show()
            self._news.wait(every)

    def _show(self) -> None:
        if not (text := self._line()):
            return
        self._begun = True
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            cut = text if len(text) <= width else f"{text[: width - 1]}…"
            self._stream.write(f"{_BEGIN}{_CLEAR}{cut}")
            self._shown = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write(f"{_BEGIN}{_CLEAR}")
            self._stream.flush()
            self._shown = False
