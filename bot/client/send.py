"""A violation, really signed, to a running bot."""

import secrets
import time
from typing import Any

from bot.client.call import call
from bot.errors import UsageError
from bot.settings import Settings
from bot.signatures import SignatureError, sign


def post(settings: Settings, url: str | None, body: bytes) -> dict[str, Any]:
    """The bot's answer to a signed violation."""
    if not settings.webhook_secrets:
        raise UsageError("WARROOM_WEBHOOK_SECRET is not set; violations are signed with it")
    try:
        headers = signed(settings.webhook_secrets[0], body)
    except SignatureError as error:
        raise UsageError(f"WARROOM_WEBHOOK_SECRET: {error}") from error
    address = f"{(url or settings.public_url).rstrip('/')}/webhooks/violations"
    return call("POST", address, content=body, headers=headers)


def signed(secret: str, body: bytes, now: int | None = None) -> dict[str, str]:
    """The headers of a violation, signed at `now` (Unix time; this moment unless it is given).

    SignatureError where `secret` is none.
    """
    delivery, at = f"msg_{secrets.token_hex(12)}", int(time.time()) if now is None else now
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret, delivery, at, body),
    }
