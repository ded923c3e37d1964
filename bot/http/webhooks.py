"""From a request to an answer: take it apart, report it, say what became of it.

Rules
- The answer comes after the commit.
- With the database away it is 503 with `Retry-After`: nothing was stored, send it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from bot.engine.engine import Engine, Receipt
from bot.engine.verdict_json import room_url, stamp
from bot.integrations.request_error import RequestError
from bot.integrations.source import Ignored, Message, Source, Surroundings
from bot.policies.load import Config
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

RETRY_AFTER_SECONDS = "5"


@dataclass(frozen=True, slots=True)
class Intake:
    """What receiving needs."""

    engine: Engine
    config: Config
    secrets: tuple[str, ...] = field(repr=False)
    github_secret: str = field(repr=False)
    public_url: str
    callback_refusal: Callable[[str], str | None]

    async def receive(self, name: str, source: Source, message: Message) -> dict[str, Any]:
        """The body of a 202. RequestError for every other answer."""
        now = self.engine.now()
        found = source(message, self._around(now))
        if isinstance(found, Ignored):
            return {"status": "ignored", "reason": found.reason}
        report, initiator = self.config.people.attributed(found.report)
        try:
            receipt = await self.engine.report(report, initiator, name, found.delivery)
        except DatabaseUnavailableError as error:
            raise away() from error
        log.info(
            "violation.reported",
            source=name,
            violation=receipt.violation_id,
            room=receipt.room.id,
            duplicate=receipt.duplicate,
        )
        return self._answer(receipt)

    def _around(self, now: datetime) -> Surroundings:
        return Surroundings(
            self.config, self.secrets, self.github_secret, self.callback_refusal, now
        )

    def _answer(self, receipt: Receipt) -> dict[str, Any]:
        room = receipt.room
        return {
            "violation_id": receipt.violation_id,
            "room_id": room.id,
            "status": room.state,
            "duplicate": receipt.duplicate,
            "expires_at": stamp(room.expires_at),
            "verdict": room.verdict,
            "links": {
                "gate": f"{self.public_url}/gate/{receipt.violation_id}",
                "room": room_url(room.channel),
            },
        }


def away() -> RequestError:
    """503: nothing was stored."""
    return RequestError(
        503,
        "unavailable",
        "the database is not available; nothing was stored, send it again",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


def failed() -> RequestError:
    """503 for what we did not expect: it is in our log, and may work when it is sent again."""
    message = "something failed here that is none of the sender's doing; send it again"
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    return RequestError(503, "failed", message, headers=headers)
