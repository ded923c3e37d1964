"""Callbacks: the verdict, posted to where the violation came from, signed as it came.

Rules
- The same `webhook-id` at each attempt: the receiver can tell a repetition.
- No redirect is followed, and what answers 4xx is not asked again.
- It goes where `addresses` lets it, and by no proxy that the environment names.
- Of an answer only its status is read: a body could be of any size.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aiohttp import ClientError, ClientResponse, InvalidURL
from yarl import URL

from bot.domain.effect import Effect
from bot.domain.war_room import Verdict, WarRoom
from bot.engine.verdict_json import ANY_WORKSPACE, verdict
from bot.integrations.callback.addresses import Addresses, RefusedError
from bot.integrations.callback.connecting import session_to
from bot.outbox.delivery import Claimed, FinalError, PassingError, Recordings
from bot.storage.store import Store

CALLBACK_KIND = "callback"
TIMEOUT_SECONDS = 10.0
SUCCESS, CLIENT_ERROR = range(200, 300), range(400, 500)
ASK_AGAIN = frozenset({408, 425, 429})
RETRY_AFTER_MOST = timedelta(hours=1)
DIGITS_MOST = 9  # thirty years: whatever follows is cut to the most all the same

Signer = Callable[[str, str, int, bytes], str]


def failure(error: Exception) -> PassingError | FinalError | None:
    """What it means that a callback could not be sent; None for what is about something else."""
    if isinstance(error, RefusedError):
        return FinalError(f"callback: {error}")
    if isinstance(error, InvalidURL):
        return FinalError(f"callback: {error!r}")
    if isinstance(error, ClientError | OSError):  # a TimeoutError is one
        return PassingError(f"callback: {error!r}")
    return None


def callback(violation_id: str, again: str = "") -> Effect:
    """The effect that posts the verdict on one violation.

    `again` is what one that isn't the first is known by: to its receiver it is another message.
    """
    lane, payload = f"{CALLBACK_KIND}:{violation_id}", {"violation": violation_id}
    return Effect(
        kind=CALLBACK_KIND, lane=lane, payload=payload | ({"again": again} if again else {})
    )


class Callback:
    """Delivers callbacks; `signer` is `bot.signatures.sign`, `addresses` are those of now."""

    def __init__(
        self,
        store: Store,
        secret: str | None,
        now: Callable[[], datetime],
        signer: Signer,
        addresses: Callable[[], Addresses],
        workspace: str = ANY_WORKSPACE,
    ) -> None:
        self._store = store
        self._secret = secret
        self._now = now
        self._signer = signer
        self._addresses = addresses
        self._workspace = workspace

    async def deliver(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """Post the verdict on one violation. PassingError, FinalError, what `failure` takes."""
        del room  # a violation's verdict is that of all its answers
        wanted = effect.payload["violation"]
        violation = await asyncio.to_thread(self._store.violation, wanted)
        answers = await asyncio.to_thread(self._store.answers, wanted)
        if violation is None or answers is None or violation.report.callback_url is None:
            raise FinalError(f"violation {wanted} has no callback")
        found = verdict(wanted, answers, self._now(), self._workspace)
        if found["verdict"] == Verdict.PENDING:
            return ()  # another policy's room is open still, and tells when it is decided
        if self._secret is None:
            raise PassingError("WARROOM_WEBHOOK_SECRET is not set, and verdicts are signed with it")
        content = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
        again = effect.payload.get("again")
        delivery = f"verdict_{wanted}_{again}" if again else f"verdict_{wanted}"
        await self._post(str(violation.report.callback_url), delivery, content)
        return ()

    async def of_all(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """A callback for each violation of a room, or under its exception, that asks for one."""
        if effect.stream_id is None:
            raise FinalError(f"effect {effect.id} belongs to no room")
        del room  # an exception has the id of its room
        asking = await asyncio.to_thread(self._store.callbacks_of, effect.stream_id)
        return tuple(callback(each, effect.payload.get("again", "")) for each in asking)

    async def _post(self, url: str, delivery: str, content: bytes) -> None:
        timestamp = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self._signer(self._secret or "", delivery, timestamp, content),
        }
        to = URL(url, encoded=True)  # as it was reported: its receiver may have signed it
        async with asyncio.timeout(TIMEOUT_SECONDS):
            addresses = await self._addresses().of(to)
            if not addresses:
                raise PassingError("callback: the name has no address")
            async with (
                session_to(addresses) as session,
                session.post(to, data=content, headers=headers, allow_redirects=False) as answer,
            ):
                self._require_success(answer)

    def _require_success(self, answer: ClientResponse) -> None:
        """PassingError or FinalError where it is none."""
        if answer.status in SUCCESS:
            return
        message = f"callback answered {answer.status}"
        if answer.status in CLIENT_ERROR and answer.status not in ASK_AGAIN:
            raise FinalError(message)
        raise PassingError(message, retry_after=self._seconds(answer))

    def _seconds(self, answer: ClientResponse) -> float | None:
        """`Retry-After`, in seconds or as a date; None where it says neither, or nothing later."""
        said = answer.headers.get("retry-after", "")
        if said.isascii() and said.isdecimal():
            wait = timedelta(seconds=int(said[:DIGITS_MOST]))
        else:
            try:
                until = parsedate_to_datetime(said)
            except ValueError:
                return None
            wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - self._now()
        seconds = min(wait, RETRY_AFTER_MOST).total_seconds()
        return seconds if seconds > 0 else None
