"""Leaves examined in several processes, each with some of the streams: all cores for one export.

Rules
- Who reads the file hands on a leaf's line as it stands, to the process that has its stream: that
  one reads, hashes and replays it. Where a sound line names its stream is known; a line of another
  form goes anywhere, and is found there.
- Each process is given one block after another, and has one at most: while it works on that, the
  next is read. So nobody waits for somebody who waits.
- A process that has ended before its answer has found nothing, and nothing is said then.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from typing import Any
from zlib import crc32

from bot.cores import begun, process_context
from bot.evidence.errors import ExaminationEndedError
from bot.evidence.examining import Examination, Examined
from bot.evidence.export_lines import Document

AT_ONCE, BYTES_AT_ONCE = 4_000, 32 * 1024 * 1024  # leaves in a round at most: a few MB, mostly
MOST = 6  # processes: the one that reads and hands on has enough to do with so many
SELDOM = 100_000  # objects more before the collector looks: nothing here refers to itself
_STREAM = b'"stream":{"id":"'  # within a text a quotation mark has a backslash before it
_ENDED = "a process that examines the leaves has ended"
_Item = tuple[int, bytes | Document]  # its line in the export; a leaf's line as it stands


class ExaminationApart:
    """An `Examination` in so many processes, to be asked as that is."""

    def __init__(self, processes: int) -> None:
        count = min(processes, MOST)
        self._processes = [_Process() for _ in range(count)]
        self._round: list[int] = []  # which process has each leaf of this round
        self._bytes = 0
        self._asked: list[int] = []  # and of the one that they work on

    def document(self, document: Document) -> None:
        """A policy, or the sources, whose digest is right."""
        for each in self._processes:
            each.waiting.append((0, document))

    def take(self, position: int, data: bytes) -> Sequence[bytes]:
        """A leaf's line; gives the hashes of all leaves that are known by now, in their order."""
        has = crc32(_stream_of(data)) % len(self._processes)
        self._processes[has].waiting.append((position, data))
        self._round.append(has)
        self._bytes += len(data)
        is_full = len(self._round) >= AT_ONCE or self._bytes >= BYTES_AT_ONCE
        return self._exchange() if is_full else ()

    def settle(self) -> Sequence[bytes]:
        """The hashes of all leaves that weren't given yet."""
        return (*self._exchange(), *self._exchange())

    def finish(self) -> Examined:
        """What they came to, once all were taken."""
        examined = Examined()
        for each in self._processes:
            examined.merge(each.finish())
        return examined

    def close(self) -> None:
        """End the processes, once all was read or nothing more will be."""
        for each in self._processes:
            each.close()

    def _exchange(self) -> Sequence[bytes]:
        """Fetch what a round has come to, and give out the next."""
        hashes = []
        for each in self._processes:
            hashes.append(iter(each.answer()))
            each.ask()
        known = [next(hashes[has]) for has in self._asked]
        self._asked, self._round, self._bytes = self._round, [], 0
        return [leaf for leaf in known if leaf]


class _Process:
    """A process, what waits to be given to it, and whether it owes an answer."""

    def __init__(self) -> None:
        self.waiting: list[_Item] = []
        self._owes = False
        self._process, self._here = begun(process_context(), _examine)

    def ask(self) -> None:
        """Give it what waits, if it is anything."""
        if self.waiting:
            self._send(self.waiting)
            self.waiting, self._owes = [], True

    def answer(self) -> Sequence[bytes | None]:
        """The hashes of the leaves that it was given last, in their order."""
        if not self._owes:
            return ()
        self._owes = False
        answer: Sequence[bytes | None] = self._receive()
        return answer

    def finish(self) -> Examined:
        """What all that it was given came to."""
        self._send(())
        examined: Examined = self._receive()
        return examined

    def close(self) -> None:
        """End it."""
        self._here.close()
        self._process.terminate()
        self._process.join()

    def _send(self, items: Sequence[_Item]) -> None:
        try:
            self._here.send(items)
        except OSError as error:
            raise ExaminationEndedError(_ENDED) from error

    def _receive(self) -> Any:  # noqa: ANN401 - hashes, or what it came to
        try:
            return self._here.recv()
        except (EOFError, OSError) as error:
            raise ExaminationEndedError(_ENDED) from error


def _stream_of(data: bytes) -> bytes:
    """The id of a leaf's stream as it stands in the line; nothing where it isn't one."""
    start = data.find(_STREAM)
    return data[start + len(_STREAM) : data.find(b'"', start + len(_STREAM))] if start > 0 else b""


def _examine(here: Connection) -> None:
    """A process's whole life; it ends, too, when whoever asks is gone."""
    gc.set_threshold(SELDOM)
    examination = Examination()
    with closing(examination), suppress(EOFError, ConnectionError):
        while items := here.recv():
            here.send(list(_hashes(examination, items)))
        here.send(examination.finish())


def _hashes(examination: Examination, items: Sequence[_Item]) -> Iterator[bytes | None]:
    for position, what in items:
        if isinstance(what, Document):
            examination.document(what)
        else:
            yield examination.leaf(position, what)
