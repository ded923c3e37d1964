"""A pipeline's `warroom check --gate`: the command itself, a process of its own, as a CI runs it.

Rules
- One at a time. It ends by itself, by being cancelled, or with the demo.
- It is given the gate's token, the bot's address and what a CI says of its commit; nothing of this
  process's environment reaches it.
- What it writes is held as it comes, and of much the end.
"""

import asyncio
import codecs
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.demo.asked import OrderRefusedError
from bot.demo.background import Start
from bot.demo.project import SCRIPTS, Script
from bot.domain.clean_text import clean

TEXT_MOST = 20_000
CHUNK = 4096
PATIENCE_SECONDS = 5.0
NOT_STARTED = 127
_SYSTEM = ("SYSTEMROOT",)  # without it, Windows lets nobody open a socket


class Begin(BaseModel):
    """Check a new commit of a script; without one, what was checked last, at the same commit."""

    script: str | None = None


class Cancel(BaseModel):
    """End the check that runs."""


@dataclass(slots=True)
class Check:
    """A check of a commit: what it wrote so far, and its exit code once it has ended."""

    script: Script
    commit: Mapping[str, str]
    text: str = ""
    code: int | None = None


class Checking:
    """Runs checks in the `project`, with a `bot` in their environment.

    `changed` is called for whatever one writes, and at its end.
    """

    def __init__(
        self, project: Path, bot: Mapping[str, str], changed: Callable[[], None], start: Start
    ) -> None:
        self.check: Check | None = None
        self._project, self._bot, self._changed, self._start = project, bot, changed, start
        self._process: Process | None = None

    async def begin(self, given: Begin) -> dict[str, Any]:
        """Begin to check. OrderRefusedError while another check runs."""
        last = self.check
        if last and last.code is None:
            reason = "A check runs already: decide what it waits for, or cancel it."
            raise OrderRefusedError(reason, HTTPStatus.CONFLICT)
        if script := SCRIPTS.get(given.script or ""):
            self.check = Check(script, script.commit())
        elif given.script is None and last:
            self.check = Check(last.script, last.commit)
        else:
            raise OrderRefusedError(f"script: {given.script!r} is none", HTTPStatus.BAD_REQUEST)
        self._changed()
        self._start(self._run(self.check))
        return {}

    async def cancel(self, given: Cancel) -> dict[str, Any]:
        """End the one that runs, as a CI ends a job. OrderRefusedError where none does."""
        del given
        if self._process is None or self._process.returncode is not None:
            raise OrderRefusedError("No check runs.", HTTPStatus.CONFLICT)
        self._process.terminate()
        return {}

    async def _run(self, check: Check) -> None:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        try:
            async with self._started(check) as self._process:
                while written := await _written(self._process):
                    check.text = (check.text + clean(decode(written)))[-TEXT_MOST:]
                    self._changed()
                await self._process.wait()
        finally:
            check.code = _code(self._process)
            self._process = None
            self._changed()

    @asynccontextmanager
    async def _started(self, check: Check) -> AsyncIterator[Process]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot", *check.script.arguments),
            cwd=self._project,
            env={
                **{name: os.environ[name] for name in _SYSTEM if name in os.environ},
                **self._bot,
                **check.commit,
                "PYTHONUTF8": "1",
            },
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
        )
        try:
            yield process
        finally:
            await _ended(process)


async def _written(process: Process) -> bytes:
    """What it writes next; nothing at its end."""
    return await process.stdout.read(CHUNK) if process.stdout else b""


def _code(process: Process | None) -> int:
    """The exit code of what has ended, as a shell says it."""
    if process is None or process.returncode is None:
        return NOT_STARTED
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


async def _ended(process: Process) -> None:
    """Return once it has ended, by our will where it hasn't by its own."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
