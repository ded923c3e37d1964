"""`warroom gate`: a pipeline reports, or asks, and waits for the verdict.

Rules
- The room's link is said first, and the verdict last.
- What can't be known is no verdict. It blocks, unless the pipeline was written to go on then; both
  say so.
- Whoever stops waiting leaves the room open, and says so. The same commit run again has the same
  key, and finds the verdict.
- What was allowed until an end that has passed since is asked anew: people decide again.
"""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Any, NoReturn, TextIO

from bot.client import report, verdict
from bot.client.bot import Bot
from bot.client.ci.system import End
from bot.client.ci.systems import OUTPUTS
from bot.client.live import Live
from bot.client.waiting import Wait
from bot.errors import UnreachableError

Answer = dict[str, Any]
GO_ON = "--on-unreachable allow"


class Stopped(KeyboardInterrupt):
    """The CI, or somebody, has cancelled the wait."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is waited, and how it ends: seconds at most, None for as long as it takes."""

    seconds: float | None = None
    go_on_unreachable: bool = False
    as_json: bool = False
    outputs: tuple[str, ...] = ()


@dataclass(slots=True)
class Gate:
    """One question to `bot`; `echo` says what is the answer, `aside` what only tells of it."""

    bot: Bot
    manner: Manner
    echo: Callable[[str], None]
    aside: Callable[[str], None]
    stream: TextIO
    _latest: Answer = field(init=False, default_factory=dict)
    _live: Live | None = field(init=False, default=None)
    _away: bool = field(init=False, default=False)
    _where: str = field(init=False, default="")

    def report(self, body: Mapping[str, Any]) -> int:
        """Report this violation and wait for its verdict; the exit code."""
        return self._ended(lambda wait: self._reported(wait, dict(body)))

    def ask(self, violation_id: str) -> int:
        """Wait for the verdict on what is known by this id; the exit code."""
        return self._ended(lambda wait: self._verdict(wait, violation_id))

    def _reported(self, wait: Wait, body: Answer) -> Answer:
        answer = self._sent(wait, body, report.key(body, self.bot.token))
        ended = None
        while answer["verdict"] == "block" and answer["valid_until"] not in (None, ended):
            ended = answer["valid_until"]
            self.aside(f"it was allowed until {verdict.moment(ended)}; asking anew")
            answer = self._sent(wait, body, report.key(body, self.bot.token, ended))
        return answer

    def _sent(self, wait: Wait, body: Answer, key: str) -> Answer:
        taken = wait.ask(lambda: self.bot.report(body, key))
        self._link({"room_id": taken["room_id"], "room_url": taken["links"]["room"]})
        return self._verdict(wait, taken["violation_id"])

    def _verdict(self, wait: Wait, violation_id: str) -> Answer:
        with Live(self.stream, self._line) as self._live:
            return wait.verdict(violation_id, self._heard)

    def _ended(self, question: Callable[[Wait], Answer]) -> int:
        """Ask, and tell the end to whom it concerns."""
        wait = Wait(self.bot, self.manner.seconds, self._unanswered)
        try:
            with _stoppable():
                answer = question(wait)
        except Stopped as stopped:
            self.aside(self._left())
            return stopped.code
        except UnreachableError as error:
            return self._unknown(str(error))
        said = verdict.sentence(answer)
        if answer["verdict"] == "pending":
            said = f"{said}; the war room stays open"
        self._tell(answer, said)
        self._outputs(End(answer["verdict"], said, answer))
        return verdict.code(answer)

    def _unknown(self, why: str) -> int:
        """Nobody answers: what that means is written, or else it blocks."""
        if self.manner.go_on_unreachable:
            said, code = f"not known: {why}\nallowed all the same, by {GO_ON}", verdict.ALLOW
        else:
            said = f"not known: {why}\nblocked: what is not known is not allowed, unless {GO_ON}"
            code = verdict.NOT_KNOWN
        self._tell({"verdict": "unknown", "reason": why, "allowed": code == verdict.ALLOW}, said)
        self._outputs(End("unknown", said, self._latest))
        return code

    def _tell(self, answer: Mapping[str, Any], said: str) -> None:
        self.echo(json.dumps(answer, indent=2) if self.manner.as_json else said)

    def _outputs(self, end: End) -> None:
        say = self.aside if self.manner.as_json else self.echo
        for name in self.manner.outputs:
            for line in OUTPUTS[name].tell(os.environ, end):
                say(line)

    def _heard(self, answer: Answer) -> None:
        first, self._latest, self._away = not self._latest, answer, False
        self._link(answer)
        if first and self._live:
            self._live.news()

    def _link(self, answer: Answer) -> None:
        """Say where the room is, once for each thing that there is to say."""
        before, self._where = self._where, verdict.where(answer)
        if self._where and self._where != before:
            self._say(self.aside if self.manner.as_json else self.echo, self._where)

    def _unanswered(self, why: str) -> None:
        if not self._away:
            self._say(self.aside, f"{why}; asking again")
        self._away = True

    def _say(self, say: Callable[[str], None], text: str) -> None:
        """Said above the line that tells how the wait goes, where there is one."""
        if self._live:
            self._live.aside(say, text)
        else:
            say(text)

    def _line(self) -> str:
        if not self._latest or self._latest["verdict"] != "pending":
            return ""
        asking = "the bot doesn't answer, asking again; " if self._away else ""
        return asking + verdict.waiting(self._latest, datetime.now(UTC))

    def _left(self) -> str:
        """What a cancelled wait leaves behind."""
        again = "the same commit run again finds its verdict"
        if not self._where:
            return f"stopped before a war room was known; {again}"
        return f"stopped, and the war room stays open; {again}\n{self._where}"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Raises Stopped in the block for whatever cancels a job, ignored or not until now."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears of signals
        return

    def stop(number: int, _: FrameType | None) -> NoReturn:
        raise Stopped(number)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
