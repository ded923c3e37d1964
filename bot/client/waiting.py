"""A wait for the verdict, made of long polls, so that no proxy in between loses patience.

Rules
- A restart of the bot is no verdict: who doesn't answer is asked again, for half a minute where
  nobody ever answered, and for five minutes where somebody has.
- What was begun with a room's id goes on with the violation that the room held, whatever joins
  meanwhile.
- Until the room's link is known it is looked for often: it is what a reader of the log needs first.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from bot.client.bot import Bot
from bot.errors import UnreachableError

POLL_SECONDS = 25.0
LINK_SECONDS = 2.0
AGAIN_SECONDS = 2.0
NEVER_REACHED_SECONDS, AWAY_SECONDS = 30.0, 300.0

T = TypeVar("T")
Answer = dict[str, Any]


class Wait:
    """What is left of a wait of `seconds`; None waits until there is a verdict."""

    def __init__(self, bot: Bot, seconds: float | None, away: Callable[[str], None]) -> None:
        began = time.monotonic()
        self._bot, self._away = bot, away
        self._end = began + (float("inf") if seconds is None else seconds)
        self._patient_until = began + NEVER_REACHED_SECONDS

    def ask(self, question: Callable[[], T]) -> T:
        """What the bot answers, asked again as long as it is away. UnreachableError, UsageError."""
        while True:
            try:
                answer = question()
            except UnreachableError as error:
                if time.monotonic() + AGAIN_SECONDS >= min(self._end, self._patient_until):
                    raise
                self._away(str(error))
                time.sleep(AGAIN_SECONDS)
                continue
            self._patient_until = time.monotonic() + AWAY_SECONDS
            return answer

    def verdict(self, violation_id: str, heard: Callable[[Answer], None]) -> Answer:
        """The gate's answer once it is a verdict, or else at the end; `heard` hears each."""
        poll = 0.0
        while True:
            answer = self.ask(lambda: self._bot.verdict(violation_id, poll))  # noqa: B023 - at once
            heard(answer)
            left = self._end - time.monotonic()
            if answer["verdict"] != "pending" or left <= 0:
                return answer
            violation_id = answer["violation_id"]
            has_link = answer["room_url"] or not answer["room_id"]
            poll = round(max(0.0, min(left, POLL_SECONDS if has_link else LINK_SECONDS)), 1)
