"""How many processes work beside each other on a file or a folder, and how they are begun.

Rules
- What a terminal sends to all of them ends the one that has begun them, and they end with that:
  each hears when the other end of its connection is gone.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any


def cores() -> int:
    """How many cores this process may use; one, where it may begin no others."""
    if multiprocessing.current_process().daemon:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def process_context() -> BaseContext:
    """How processes are begun: by a copy of this one where that is safe, since it is quick."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else None)


def begun(
    context: BaseContext,
    work: Callable[..., object],
    *args: Any,  # noqa: ANN401 - what the work takes
) -> tuple[BaseProcess, Connection]:
    """A process that does `work` with an end of a connection and `args`, and the other end."""
    ours, theirs = context.Pipe()
    process: BaseProcess = context.Process(  # type: ignore[attr-defined]
        target=_work, args=(ours, theirs, work, args), daemon=True
    )
    process.start()
    theirs.close()
    return process, ours


def _work(
    ours: Connection, theirs: Connection, work: Callable[..., object], args: tuple[Any, ...]
) -> None:
    ours.close()  # a copy has that end, too: it would never hear that the other one is gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work(theirs, *args)
