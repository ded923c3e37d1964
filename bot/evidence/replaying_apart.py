"""A replay in a process of its own, beside the one that reads and hashes: two cores for one export.

Rules
- What is replayed is what was read: each leaf is handed over as its values, the file isn't read
  twice. What was found comes back at the end.
- A process that has ended before that has found nothing, and nothing is said then.
"""

import gc
import multiprocessing
import pickle
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

from bot.evidence.errors import ReplayEndedError
from bot.evidence.export_lines import Document, Entry
from bot.evidence.findings import Findings
from bot.evidence.leaf import Leaf
from bot.evidence.replaying import Replay

AT_ONCE = 250  # events in one message: some 200 KB, a few of which the pipe makes wait
SELDOM = 100_000  # objects more before the collector looks: nothing here refers to itself
_FIELDS: Callable[[Leaf], tuple[Any, ...]] = attrgetter(
    *("stream_kind", "stream_id", "seq", "at", "kind", "schema", "actor", "payload", "salt")
)
_Item = tuple[int, Any, Any, bool]  # its line; a leaf's fields and values, or a document


class ReplayApart:
    """A `Replay` elsewhere, to be asked as that is."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._waiting: list[_Item] = []
        # What the children of a scan are made by, and for the same reasons.
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        self._here, there = context.Pipe()
        self._process = context.Process(target=_replay, args=(there, self._here), daemon=True)
        self._process.start()
        there.close()

    def document(self, position: int, document: Document) -> None:
        """A policy, or the sources, whose digest is right."""
        self._put((position, document, None, True))

    def event(self, position: int, entry: Entry, *, sound: bool) -> None:
        """The next event of the log; one that isn't `sound` is followed, and not judged."""
        self._put((position, _FIELDS(entry.leaf), entry.personal, sound))

    def finish(self) -> None:
        """Wait for what was found. ReplayEndedError where that never came."""
        self._send()
        self._send()  # an empty one: there are no more
        try:
            self._findings.merge(self._here.recv())
        except (EOFError, OSError) as error:
            raise ReplayEndedError("the process that replays the record has ended") from error

    def close(self) -> None:
        """End it, once all was read or nothing more will be."""
        self._here.close()
        self._process.terminate()
        self._process.join()

    def _put(self, item: _Item) -> None:
        self._waiting.append(item)
        if len(self._waiting) == AT_ONCE:
            self._send()

    def _send(self) -> None:
        try:
            self._here.send_bytes(pickle.dumps(self._waiting, pickle.HIGHEST_PROTOCOL))
        except OSError as error:
            raise ReplayEndedError("the process that replays the record has ended") from error
        self._waiting.clear()


def _replay(here: Connection, there: Connection) -> None:
    """The other process's whole life; it ends, too, when whoever asks is gone."""
    there.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both
    gc.set_threshold(SELDOM)
    findings = Findings()
    replay = Replay(findings)
    try:
        while items := pickle.loads(here.recv_bytes()):  # noqa: S301 - our own parent's
            for position, what, personal, sound in items:
                if isinstance(what, Document):
                    replay.document(position, what)
                else:
                    replay.event(position, Entry(Leaf(*what), personal), sound=sound)
        here.send(findings)
    except (EOFError, OSError):
        return
    finally:
        replay.close()
