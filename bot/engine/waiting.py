"""The pipelines that wait at the gate, for those who are asked: who does, and which went on.

Rules
- Somebody waits who has asked within `LATELY`; while they do, that is written each `NOTED_EACH`.
- It decides nothing: the gate's answer doesn't wait for it, and where it can't be written that is
  logged.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.domain import answers
from bot.domain.violation import Violation
from bot.domain.war_room import Verdict, WarRoom
from bot.engine.engine import Engine
from bot.engine.writer import Waits
from bot.storage.gate_questions import waiting
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Transaction

log = structlog.get_logger()

LATELY = timedelta(minutes=2)
NOTED_EACH = timedelta(seconds=20)
KEPT = 10_000
MOST = 10  # pipelines that are named


class Waiting:
    """What this process has noted; others note theirs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted: dict[str, datetime] = {}
        self._writing: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive

    def note(self, violation_id: str) -> None:
        """Somebody waits for the verdict on this violation now: it is written meanwhile."""
        now = self._engine.now()
        last = self._noted.get(violation_id)
        if last is not None and last <= now < last + NOTED_EACH:
            return
        if len(self._noted) >= KEPT:
            self._noted.clear()
        self._noted[violation_id] = now
        writing = asyncio.create_task(self._write(violation_id, now))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    async def _write(self, violation_id: str, at: datetime) -> None:
        def order(transaction: Transaction) -> None:
            # Not the transaction's time: several that are noted in one stay in their order.
            transaction.gate_questions.asked(violation_id, at)

        try:
            await self._engine.write(order, Waits.PIPELINE)
        except DatabaseUnavailableError as error:
            log.warning("gate.not_noted", violation=violation_id, error=str(error))


def pipelines(engine: Engine, room: WarRoom) -> list[tuple[Violation, Verdict]]:
    """The violations whose pipelines wait, or waited when the room was decided; what each is told.

    One more than `MOST` at most, the latest first. DatabaseUnavailableError.
    """
    now = engine.now()
    since = (room.decision.at if room.decision else now) - LATELY
    found = engine.store.ask(partial(waiting, room_id=room.id, since=since, most=MOST + 1))
    told = (engine.store.answers(violation.id) or () for violation in found)
    return [(each, answers.verdict(got, now)) for each, got in zip(found, told, strict=True)]
