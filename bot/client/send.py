"""A violation, really signed, to a running bot.

Rules
- A bot that says when to come again is asked again then, for a while, with the same id: what it did
  store after all, it stores once.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.client.call import call
from bot.errors import UnreachableError, UsageError
from bot.signatures import Secret, SignatureError, sign

PATIENCE_SECONDS = 60.0
SOURCE = "violations"  # what takes them there, and what a secret without a name is called


def post(
    url: str,
    known: Sequence[Secret],
    body: bytes,
    signer: str | None = None,
    *,
    put_off: Callable[[str], None],
) -> dict[str, Any]:
    """What the bot at `url` answers to a violation, signed with the first secret, or by this name.

    `put_off` hears why it is sent again. UsageError where there is no secret, UnreachableError.
    """
    if not known:
        raise UsageError("WARROOM_WEBHOOK_SECRET is not set; violations are signed with it")
    named = {each.name or SOURCE: each for each in reversed(known)}
    if signer and signer not in named:
        names = " or ".join(sorted(named))
        raise UsageError(f"--secret-name: WARROOM_WEBHOOK_SECRET has none of it, need {names}")
    secret = named[signer] if signer else known[0]
    try:
        headers = signed(secret.text, body)
    except SignatureError as error:
        raise UsageError(f"WARROOM_WEBHOOK_SECRET: {error}") from error
    address, until = f"{url.rstrip('/')}/webhooks/{SOURCE}", time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call("POST", address, body=body, headers=headers)
        except UnreachableError as error:
            if not error.after or time.monotonic() + error.after >= until:
                raise
            put_off(f"{error}; again in {error.after:.0f} s")
            time.sleep(error.after)


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
