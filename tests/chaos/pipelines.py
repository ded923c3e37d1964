"""The pipelines: they report violations, and ask the gate for the verdict until the run ends.

Rules
- As a real sender: on a connection error, a time-out or a 5xx the same delivery is sent again, to
  any replica, until it is answered. Some are sent twice at the same moment on purpose.
- What was answered is kept: an accepted violation has to be in the database, and a verdict that
  was given once must never be another.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from tests.chaos.plan import Send
from tests.chaos.replicas import until
from tests.chaos.world import email
from tests.staging.environment import TOKEN
from tests.staging.pipeline import signed

ACCEPTED, OK, SERVER_ERROR = 202, 200, 500
PATIENCE = aiohttp.ClientTimeout(total=10)
ASK_EVERY = 8.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a violation, and when it came (by the loop's clock)."""

    violation_id: str
    room_id: str
    at: float


@dataclass
class Pipelines:
    """All senders, and what they know."""

    any_url: Callable[[], str]
    seed: int
    accepted: dict[str, asyncio.Future[Accepted]] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    tries: int = 0
    asked: int = 0

    @property
    def known(self) -> list[Accepted]:
        """What was accepted so far."""
        return [answer.result() for answer in self.accepted.values() if answer.done()]

    async def send_all(self, sends: tuple[Send, ...]) -> None:
        """Return when each is accepted."""
        loop = asyncio.get_running_loop()
        self.accepted.update((send.delivery, loop.create_future()) for send in sends)
        began = loop.time()
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, asyncio.TaskGroup() as tasks:
            for send in sends:
                for _ in range(2 if send.twice else 1):
                    tasks.create_task(self._send(session, send, began))

    async def ask_on(self) -> None:
        """Ask for each verdict again and again, any replica, until cancelled."""
        order = random.Random(f"{self.seed}/gate")
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            while True:
                round_began, known = time.monotonic(), self.known
                order.shuffle(known)
                for answer in known:
                    await self.ask(session, self.any_url(), answer.violation_id)
                    left = ASK_EVERY - (time.monotonic() - round_began)
                    await asyncio.sleep(max(0.0, min(left, ASK_EVERY / len(known))))
                await asyncio.sleep(0.2)

    async def ask_all(self, urls: list[str]) -> None:
        """Ask every replica for each verdict once more."""
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            for url in urls:
                for answer in self.known:
                    await self.ask(session, url, answer.violation_id)

    async def ask(self, session: aiohttp.ClientSession, url: str, violation_id: str) -> None:
        """Ask once; who is not there is asked another time."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            async with session.get(f"{url}/gate/{violation_id}", headers=headers) as answer:
                if answer.status != OK:
                    if answer.status < SERVER_ERROR:
                        self.changed.append(f"{violation_id}: gate answered {answer.status}")
                    return
                verdict = str((await answer.json())["verdict"])
        except (aiohttp.ClientError, TimeoutError):
            return
        self.asked += 1
        before = self.verdicts.get(violation_id, "pending")
        if before not in ("pending", verdict):
            self.changed.append(f"{violation_id}: {before}, then {verdict}")
        self.verdicts[violation_id] = verdict

    async def _send(self, session: aiohttp.ClientSession, send: Send, began: float) -> None:
        await until(began + send.at)
        wait = 0.3
        while not await self._once(session, send):
            await asyncio.sleep(wait)
            wait = min(2 * wait, 3.0)

    async def _once(self, session: aiohttp.ClientSession, send: Send) -> bool:
        body = _body(send)
        url = f"{self.any_url()}/webhooks/violations"
        headers = signed(body, send.delivery, time.time())
        self.tries += 1
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                if answer.status >= SERVER_ERROR:
                    return False
                if answer.status != ACCEPTED:
                    self.refused.append(f"{send.delivery}: {answer.status} {await answer.text()}")
                    return True
                self._note(send, await answer.json())
                return True
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _note(self, send: Send, answer: dict[str, str]) -> None:
        now = asyncio.get_running_loop().time()
        accepted = Accepted(answer["violation_id"], answer["room_id"], now)
        future = self.accepted[send.delivery]
        if not future.done():
            future.set_result(accepted)
            return
        first = future.result()
        if (first.violation_id, first.room_id) != (accepted.violation_id, accepted.room_id):
            self.contradictions.append(f"{send.delivery}: {first}, then {accepted}")


def _body(send: Send) -> bytes:
    report = {
        "policy": send.rule.id,
        "title": f"{send.key} broke {send.rule.id}",
        "initiator": {"email": email(send.initiator)},
        "subject": {"kind": "model", "name": send.key},
        "dedup_key": send.key,
    }
    return json.dumps(report).encode()
