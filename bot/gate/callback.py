"""Callbacks: the verdict, posted to where the violation came from, signed as it came.

Rules
- The same `webhook-id` at each attempt: the receiver can tell a repetition.
- No redirect is followed, and what answers 4xx is not asked again.
"""

from collections.abc import Callable
from datetime import datetime

import httpx

from bot.domain.commands import Command
from bot.domain.war_room import WarRoom
from bot.engine.delivery import FinalError, PassingError
from bot.engine.shape import verdict
from bot.storage.outbox import Claimed

TIMEOUT_SECONDS = 10.0
ASK_AGAIN = frozenset({408, 425, 429})

Signer = Callable[[str, str, int, bytes], str]


class Callback:
    """Delivers `callback` effects; `signer` is `intake.signatures.sign`."""

    def __init__(self, secret: str | None, now: Callable[[], datetime], signer: Signer) -> None:
        self._secret = secret
        self._now = now
        self._signer = signer

    async def deliver(self, effect: Claimed, room: WarRoom | None) -> tuple[Command, ...]:
        """Post the verdict on one violation. PassingError, FinalError."""
        wanted = effect.payload["violation"]
        found = [v for v in room.violations if v.id == wanted] if room else []
        if room is None or not found or found[0].report.callback_url is None:
            raise FinalError(f"violation {wanted} has no callback")
        if self._secret is None:
            raise PassingError("WARROOM_WEBHOOK_SECRET is not set, and verdicts are signed with it")
        content = httpx.Request("POST", "https://callback", json=verdict(wanted, room)).content
        await self._post(str(found[0].report.callback_url), f"verdict_{wanted}", content)
        return ()

    async def _post(self, url: str, delivery: str, content: bytes) -> None:
        timestamp = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self._signer(self._secret or "", delivery, timestamp, content),
        }
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                answer = await client.post(url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PassingError(f"callback: {error!r}") from error
        if answer.is_success:
            return
        message = f"callback answered {answer.status_code}"
        if answer.is_client_error and answer.status_code not in ASK_AGAIN:
            raise FinalError(message)
        raise PassingError(message, retry_after=_seconds(answer))


def _seconds(answer: httpx.Response) -> float | None:
    found = answer.headers.get("retry-after", "")
    return float(found) if found.isdecimal() else None
