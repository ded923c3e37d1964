"""The outbox at work: claim what is due, deliver it, record what came of it.

Rules
- At least once: an effect leaves the table in the transaction that records its delivery.
- In order within a lane, in parallel between lanes, the most urgent first.
- A passing failure is tried again with exponential back-off, or when the other side says so;
  a final one is parked and never stands in the way of its lane.
- One effect's failure never stops another's.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from bot.domain.commands import Command
from bot.domain.effects import EffectKind
from bot.domain.war_room import SYSTEM, WarRoom
from bot.engine.delivery import Deliverer, FinalError, PassingError
from bot.engine.engine import Engine
from bot.engine.writer import Order
from bot.storage import outbox
from bot.storage.outbox import Claimed
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Transaction

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
TIMEOUT_SECONDS = 40.0  # shorter than the lease, so that nobody else has it meanwhile
AT_ONCE = 32
LOOK_EVERY = timedelta(seconds=1)
BACKOFF_MOST = 300.0
RETRY_AFTER_MOST = 3600.0  # whatever the other side asks for
GIVE_UP = timedelta(days=7)


class Outbox:
    """Delivers effects until it is cancelled."""

    def __init__(self, engine: Engine, deliverers: Mapping[EffectKind, Deliverer]) -> None:
        self._engine = engine
        self._deliverers = deliverers
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver whatever is due, whenever there is something."""
        try:
            while True:
                try:
                    await self.sweep()
                    ahead = await self._until_next()
                except DatabaseUnavailableError as error:
                    log.warning("outbox.database_away", error=str(error))
                    ahead = LOOK_EVERY
                await self._wait(ahead)
        finally:
            under_way = list(self._running.values())
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def sweep(self) -> int:
        """Start the delivery of what is due, and say how much it was."""
        free = AT_ONCE - len(self._running)
        now = self._engine.now()
        if not free or not await asyncio.to_thread(self._engine.store.any_effect_due, now):
            return 0
        claimed = await self._engine.write(
            lambda transaction: outbox.claim(transaction.connection, transaction.now, LEASE, free)
        )
        # A clock that is set ahead ends leases of deliveries that are still under way here.
        new = [effect for effect in claimed if effect.id not in self._running]
        for effect in new:
            task = asyncio.create_task(self._deliver(effect))
            self._running[effect.id] = task
            task.add_done_callback(partial(self._finished, effect.id))
        return len(new)

    async def _deliver(self, effect: Claimed) -> None:
        bound = log.bind(effect=effect.id, kind=effect.kind, room=effect.room_id)
        try:
            commands = await self._attempt(effect)
            await self._engine.write(lambda transaction: self._done(transaction, effect, commands))
        except DatabaseUnavailableError as error:
            # The lease ends by itself, and the next attempt looks up what this one did.
            bound.warning("effect.not_recorded", error=str(error))
        except FinalError as error:
            bound.error("effect.parked", error=str(error))
            await self._park(effect, error)
        except PassingError as error:
            bound.warning("effect.put_off", error=str(error), attempts=effect.attempts)
            await self._put_off(effect, error)
        except Exception as error:  # noqa: BLE001 - logged, and put off like any failure
            bound.exception("effect.failed")
            await self._put_off(effect, PassingError(repr(error), uncertain=True))
        else:
            bound.info("effect.delivered", attempts=effect.attempts)

    async def _attempt(self, effect: Claimed) -> tuple[Command, ...]:
        room: WarRoom | None = None
        if effect.room_id:
            room = await asyncio.to_thread(self._engine.store.room, effect.room_id)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._deliverers[effect.kind](effect, room)
        except TimeoutError as error:
            message = f"no answer within {TIMEOUT_SECONDS:.0f} s"
            raise PassingError(message, uncertain=True) from error

    def _done(
        self, transaction: Transaction, effect: Claimed, commands: tuple[Command, ...]
    ) -> None:
        outbox.delivered(transaction.connection, effect.id)
        for command in commands:
            if effect.room_id:
                self._engine.apply(transaction, effect.room_id, command, SYSTEM)

    async def _park(self, effect: Claimed, error: FinalError) -> None:
        def order(transaction: Transaction) -> None:
            self._done(transaction, effect, error.commands)

        def park(transaction: Transaction) -> None:
            outbox.park(transaction.connection, effect.id, str(error))

        # What the room now knows of is settled by that; the rest waits for an operator.
        await self._record(effect, order if error.commands else park)

    async def _put_off(self, effect: Claimed, error: PassingError) -> None:
        if self._engine.now() - effect.created_at > GIVE_UP:
            await self._park(effect, FinalError(str(error)))
            return
        seconds = min(error.retry_after or _backoff(effect.attempts), RETRY_AFTER_MOST)
        wait = timedelta(seconds=seconds)

        def order(transaction: Transaction) -> None:
            until = transaction.now + wait
            text, uncertain = str(error), error.uncertain
            outbox.put_off(transaction.connection, effect.id, until, text, uncertain=uncertain)

        await self._record(effect, order)

    async def _record(self, effect: Claimed, order: Order[None]) -> None:
        try:
            await self._engine.write(order)
        except DatabaseUnavailableError as error:
            log.warning("effect.not_recorded", effect=effect.id, error=str(error))

    def _finished(self, effect_id: int, task: asyncio.Task[None]) -> None:
        self._running.pop(effect_id, None)
        self._engine.notices.outbox.set()
        if not task.cancelled() and task.exception():
            log.error("effect.task_failed", error=repr(task.exception()))

    async def _until_next(self) -> timedelta:
        now = self._engine.now()
        due = await asyncio.to_thread(self._engine.store.next_effect, now)
        return min(due - now, LOOK_EVERY) if due else LOOK_EVERY

    async def _wait(self, ahead: timedelta) -> None:
        wake = self._engine.notices.outbox
        # Not wait_for: before Python 3.12 it loses a cancellation that comes with the wake-up.
        with suppress(TimeoutError):
            async with asyncio.timeout(max(ahead.total_seconds(), 0.001)):
                await wake.wait()
        wake.clear()


def _backoff(attempts: int) -> float:
    """Seconds: 1, 2, 4 … 300, spread so that retries don't march in step."""
    return min(BACKOFF_MOST, 2.0 ** (attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
