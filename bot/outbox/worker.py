"""The outbox at work: claim what is due, deliver it, record what came of it.

Rules
- At least once: an effect leaves the table in the transaction that records its delivery.
- In order within a lane, in parallel between lanes, the most urgent first; every `FAIR`th claim
  serves who has waited longest, so that nothing is put off for ever.
- A passing failure is tried again with exponential back-off, or when the other side says so;
  a final one, and one that makes no sense any more, is parked and never stands in its lane's way.
  Being told to wait is no failure: nothing is given up over a limit, nor does that time count.
  What a room records of a refusal is settled by that, and logged as refused: parked is what is
  listed.
- Each destination has places of its own: a slow receiver of callbacks holds up no page.
- One effect's failure never stops another's.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection
from structlog.contextvars import bind_contextvars

from bot.domain.effect import Effect
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM
from bot.domain.reported import RecordPage
from bot.engine.engine import Engine
from bot.engine.writer import Order
from bot.outbox import budgets, claim, lateness
from bot.outbox.budgets import Buckets
from bot.outbox.clock_jumps import ClockJumps
from bot.outbox.delivery import (
    LEASE_ENDS,
    LEFT_SECONDS,
    Claimed,
    FinalError,
    PassingError,
    Recording,
    Recordings,
)
from bot.outbox.kinds import Kinds
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Transaction

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
TIMEOUT_SECONDS = 20.0  # shorter than the lease, so that nobody else has it meanwhile
GATHER_SECONDS = 0.02
BEGUN_AT_ONCE = 4
# Of each destination, begun within the last second while requests come in: all share one
# interpreter.
BESIDE, HANGS_SECONDS = 8, 1.0
FAIR = 4
LOOK_EVERY = timedelta(seconds=1)
TIDY_EVERY_SECONDS = 600.0
BACKOFF_MOST = 300.0
RETRY_AFTER_MOST = 3600.0  # whatever the other side asks for


class Outbox:
    """Delivers effects until it is cancelled.

    `through`: what each destination's effects are delivered through, by its name. `steady` gives
    the seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        engine: Engine,
        kinds: Kinds,
        through: Mapping[str, object],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._kinds = kinds
        self._through = through
        self._busy = max(destination.places for destination in kinds.destinations.values()) // 2
        self._jumps = ClockJumps(engine.now, steady)
        self._running: dict[int, tuple[str, asyncio.Task[None], float]] = {}
        self._claims = 0
        self._look_at: datetime | None = None
        self._tidy_at = time.monotonic() + TIDY_EVERY_SECONDS

    async def run(self) -> None:
        """Deliver whatever is due, whenever there is something."""
        try:
            while True:
                try:
                    while await self.sweep():
                        pass
                    if time.monotonic() >= self._tidy_at:
                        self._tidy_at = time.monotonic() + TIDY_EVERY_SECONDS
                        await self._engine.write(
                            lambda step: budgets.forget(step.connection, step.now)
                        )
                except DatabaseUnavailableError as error:
                    log.warning("claim.database_away", error=str(error))
                    self._look_at = None
                await self._wait()
        finally:
            under_way = [task for _, task, _ in self._running.values()]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def sweep(self) -> int:
        """Start the delivery of what is due, and say how much it was."""
        step = self._jumps.step()
        if step:
            log.error("clock.stepped", seconds=step.total_seconds())
            if step < timedelta(0):
                await self._engine.write(
                    lambda transaction: claim.shift(transaction.connection, transaction.now, -step)
                )
            self._jumps.handled(step)
        store, now = self._engine.store, self._engine.now()
        waiting = await asyncio.to_thread(
            store.ask, lambda connection: claim.waiting(connection, now, self._kinds)
        )
        self._look_at = waiting.next_at
        fair = self._claims % FAIR == FAIR - 1
        first = waiting.since
        in_turn = sorted(first, key=first.__getitem__) if fair else list(first)
        started = 0
        for name, destination in self._kinds.destinations.items():
            since = [at for where, _, at in self._running.values() if where == name]
            free = destination.places - len(since)
            if self._engine.is_asked:  # what hangs takes no turn of the interpreter
                young = time.monotonic() - HANGS_SECONDS
                free = min(free, BESIDE - sum(at > young for at in since))
            due = [kind for kind in in_turn if self._kinds[kind].destination.name == name]
            if free > 0 and due:
                started += await self._claim(due, free, fair=fair)
        self._claims += bool(started)
        return started

    async def _claim(self, names: list[str], free: int, *, fair: bool) -> int:
        retry_unconfirmed = self._jumps.leases_trustworthy(LEASE)
        claimed_at = time.monotonic()

        def order(transaction: Transaction) -> tuple[Claimed, ...]:
            transaction.forget_delivered()
            claimed = claim.claim(
                transaction.connection,
                transaction.now,
                LEASE,
                free,
                self._kinds,
                names,
                oldest_first=fair,
                retry_unconfirmed=retry_unconfirmed,
            )
            return tuple(claim.with_rooms(transaction, claimed))

        claimed = await self._engine.write(order)
        # Leases of deliveries that are still under way here may have ended.
        new = [effect for effect in claimed if effect.id not in self._running]
        for number, effect in enumerate(new, start=1):
            task = asyncio.create_task(self._deliver(effect, claimed_at))
            name = self._kinds[effect.kind].destination.name
            self._running[effect.id] = (name, task, claimed_at)
            task.add_done_callback(partial(self._finished, effect.id))
            if number % BEGUN_AT_ONCE == 0:
                await asyncio.sleep(0)  # whoever clicks waits for a few messages to be made
        return len(new)

    async def _deliver(self, effect: Claimed, claimed_at: float) -> None:
        LEASE_ENDS.set(claimed_at + LEASE.total_seconds())
        # In the context too: whatever delivers it logs under the same names.
        bind_contextvars(effect=effect.id, kind=effect.kind, room=effect.room_id)
        bound = log.bind(effect=effect.id, kind=effect.kind, room=effect.room_id)
        try:
            recordings = await self._attempt(effect)
            at = self._engine.now()
            await self._engine.write(
                lambda transaction: self._done(transaction, effect, recordings)
            )
        except DatabaseUnavailableError as error:
            # The lease ends by itself, and the next attempt looks up what this one did.
            bound.warning("effect.not_recorded", error=str(error))
        except FinalError as error:
            await self._park(effect, error)
        except PassingError as error:
            bound.warning("effect.put_off", error=str(error), attempts=effect.attempts)
            await self._put_off(effect, error)
        except Exception as error:  # noqa: BLE001 - logged, and put off like any failure
            bound.exception("effect.failed")
            await self._put_off(effect, PassingError(repr(error), uncertain=True))
        else:
            bound.info("effect.delivered", attempts=effect.attempts)
            await self._observe_pages(effect, recordings, at)

    async def _observe_pages(self, effect: Claimed, recordings: Recordings, at: datetime) -> None:
        rooms = [
            recording.stream.id
            for recording in recordings
            if isinstance(recording, Recording) and isinstance(recording.command, RecordPage)
        ]
        if not rooms:
            return
        if effect.room and effect.room.opened_at == effect.created_at:
            self._engine.observer.paged((at - effect.created_at).total_seconds())
            return  # called for by the opening, as nearly all are

        def question(connection: Connection) -> list[datetime | None]:
            return [lateness.called_at(connection, room, effect.created_at) for room in rooms]

        with suppress(DatabaseUnavailableError):
            for called in await asyncio.to_thread(self._engine.store.ask, question):
                self._engine.observer.paged((at - (called or effect.created_at)).total_seconds())

    async def _attempt(self, effect: Claimed) -> Recordings:
        kind = self._kinds[effect.kind]
        through = self._through[kind.destination.name]
        if effect.unreadable:
            raise PassingError(f"war room {effect.room_id} can't be read: {effect.unreadable}")
        room = effect.room
        if room and not room.state.is_known:
            # It takes no command here, so that what came of the delivery would be lost.
            message = f"war room {room.id} is {room.state}, a state of a newer version"
            raise PassingError(message, retry_after=LEFT_SECONDS)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                try:
                    return await kind.deliver(through, effect, room)
                except Exception as error:
                    if failure := kind.destination.failure(error):
                        raise failure from error
                    raise
        except TimeoutError as error:
            message = f"no answer within {TIMEOUT_SECONDS:.0f} s"
            raise PassingError(message, uncertain=True) from error

    def _done(self, transaction: Transaction, effect: Claimed, recordings: Recordings) -> None:
        transaction.delivered(effect.id)
        for recording in recordings:
            if isinstance(recording, Effect):
                self._engine.add_effect(transaction, effect.stream, recording)
            elif recording.stream.kind == WAR_ROOM.kind:
                self._engine.apply(transaction, recording.stream.id, recording.command, BY_SYSTEM)
            else:
                self._engine.streams.apply_to(transaction, *recording, BY_SYSTEM)

    async def _park(self, effect: Claimed, error: FinalError, *, uncertain: bool = False) -> None:
        uncertain = uncertain or effect.uncertain
        bound = log.bind(effect=effect.id, kind=effect.kind, room=effect.room_id)

        def order(transaction: Transaction) -> None:
            self._done(transaction, effect, error.recordings)

        def park(transaction: Transaction) -> None:
            claim.park(transaction.connection, effect, str(error), uncertain=uncertain)

        # What the room now knows of is settled by that; the rest waits for an operator.
        if error.recordings:
            if await self._record(effect, order):
                bound.warning("effect.refused", error=str(error))
        elif await self._record(effect, park):
            bound.error("effect.parked", error=str(error))

    async def _put_off(self, effect: Claimed, error: PassingError) -> None:
        longest = self._kinds[effect.kind].give_up_after
        tried = self._engine.now() - effect.tried_since
        if longest and tried > longest and not error.limited:
            await self._park(effect, FinalError(str(error)), uncertain=error.uncertain)
            return
        # 1, 2, 4 … 300 seconds, spread so that retries don't march in step.
        longest_wait = min(BACKOFF_MOST, 2.0 ** (effect.attempts - 1))
        backoff = longest_wait * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        wait = timedelta(seconds=min(error.retry_after or backoff, RETRY_AFTER_MOST))

        def order(transaction: Transaction) -> None:
            until = transaction.now + wait
            text, uncertain = str(error), error.uncertain or effect.uncertain
            claim.put_off(transaction.connection, effect, until, text, uncertain=uncertain)
            if error.limited:
                claim.try_from(transaction.connection, effect, until)
                buckets = Buckets(transaction.connection, self._kinds.budget, transaction.now)
                buckets.refused(error.limited, wait)
                buckets.write()

        await self._record(effect, order)

    async def _record(self, effect: Claimed, order: Order[None]) -> bool:
        try:
            await self._engine.write(order)
        except DatabaseUnavailableError as error:
            bound = log.bind(effect=effect.id, room=effect.room_id)
            bound.warning("effect.not_recorded", error=str(error))
            return False
        return True

    def _finished(self, effect_id: int, task: asyncio.Task[None]) -> None:
        self._running.pop(effect_id, None)
        self._engine.wakeups.outbox.set()
        if not task.cancelled() and task.exception():
            log.error("effect.task_failed", effect=effect_id, error=repr(task.exception()))

    async def _wait(self) -> None:
        ahead = LOOK_EVERY
        if self._look_at:
            ahead = min(ahead, self._look_at - self._engine.now())
        wake = self._engine.wakeups.outbox
        # Not wait_for: before Python 3.12 it loses a cancellation that comes with the wake-up.
        with suppress(TimeoutError):
            async with asyncio.timeout(max(ahead.total_seconds(), 0.001)):
                await wake.wait()
        if len(self._running) > (BESIDE // 2 if self._engine.is_asked else self._busy):
            # Else a claim for each place that is free would be all it does.
            await asyncio.sleep(GATHER_SECONDS)
        wake.clear()
