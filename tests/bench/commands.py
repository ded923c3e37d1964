"""Commands as whole processes, from Python's first step to its last, beside a Python without one.

Rules
- Each in turn with the yardstick, so that a noisy neighbour falls on both.
- What counts is how long one takes; how much processor time that was, says what a quiet machine
  would take.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Self

from tests.bench.row import Row, ms
from tests.bench.stock import Stock
from tests.staging.environment import ROOT

STORED = 100_000
ROUNDS = 7
HELP_MOST = 0.120
FIGURES_MOST = 0.900
NOTHING = ("-c", "pass")
HELP = (("gate", "--help"), ("send", "--help"))
FIGURES = (("stats", "--json"), ("debt", "--json"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What processes took, in seconds: medians, and the shortest and the longest."""

    wall: float
    cpu: float
    least: float
    most: float

    @classmethod
    def of(cls, taken: list[tuple[float, float]]) -> Self:
        """Of several, each by wall and by processor."""
        walls = [wall for wall, _ in taken]
        return cls(median(walls), median(cpu for _, cpu in taken), min(walls), max(walls))


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Help, which needs no more than a client's modules, and figures over many rooms."""
    say("commands as whole processes")
    quick = [await asyncio.to_thread(_row, words, {}, "", HELP_MOST) for words in HELP]
    url = await asyncio.to_thread(stock.database, "sqlite", STORED)
    told = {"DATABASE_URL": url, "WARROOM_CONFIG": str(stock.config)}
    over = f" over {STORED:,} rooms, a tenth of them open"
    return quick + [
        await asyncio.to_thread(_row, words, told, over, FIGURES_MOST) for words in FIGURES
    ]


def _row(words: tuple[str, ...], told: Mapping[str, str], over: str, most: float) -> Row:
    # With compiled modules, as whoever has installed the bot has them.
    environment = os.environ | told | {"PYTHONDONTWRITEBYTECODE": ""}
    ours: list[tuple[float, float]] = []
    nothing: list[tuple[float, float]] = []
    _taken(("-m", "bot", *words), environment)
    for _ in range(ROUNDS):
        ours.append(_taken(("-m", "bot", *words), environment))
        nothing.append(_taken(NOTHING, environment))
    found = Taken.of(ours)
    return Row(
        f"`warroom {' '.join(words)}`{over}",
        f"median {ms(found.wall)}, {ms(found.least)} to {ms(found.most)}; {ms(found.cpu)} of CPU",
        f"`python -c pass`: {ms(Taken.of(nothing).wall)}",
        f"at most {ms(most)}",
        found.wall <= most,
    )


def _taken(words: tuple[str, ...], environment: Mapping[str, str]) -> tuple[float, float]:
    """How long a process takes, and of the processor. RuntimeError where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        (sys.executable, *words), env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
    return took, used.ru_utime + used.ru_stime
