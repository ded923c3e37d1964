"""The pipeline's side of the wire: what it sends is really signed, what it is told comes as it is.

Rules
- Signatures carry the demo's time: the bot compares them with its own clock.
- A refusal is an answer like any other; only a bot that is not there is an error.
"""

import hmac
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from bot.app import App
from bot.client import send
from bot.demo.examples import GITHUB, VIOLATIONS, Example

GITHUB_SECRET = "WARROOM_GITHUB_SECRET"  # noqa: S105 - a variable's name
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot said: the status, and the body as JSON or, if it is none, as text."""

    status: int
    body: Any

    @property
    def violation(self) -> str | None:
        """The violation's id, if one was taken."""
        return self.body.get("violation_id") if self.status == HTTPStatus.ACCEPTED else None


class Sending:
    """Sends violations to the bot that `http` has as its base."""

    def __init__(self, http: httpx.AsyncClient, app: App) -> None:
        self._http, self._settings, self._now = http, app.settings, app.engine.now
        named = app.settings.webhook_secrets
        self._secrets = {each.name or VIOLATIONS: each.text for each in named}

    async def send(self, example: Example, body: bytes) -> Answer:
        """Sign `body` as the pipeline of `example` does, and send it to its source.

        httpx.HTTPError where the bot is away.
        """
        if example.source == GITHUB:
            secret = self._settings.named(GITHUB_SECRET).encode()
            signature = hmac.new(secret, body, "sha256").hexdigest()
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": "workflow_run",
                "X-GitHub-Delivery": secrets.token_hex(16),
                "X-Hub-Signature-256": f"sha256={signature}",
            }
        else:
            seconds = int(self._now().timestamp())
            headers = send.signed(self._secrets[example.signer], body, seconds)
        address = f"/webhooks/{example.source}"
        patience = PATIENCE_SECONDS
        answer = await self._http.post(address, content=body, headers=headers, timeout=patience)
        try:
            return Answer(answer.status_code, answer.json())
        except ValueError:
            return Answer(answer.status_code, answer.text)
