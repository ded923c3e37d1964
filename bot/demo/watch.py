"""What was sent, and what the gate says of it: one long poll each, as a pipeline would wait.

Rules
- A verdict that is final is not asked for again, until an exception has ended in between.
- A bot that doesn't answer for a while is asked again: a hiccup is no verdict.
- The list is the bot's own record, so that a demo which goes on shows what was sent before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import select

from bot.app import App
from bot.demo.background import Start
from bot.domain.war_room import Verdict, WarRoom, channel_name
from bot.engine.shape import verdict
from bot.intake.sources import SOURCES
from bot.storage import tables as t
from bot.storage.store import Store

WAIT_SECONDS = 25
AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = WAIT_SECONDS + 10.0
SHOWN = 100


@dataclass(slots=True)
class Sent:
    """One violation, with the gate's last answer."""

    violation_id: str
    title: str
    policy: str
    room: str
    gate: dict[str, Any]

    @property
    def until(self) -> datetime | None:
        """When it has to be decided, or how long an exception holds; None for what is over."""
        pending = self.gate["verdict"] == Verdict.PENDING
        stamp = self.gate["expires_at"] if pending else self.gate["valid_until"]
        return datetime.fromisoformat(stamp) if stamp else None

    def ended(self, now: datetime) -> bool:
        """Whether an exception is over that still shows as one."""
        allowed = self.gate["verdict"] == Verdict.ALLOW
        return allowed and self.until is not None and self.until <= now


class Watch:
    """The list, the newest first; `changed` is called when it looks different."""

    def __init__(
        self, http: httpx.AsyncClient, app: App, changed: Callable[[], None], start: Start
    ) -> None:
        token = app.settings.warroom_api_token.get_secret_value()
        self._http, self._headers = http, {"Authorization": f"Bearer {token}"}
        self._store, self._now = app.engine.store, app.engine.now
        self._changed, self._start = changed, start
        self.sent: list[Sent] = []

    async def restore(self) -> None:
        """Take up what the bot knows of from before."""
        self.sent = await asyncio.to_thread(_all, self._store, self._now())
        for each in self.sent:
            self._start(self._until_decided(each))

    async def add(self, violation_id: str) -> None:
        """Watch one that was taken, unless it is watched already."""
        room = await asyncio.to_thread(self._store.room_of_violation, violation_id)
        if room is None or any(each.violation_id == violation_id for each in self.sent):
            return
        sent = _sent(violation_id, room, self._now())
        self.sent = [sent, *self.sent][:SHOWN]
        self._changed()
        self._start(self._until_decided(sent))

    def look_again(self) -> None:
        """Ask anew for exceptions whose time is over."""
        for each in self.sent:
            if each.ended(self._now()):
                self._start(self._until_decided(each))

    async def _until_decided(self, sent: Sent) -> None:
        wait = 0
        while True:
            try:
                answer = await self._ask(sent.violation_id, wait)
            except httpx.HTTPError:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            wait = WAIT_SECONDS
            if answer != sent.gate:
                sent.gate = answer
                self._changed()
            if answer["verdict"] != Verdict.PENDING:
                return

    async def _ask(self, violation_id: str, wait: int) -> dict[str, Any]:
        address = f"/gate/{violation_id}?wait={wait}"
        answer = await self._http.get(address, headers=self._headers, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return dict(answer.json())


def _all(store: Store, now: datetime) -> list[Sent]:
    """What came by a webhook; what people opened by hand was not sent by a pipeline."""
    v = t.violations.c
    question = (
        select(v.id, t.rooms.c.document)
        .join(t.rooms, v.room_id == t.rooms.c.id)
        .where(v.source.in_(SOURCES))
        .order_by(v.received_at.desc())
        .limit(SHOWN)
    )
    rows = store.ask(lambda connection: connection.execute(question).all())
    return [_sent(row.id, WarRoom.model_validate_json(row.document), now) for row in rows]


def _sent(violation_id: str, room: WarRoom, now: datetime) -> Sent:
    report = next(v.report for v in room.violations if v.id == violation_id)
    return Sent(
        violation_id=violation_id,
        title=report.title,
        policy=room.policy_id,
        room=channel_name(room.policy_id, room.id),
        gate=verdict(violation_id, room, now),
    )
