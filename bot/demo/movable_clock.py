"""The demo's one clock: real time, and ahead of it by as much as somebody skipped.

Rules
- It is only ever moved ahead: what has happened stays in the past.
- A new one may begin hours ago, and is kept once it has reached the real time.
- Nothing of the bot proper can move a clock. Whoever goes by this one is woken when it moves.
- Where it is kept, it is kept with each move. It runs on while the demo is stopped.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo.folder import INSTEAD
from bot.errors import UsageError


class DemoClock:
    """The time for the bot (aware), for the local Slack (`unix`) and for a browser (`ahead`)."""

    def __init__(self, file: Path | None = None, ahead: timedelta = timedelta(0)) -> None:
        self._file = file
        self._wake: list[Callable[[], None]] = []
        self.ahead = _kept(file) if file and file.exists() else ahead

    def __call__(self) -> datetime:
        """The demo's time."""
        return datetime.now(UTC) + self.ahead

    def unix(self) -> float:
        """The demo's time in seconds since 1970."""
        return self().timestamp()

    def on_move(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each move."""
        self._wake.append(wake)

    def move(self, by: timedelta) -> None:
        """Skip ahead. ValueError for a way back, OSError where it can't be kept: then it stays."""
        if by < timedelta(0):
            raise ValueError(f"found {by}: the clock is only moved ahead")
        ahead = self.ahead + by
        if self._file and ahead >= timedelta(0):
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps({"ahead_seconds": ahead.total_seconds()}), encoding="utf-8")
            new.replace(self._file)  # as a whole: a stop in between leaves the old one
        self.ahead = ahead
        for wake in self._wake:
            wake()


def _kept(file: Path) -> timedelta:
    try:
        ahead = timedelta(seconds=json.loads(file.read_text(encoding="utf-8"))["ahead_seconds"])
        datetime.now(UTC) + ahead  # a time at all
    except OSError as error:
        raise UsageError(f"--keep: {file} can't be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise UsageError(f"--keep: {file} holds no clock: {INSTEAD}") from error
    if ahead < timedelta(0):
        raise UsageError(f"--keep: {file} holds a clock that was moved back: {INSTEAD}")
    return ahead
