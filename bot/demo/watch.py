"""What was sent, and what the gate says of it: one long poll a room, as a pipeline would wait.

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

from bot.app import App
from bot.demo.background import Start
from bot.domain.answers import Answered
from bot.domain.channel_names import channel_name
from bot.domain.war_room import Verdict, WarRoom
from bot.engine.verdict_json import stamp, verdict

WAIT_SECONDS = 25
AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = WAIT_SECONDS + 10.0
SHOWN = 100


@dataclass(slots=True)
class Sent:
    """The violations of one room, with the gate's last answer; `violation_id` is the newest."""

    violation_id: str
    room_id: str
    title: str
    policy: str
    room: str
    count: int
    storm: bool
    paged: tuple[str, ...]
    gate: dict[str, Any]

    @property
    def until(self) -> datetime | None:
        """When it has to be decided, or how long an exception holds; None for what is over."""
        ends = {Verdict.PENDING: "expires_at", Verdict.ALLOW: "valid_until"}
        stamp = self.gate[ends[self.gate["verdict"]]] if self.gate["verdict"] in ends else None
        return datetime.fromisoformat(stamp) if stamp else None

    @property
    def was_excepted(self) -> bool:
        """Whether it was allowed until an exception ended."""
        return self.gate["verdict"] == Verdict.BLOCK and self.gate["valid_until"] is not None

    def ended(self, now: datetime) -> bool:
        """Whether an exception is over that still shows as one."""
        allowed = self.gate["verdict"] == Verdict.ALLOW
        return allowed and self.until is not None and self.until <= now


class Watch:
    """The list, a room each, the newest first; `changed` is called when it looks different."""

    def __init__(
        self, http: httpx.AsyncClient, app: App, changed: Callable[[], None], start: Start
    ) -> None:
        token = app.settings.warroom_api_token.get_secret_value()
        self._http, self._headers = http, {"Authorization": f"Bearer {token}"}
        self._store, self._now = app.engine.store, app.engine.now
        self._sources = [source.name for source in app.parts.sources]
        self._changed, self._start = changed, start
        self.sent: list[Sent] = []

    async def restore(self) -> None:
        """Take up what came by a webhook before; what people opened by hand no pipeline sent."""
        rooms: dict[str, Sent] = {}
        for violation, room in await asyncio.to_thread(
            self._store.violations_from, self._sources, SHOWN
        ):
            rooms.setdefault(room.id, _sent(violation.id, room, self._now()))
        self.sent = list(rooms.values())
        for each in self.sent:
            self._start(self._until_decided(each))

    async def add(self, violation_id: str) -> WarRoom | None:
        """Watch the room of one that was taken, unless it is watched already; the room."""
        room = await asyncio.to_thread(self._store.room_of_violation, violation_id)
        if room is None:
            return None
        sent = _sent(violation_id, room, self._now())
        others = [each for each in self.sent if each.room_id != room.id]
        if len(others) < len(self.sent):
            sent = next(each for each in self.sent if each.room_id == room.id)
            _take(sent, room)
        else:
            self._start(self._until_decided(sent))
        self.sent = [sent, *others][:SHOWN]
        self._changed()
        return room

    async def look(self) -> None:
        """Look what became of open rooms, and of exceptions: the gate's long poll is over."""
        for each in self.sent:
            if each.ended(self._now()):
                self._start(self._until_decided(each))
        pending = [each for each in self.sent if each.gate["verdict"] == Verdict.PENDING]
        if not pending:
            return
        rooms = {room.id: room for room in await asyncio.to_thread(self._store.open_rooms)}
        found = [_take(each, rooms[each.room_id]) for each in pending if each.room_id in rooms]
        if any(found):
            self._changed()

    async def _until_decided(self, sent: Sent) -> None:
        wait = 0
        while True:
            try:
                response = await self._http.get(
                    f"/gate/{sent.violation_id}?wait={wait}",
                    headers=self._headers,
                    timeout=PATIENCE_SECONDS,
                )
                response.raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            answer: dict[str, Any] = response.json()
            wait = WAIT_SECONDS
            if answer != sent.gate:
                sent.gate = answer
                self._changed()
            if answer["verdict"] != Verdict.PENDING:
                return


def _sent(violation_id: str, room: WarRoom, now: datetime) -> Sent:
    return Sent(
        violation_id=violation_id,
        room_id=room.id,
        title=room.title,
        policy=room.policy_id,
        room=channel_name(room),
        count=room.count,
        storm=room.is_storm,
        paged=_paged(room),
        gate=verdict(violation_id, (Answered(room.policy_id, room=room),), now),
    )


def _take(sent: Sent, room: WarRoom) -> bool:
    """Bring up to date what changes before the decision, and say whether anything did."""
    before = (sent.title, sent.count, sent.paged, sent.gate["expires_at"])
    sent.title, sent.count, sent.paged = room.title, room.count, _paged(room)
    sent.gate = {**sent.gate, "expires_at": stamp(room.expires_at)}
    return before != (sent.title, sent.count, sent.paged, sent.gate["expires_at"])


def _paged(room: WarRoom) -> tuple[str, ...]:
    everybody = map(room.person, dict.fromkeys((*room.on_duty, *room.pages)))
    return tuple(person.slack or person.name for person in everybody)
