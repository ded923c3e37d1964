"""What was sent, and what the gate says of it: one long poll a room, as a pipeline would wait.

Rules
- What nobody is asked about has no room: it is listed for itself.
- A verdict that is final is not asked for again, until an exception has ended in between.
- A bot that doesn't answer for a while is asked again: a hiccup is no verdict.
- What a check reported to the gate is listed too.
- The list is the bot's own record, so that a demo which goes on shows what was sent before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from bot.app import App
from bot.demo.background import Start
from bot.domain.answers import gravest_room
from bot.domain.channel_names import channel_name
from bot.domain.violation import Violation
from bot.domain.war_room import Verdict, WarRoom
from bot.engine.verdict_json import stamp, verdict
from bot.integrations.standard.gate import SOURCE as GATE
from bot.storage import exceptions

WAIT_SECONDS = 25
AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = WAIT_SECONDS + 10.0
SHOWN = 100
NEWEST = 10


@dataclass(slots=True)
class Sent:
    """The violations of one room, or one that has none, with the gate's last answer.

    `id` is the room's, or else the violation's; `violation_id` is the one that the gate is asked
    about. `room` is what its channel is called: the one that allowed what is waived, and nothing
    for what a rule or a band cleared.
    """

    id: str
    violation_id: str
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

    @property
    def exception_id(self) -> str | None:
        """The exception that allows it; None for what is not allowed until some end."""
        if self.gate["verdict"] != Verdict.ALLOW or not self.until:
            return None
        waived = self.gate.get("exception")
        return waived["id"] if waived else self.id


class Watch:
    """The list, a room each, the newest first; `changed` is called when it looks different."""

    def __init__(
        self, http: httpx.AsyncClient, app: App, changed: Callable[[], None], start: Start
    ) -> None:
        token = app.settings.warroom_api_token.get_secret_value()
        self._http, self._headers = http, {"Authorization": f"Bearer {token}"}
        self._store, self._now = app.engine.store, app.engine.now
        self._workspace = app.engine.workspace
        self._sources = [*(source.name for source in app.parts.sources), GATE.name]
        self._changed, self._start = changed, start
        self.sent: list[Sent] = []

    async def restore(self) -> None:
        """Take up what came by a webhook before; what people opened by hand no pipeline sent."""
        sent: dict[str, Sent] = {}
        for violation in await asyncio.to_thread(self._store.violations_from, self._sources, SHOWN):
            each, _ = await asyncio.to_thread(self._read, violation)
            sent.setdefault(each.id, each)
        self.sent = list(sent.values())
        for each in self.sent:
            self._start(self._until_decided(each))

    async def add(self, violation_id: str) -> WarRoom | None:
        """Watch one that was taken, unless its room is watched already; the room, if it has one."""
        violation = await asyncio.to_thread(self._store.violation, violation_id)
        if violation is None:
            return None
        sent, room = await asyncio.to_thread(self._read, violation)
        others = [each for each in self.sent if each.id != sent.id]
        watched = next((each for each in self.sent if each.id == sent.id), None)
        if watched is None:
            self._start(self._until_decided(sent))
        elif room:
            _take(watched, room)
        self.sent = [watched or sent, *others][:SHOWN]
        self._changed()
        return room

    async def look(self) -> None:
        """Look what was reported to the gate, and what became of open rooms and of exceptions."""
        await self._take_up()
        if excepted := [each for each in self.sent if each.exception_id]:
            question = partial(exceptions.active, now=self._now())
            active = {each.id for each in await asyncio.to_thread(self._store.ask, question)}
            for each in excepted:
                if each.exception_id not in active:
                    self._start(self._until_decided(each))
        pending = [each for each in self.sent if each.gate["verdict"] == Verdict.PENDING]
        if not pending:
            return
        rooms = {room.id: room for room in await asyncio.to_thread(self._store.open_rooms)}
        found = [_take(each, rooms[each.id]) for each in pending if each.id in rooms]
        if any(found):
            self._changed()

    async def _take_up(self) -> None:
        """Watch what came by the gate, and not by the panel."""
        watched = {each.id for each in self.sent}
        came = await asyncio.to_thread(self._store.violations_from, [GATE.name], NEWEST)
        for violation in reversed(came):
            sent, _ = await asyncio.to_thread(self._read, violation)
            if sent.id not in watched:
                await self.add(violation.id)

    def _read(self, violation: Violation) -> tuple[Sent, WarRoom | None]:
        """What a violation got, and the room that it is in."""
        answers = self._store.answers(violation.id) or ()
        gate = verdict(violation.id, answers, self._now(), self._workspace)
        room = gravest_room(answers)
        if room:
            return _in_room(violation.id, room, gate), room
        waived = gate.get("exception")
        allowing = self._store.room(waived["id"]) if waived else None
        sent = Sent(
            id=violation.id,
            violation_id=violation.id,
            title=violation.report.title,
            policy=gate["policy"],
            room=channel_name(allowing) if allowing else "",
            count=1,
            storm=False,
            paged=(),
            gate=gate,
        )
        return sent, None

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


def _in_room(violation_id: str, room: WarRoom, gate: dict[str, Any]) -> Sent:
    return Sent(
        id=room.id,
        violation_id=violation_id,
        title=room.title,
        policy=room.policy_id,
        room=channel_name(room),
        count=room.count,
        storm=room.is_storm,
        paged=_paged(room),
        gate=gate,
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
