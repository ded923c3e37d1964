"""A wait for the verdict, made of long polls, so that no proxy in between loses patience.

Rules
- A restart of the bot is no verdict: who doesn't answer is asked again, for half a minute where
  nobody ever answered, and for five minutes where somebody has; and no sooner than it says.
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
TOGETHER_SECONDS = 5.0
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
                pause = max(error.after, AGAIN_SECONDS)
                if time.monotonic() + pause >= min(self._end, self._patient_until):
                    raise
                self._away(str(error))
                time.sleep(pause)
                continue
            self._patient_until = time.monotonic() + AWAY_SECONDS
            return answer

    def verdict(self, violation_id: str) -> Answer:
        """The gate's answer once it is a verdict, or else at the end."""
        latest: Answer = {}

        def heard(_: int, answer: Answer) -> bool:
            latest.update(answer)
            return False

        self.verdicts({0: violation_id}, heard)
        return latest

    def verdicts(self, asked: dict[int, str], heard: Callable[[int, Answer], bool]) -> None:
        """Ask for all of these until each has a verdict, `heard` has heard enough, or at the end.

        It hears each answer, with the number of what was asked. Of several the first is waited
        for, a few seconds at a time, and the others are looked at in between.
        """
        poll, most = 0.0, POLL_SECONDS if len(asked) == 1 else TOGETHER_SECONDS
        while asked:
            has_links = True
            for at in tuple(asked):
                answer = self.ask(lambda: self._bot.verdict(asked[at], poll))  # noqa: B023 - at once
                poll = 0.0
                if heard(at, answer):
                    return
                has_links = has_links and bool(answer["room_url"] or not answer["room_id"])
                if answer["verdict"] == "pending":
                    asked[at] = answer["violation_id"]
                else:
                    del asked[at]
            left = self._end - time.monotonic()
            if left <= 0:
                return
            poll = round(min(left, most if has_links else LINK_SECONDS), 1)
