"""The files below some paths, read: on all cores, in an order that doesn't depend on them.

Rules
- A process that ends while it reads a file, or takes too long for it, is a reading that says so and
  names the file; another takes its place.
- Where there is little to read or one core, it is read here.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.check.configs import SettingsFiles
from bot.check.known import KnownCalls
from bot.check.linking import linked
from bot.check.reading import Reader
from bot.check.uses import FileReading, Span, Unreadable
from bot.check.walk import LeftOut, SourceFile, walk
from bot.cores import begun, cores, process_context

_FEW = 16
_MOST_PROCESSES = 8
_MOST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read, in the order of the paths, and what was not, with why."""

    readings: tuple[FileReading, ...]
    skipped: tuple[tuple[str, str], ...]

    @property
    def seen(self) -> int:
        """How many files were looked at."""
        return len(self.readings)


def scan(
    paths: Sequence[Path],
    root: Path,
    known: KnownCalls,
    *,
    processes: int | None = None,
    context: BaseContext | None = None,
) -> Scan:
    """Reads the files below `paths`; what they are called is relative to `root`.

    `processes` is as many as there are cores, unless it is given.
    """
    reader = Reader(root, known)
    met = sorted(walk(paths, root), key=lambda each: each.path)
    files = [each for each in met if isinstance(each, SourceFile)]
    skipped = [(each.path, each.why) for each in met if isinstance(each, LeftOut)]
    readings: list[FileReading] = []
    worth: list[SourceFile] = []
    for file in files:
        if reading := reader.glance(file):
            readings.append(reading)
        else:
            worth.append(file)
    count = min(processes or cores(), _MOST_PROCESSES)
    if count > 1 and len(worth) > _FEW:
        readings += _apart(worth, root, known, count, context or process_context())
    else:
        readings += [reader.read(file) for file in worth]
    skipped += [(each.path, each.skipped) for each in readings if each.skipped]
    read = sorted((each for each in readings if not each.skipped), key=lambda each: each.path)
    return Scan(linked(read, SettingsFiles(root)), tuple(sorted(skipped)))


@dataclass(slots=True)
class _Worker:
    """A process that reads one file after another, and the one that it reads now."""

    process: BaseProcess
    connection: Connection
    reads: SourceFile
    since: float

    def give(self, file: SourceFile) -> None:
        self.reads = file
        self.since = time.monotonic()
        self.connection.send(file)

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()


def _apart(
    worth: Sequence[SourceFile], root: Path, known: KnownCalls, count: int, context: BaseContext
) -> Iterator[FileReading]:
    """The files, each read in one of several processes, in the order in which they are done."""
    waiting = deque(worth)
    workers: list[_Worker] = []

    def begin() -> None:
        process, ours = begun(context, _work, root, known)
        worker = _Worker(process, ours, waiting[0], 0.0)
        workers.append(worker)
        worker.give(waiting.popleft())

    try:
        for _ in range(min(count, len(waiting))):
            begin()
        while workers:
            ready = wait([worker.connection for worker in workers], timeout=min(1.0, _MOST_SECONDS))
            for worker in tuple(workers):
                reading, alive = _answer(worker, answered=worker.connection in ready)
                if not reading:
                    continue
                yield reading
                if alive and waiting:
                    worker.give(waiting.popleft())
                    continue
                workers.remove(worker)
                worker.end()
                if waiting:
                    begin()
    finally:
        for worker in workers:
            worker.end()


def _answer(worker: _Worker, *, answered: bool) -> tuple[FileReading | None, bool]:
    """What a worker has to say of its file, and whether it can go on."""
    if answered:
        try:
            reading: FileReading = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            why = f"ended the process that read it, with {worker.process.exitcode}"
            return _unread(worker.reads, why), False
        return reading, True
    if time.monotonic() - worker.since > _MOST_SECONDS:
        return _unread(worker.reads, f"takes longer than {_MOST_SECONDS:g} s to be read"), False
    return None, True


def _unread(file: SourceFile, why: str) -> FileReading:
    return FileReading(file.path, trains=False, unreadable=Unreadable(why, Span(1, 1, 1, 1)))


def _work(connection: Connection, root: Path, known: KnownCalls) -> None:
    """Reads what it is given until nothing more comes. What stops the whole stops this one too."""
    reader = Reader(root, known)
    while True:
        try:
            file = connection.recv()
        except EOFError:
            return
        connection.send(reader.read(file))
