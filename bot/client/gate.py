"""`warroom gate`: a pipeline reports, or asks, and waits for the verdict.

Rules
- The room's link is said first, and the verdict last.
- What can't be known is no verdict. It blocks, unless the pipeline was written to go on then; both
  say so.
- Whoever stops waiting leaves the room open, and says so. The same commit run again has the same
  key, and finds the verdict; what is of no commit is found by its id alone.
- What is allowed is allowed at the end: of several verdicts the first may hold no more when the
  last one comes, so all are asked for once more.
- What was allowed until an end that has passed since is asked anew: people decide again.
"""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any, NoReturn, TextIO

from bot.client import report, verdict
from bot.client.bot import Bot
from bot.client.ci.system import End
from bot.client.ci.systems import OUTPUTS
from bot.client.live import Live
from bot.client.waiting import Wait
from bot.domain import clean_text
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
    """What is asked of `bot`; `echo` says what is the answer, `aside` what only tells of it.

    `answers` has the gate's last ones, in the order of what was reported.
    """

    bot: Bot
    manner: Manner
    echo: Callable[[str], None]
    aside: Callable[[str], None]
    stream: TextIO
    answers: list[Answer] = field(init=False, default_factory=list)
    _titles: list[str] = field(init=False, default_factory=list)
    _rooms: list[str] = field(init=False, default_factory=list)
    _ids: list[str] = field(init=False, default_factory=list)  # what is found by its id alone
    _live: Live | None = field(init=False, default=None)
    _away: bool = field(init=False, default=False)
    _ahead: timedelta = field(init=False, default=timedelta(0))  # the bot's clock, of ours

    def report(self, *bodies: Mapping[str, Any]) -> int:
        """Report these violations and wait for the verdict on them all; the exit code."""
        self._titles = [body["title"] for body in bodies] if len(bodies) > 1 else []
        return self._ended(lambda wait: self._reported(wait, bodies))

    def ask(self, violation_id: str) -> int:
        """Wait for the verdict on what is known by this id; the exit code."""
        self._ids = [violation_id]
        return self._ended(lambda wait: self._decided(wait, {0: violation_id}))

    def _reported(self, wait: Wait, bodies: Sequence[Mapping[str, Any]]) -> None:
        """All are reported before any is waited for; one that blocks ends the wait for all."""
        for at, body in enumerate(bodies):
            self._sent(wait, at, body)
        pending = (each for each in enumerate(self.answers) if each[1]["verdict"] == "pending")
        if not self._blocked:
            self._decided(wait, {at: answer["violation_id"] for at, answer in pending})
        if len(bodies) > 1 and self._allowed:
            wait.verdicts(
                {at: each["violation_id"] for at, each in enumerate(self.answers)}, self._heard
            )

    @property
    def _allowed(self) -> bool:
        return all(verdict.code(answer) == verdict.ALLOW for answer in self.answers)

    @property
    def _blocked(self) -> bool:
        return any(verdict.code(answer) == verdict.BLOCK for answer in self.answers)

    def _sent(self, wait: Wait, at: int, body: Mapping[str, Any], ended: str = "") -> None:
        key = report.key(body, self.bot.token, ended)
        taken = wait.ask(lambda: self.bot.report(dict(body), key))
        if not report.is_found_again(body):
            self._ids.append(taken["violation_id"])
        self._link({"room_id": taken["room_id"], "room_url": taken["links"]["room"]})
        answer = wait.ask(lambda: self.bot.verdict(taken["violation_id"], 0))
        self._heard(at, answer)
        until = answer["valid_until"]
        if answer["verdict"] == "block" and until not in (None, ended):
            self.aside(f"it was allowed until {verdict.moment(until)}; asking anew")
            self._sent(wait, at, body, until)

    def _decided(self, wait: Wait, asked: dict[int, str]) -> None:
        if self.manner.seconds == 0:
            wait.verdicts(asked, self._heard)
            return
        with Live(self.stream, self._line) as self._live:
            wait.verdicts(asked, self._heard)

    def _ended(self, question: Callable[[Wait], None]) -> int:
        """Ask, and tell the end to whom it concerns."""
        wait = Wait(self.bot, self.manner.seconds, self._unanswered)
        try:
            with _stoppable():
                question(wait)
        except Stopped as stopped:
            self.aside(self._left())
            return stopped.code
        except UnreachableError as error:
            if not self._blocked:
                return self._unknown(str(error))
        titles = self._titles or [""] * len(self.answers)
        pairs = list(zip(self.answers, titles, strict=False))  # who blocks ends what is asked
        pairs.sort(key=lambda pair: verdict.GRAVITY[verdict.code(pair[0])])
        gravest, _ = pairs[-1]
        lines = dict.fromkeys(verdict.sentence(*each) for each in pairs)
        if verdict.code(gravest) == verdict.PENDING:
            lines["the war room stays open"] = None
        said = "\n".join(lines)
        self._tell(gravest, said)
        self._outputs(End(gravest["verdict"], said, gravest))
        return verdict.code(gravest)

    def _unknown(self, why: str) -> int:
        """Nobody answers: what that means is written, or else it blocks."""
        if self.manner.go_on_unreachable:
            said, code = f"not known: {why}\nallowed all the same, by {GO_ON}", verdict.ALLOW
        else:
            said = f"not known: {why}\nblocked: what is not known is not allowed, unless {GO_ON}"
            code = verdict.NOT_KNOWN
        self._tell({"verdict": "unknown", "reason": why, "allowed": code == verdict.ALLOW}, said)
        self._outputs(End("unknown", said, self.answers[0] if self.answers else {}))
        return code

    def _tell(self, answer: Mapping[str, Any], said: str) -> None:
        self.echo(json.dumps(answer, indent=2) if self.manner.as_json else said)

    def _outputs(self, end: End) -> None:
        say = self.aside if self.manner.as_json else self.echo
        for name in self.manner.outputs:
            for line in OUTPUTS[name].tell(os.environ, end):
                say(line)

    def _heard(self, at: int, answer: Answer) -> bool:
        """Take an answer in; whether it blocks, which ends the wait for all."""
        self._away = False
        self.answers[at : at + 1] = [answer]
        if since := answer.get("opened_at"):  # which has been, by the bot's clock
            self._ahead = max(self._ahead, datetime.fromisoformat(since) - datetime.now(UTC))
        self._link(answer)
        if self._live:
            self._live.begin()
        return self._blocked

    def _link(self, answer: Answer) -> None:
        """Say where the room is, once for each thing that there is to say."""
        where = verdict.where(answer)
        if where and where not in self._rooms:
            self._rooms.append(where)
            self._say(self.aside if self.manner.as_json else self.echo, where)

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
        waiting = [each for each in self.answers if each["verdict"] == "pending"]
        if not waiting:
            return ""
        away = "the bot doesn't answer, asking again; " if self._away else ""
        count = f"{len(waiting)} to be decided; " if len(waiting) > 1 else ""
        return away + count + verdict.waiting(waiting[0], datetime.now(UTC) + self._ahead)

    def _left(self) -> str:
        """What a cancelled wait leaves behind."""
        known = "and the war room stays open" if self._rooms else "before a war room was known"
        if self._ids:
            ids = map(clean_text.line, self._ids)
            ways = [f"`warroom gate {each}` goes on waiting" for each in ids]
        else:
            ways = ["the same commit run again finds its verdict"]
        return "\n".join((f"stopped, {known}", *ways, *self._rooms))


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
