"""Group commit: each transaction takes what waits, each caller is answered after it.

Rules
- A person goes before a pipeline, and that before what nobody waits for; but no two batches in turn
  leave the others out.
- An order that is answered is on disk.
- A batch that fails is tried again order by order, so that one bad order fails alone.
- Where the database is away nothing is tried again here: the caller is told at once. For a while
  then nothing is tried at all that may as well be done later: a person would wait for that, too.
"""

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.engine.observer import NULL_OBSERVER, Observer
from bot.storage.arrivals import Lookup
from bot.storage.database import Database
from bot.storage.store import AWAY, DatabaseUnavailableError, race_lost
from bot.storage.transaction import ConflictError, Transaction, Written

T = TypeVar("T")
Order = Callable[[Transaction], T]
_Settled = tuple[asyncio.Future[Any], Any, Exception | None]

ALONE_TRIES = 5
LATER_SECONDS = 5.0


class Waits(IntEnum):
    """Who waits for what is written; what may be done LATER has to be asked for again."""

    PERSON = 0
    PIPELINE = 1
    NOBODY = 2
    LATER = 3


# How many of each a batch takes: a person who comes next waits for all of it.
MOST = {Waits.PERSON: 64, Waits.PIPELINE: 32, Waits.NOBODY: 32, Waits.LATER: 1}


@dataclass(frozen=True, slots=True)
class _Waiting:
    order: Order[Any]
    answer: asyncio.Future[Any]
    lookup: Lookup | None = None


class Writer:
    """A thread that writes; `committed` is called after each commit, in that thread.

    One: several would split what waits into batches of a few, and stand in each other's way.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        committed: Callable[[Written], None],
        observer: Observer = NULL_OBSERVER,
    ) -> None:
        self._engine: Engine = database.write
        self._now = now
        self._committed = committed
        self._observer = observer
        self._orders: dict[Waits, deque[_Waiting]] = {each: deque() for each in Waits}
        self._came = threading.Condition()
        self._stopping = False
        self._away_until = 0.0
        self._asked = 0  # on the event loop alone
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def write(
        self, order: Order[T], lookup: Lookup | None = None, waits: Waits = Waits.PERSON
    ) -> T:
        """What `order` gives, once it is committed; DatabaseUnavailableError where it can't be.

        `lookup` is what it will ask for: the whole batch's is read at once.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._came:
            self._orders[waits].append(_Waiting(order, answer, lookup))
            self._came.notify()
        if waits >= Waits.NOBODY:
            return await answer
        self._asked += 1
        try:
            return await answer
        finally:
            self._asked -= 1

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for what isn't committed yet."""
        return self._asked > 0

    def stop(self) -> None:
        """Write what waits, then end the thread."""
        with self._came:
            self._stopping = True
            self._came.notify()
        self._thread.join()

    def _run(self) -> None:
        alone = False
        while True:
            with self._came:
                self._came.wait_for(lambda: self._stopping or any(self._orders.values()))
                alone = bool(self._orders[Waits.PERSON]) and not alone
                late = self._next([Waits.LATER]) if time.monotonic() < self._away_until else []
                batch = self._next([Waits.PERSON] if alone else list(Waits))
            if late:
                _fail(late, DatabaseUnavailableError("it was away a moment ago"))
            if batch:
                self._write_batch(batch)
            elif self._stopping:
                return

    def _next(self, kinds: list[Waits]) -> list[_Waiting]:
        taken = []
        for kind in kinds:
            waiting = self._orders[kind]
            taken += [waiting.popleft() for _ in range(min(len(waiting), MOST[kind]))]
        return taken

    def _write_batch(self, batch: list[_Waiting]) -> None:
        try:
            answers = self._commit(batch)
        except DatabaseUnavailableError as error:
            self._away_until = time.monotonic() + LATER_SECONDS
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to one of the callers
            if len(batch) == 1 and not isinstance(error, (ConflictError, IntegrityError)):
                _fail(batch, error)
            else:
                for waiting in batch:
                    self._write_alone(waiting)
        else:
            _answer(batch, answers)

    def _write_alone(self, waiting: _Waiting) -> None:
        for attempt in range(1, ALONE_TRIES + 1):
            try:
                answer = self._commit([waiting], locking=True)[0]
            # Another process was first: what is there now may give another answer.
            except ConflictError as error:
                if attempt == ALONE_TRIES:
                    message = f"others were first {ALONE_TRIES} times: {error}"
                    held_up = DatabaseUnavailableError(message)
                    held_up.__cause__ = error
                    _fail([waiting], held_up)
            except IntegrityError as error:
                if attempt == ALONE_TRIES:
                    _fail([waiting], error)
            except Exception as error:  # noqa: BLE001 - handed to the caller
                _fail([waiting], error)
                return
            else:
                _answer([waiting], [answer])
                return

    def _commit(self, batch: list[_Waiting], *, locking: bool = False) -> list[Any]:
        began = time.perf_counter()
        try:
            with self._engine.begin() as connection:
                transaction = Transaction(connection, self._now(), locking)
                lookups = [waiting.lookup for waiting in batch if waiting.lookup]
                transaction.arrivals.expect(lookups)
                if same := {key for each in lookups for key in each.same}:
                    transaction.exceptions.expect(same)
                if named := {each.pull_request for each in lookups if each.pull_request}:
                    transaction.pull_requests.expect(named)
                answers = [waiting.order(transaction) for waiting in batch]
                transaction.flush()
        except AWAY as error:
            if race_lost(error):
                raise ConflictError(str(error.args[0])) from error
            raise DatabaseUnavailableError(str(error.args[0])) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailableError(str(error.args[0])) from error
            raise
        self._observer.committed(len(batch), time.perf_counter() - began)
        self._committed(transaction.written)
        return answers


def _answer(batch: list[_Waiting], answers: list[Any]) -> None:
    _tell(batch, [(answer, None) for answer in answers])


def _fail(batch: list[_Waiting], error: Exception) -> None:
    _tell(batch, [(None, error)] * len(batch))


def _tell(batch: list[_Waiting], outcomes: Sequence[tuple[Any, Exception | None]]) -> None:
    """Let the callers go on; a loop is woken once for all of its own: that is a system call."""
    loops = defaultdict[asyncio.AbstractEventLoop, list[_Settled]](list)
    for waiting, (answer, error) in zip(batch, outcomes, strict=True):
        loops[waiting.answer.get_loop()].append((waiting.answer, answer, error))
    for loop, settled in loops.items():
        with suppress(RuntimeError):  # it has ended, and its callers with it
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: list[_Settled]) -> None:
    for waiting, answer, error in settled:
        if waiting.done():  # whoever asked has gone
            continue
        if error is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(answer)
