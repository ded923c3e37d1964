"""A job of a pipeline: `warroom gate` as a process that sees no more than a CI gives it."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from pathlib import Path

from tests.staging.environment import ROOT, TOKEN

WARROOM = (sys.executable, "-m", "bot")
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Done:
    """How it ended, and what it said."""

    code: int | None
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True, slots=True)
class Job:
    """Where its steps run, and what they see: the bot's address and a token, and what is given."""

    folder: Path
    url: str
    token: str = TOKEN

    def sees(self, **variables: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        bot = {"WARROOM_PUBLIC_URL": self.url, "WARROOM_GATE_TOKEN": self.token}
        return kept | {"PYTHONPATH": str(ROOT)} | bot | variables

    async def start(
        self, *words: str, stdin: int = DEVNULL, stderr: int = PIPE, **variables: str
    ) -> Process:
        """A step that begins to run."""
        return await asyncio.create_subprocess_exec(
            *words, cwd=self.folder, env=self.sees(**variables),
            stdin=stdin, stdout=PIPE, stderr=stderr,
        )  # fmt: skip

    async def gate(self, *words: str, given: str = "", **variables: str) -> Done:
        """A gate that has run, with this on its standard input."""
        process = await self.start(*WARROOM, "gate", *words, stdin=PIPE, stderr=PIPE, **variables)
        return await ended(process, given)


async def ended(process: Process, given: str = "") -> Done:
    """How a step ended."""
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate(given.encode() if process.stdin else None)
    return Done(process.returncode, out.decode(), (err or b"").decode())


async def said(process: Process, text: str) -> str:
    """What a step has said on standard output up to the line that has this text in it."""
    assert process.stdout
    lines: list[str] = []
    async with asyncio.timeout(SECONDS):
        while line := (await process.stdout.readline()).decode():
            lines.append(line)
            if text in line:
                return "".join(lines)
    raise AssertionError(f"it never said {text!r}: {lines}")
