"""A pipeline's side of it: a violation, and the headers with which it is sent."""

import hmac
import json
import zlib
from typing import Any

from bot.signatures import sign
from tests.staging.environment import GITHUB_SECRET, SECRET

POLICY = "pii-fine-tuning"


def body(**fields: Any) -> bytes:  # noqa: ANN401 - a body's fields
    """A violation of the example configuration, as it is sent.

    One with a deduplication key is of a commit and a pull request of its own: what was decided on
    another holds for that one alone, and a new commit would end its room.
    """
    key = fields.get("dedup_key")
    number = zlib.crc32(key.encode()) if key else 0
    report = {
        "policy": POLICY,
        "title": "ranker fine-tuned on customers_eu",
        "initiator": {"email": "ada@acme.test"},
        "subject": {"kind": "model", "name": "ranker", "version": "7"},
        "origin": {
            "system": "github-actions",
            "repository": "acme/ranker",
            "commit": f"{number:016x}" if key else "8c1f2a7d94e06b33",
            "run_url": "https://github.com/acme/ranker/actions/runs/1",
            "pull_request": number or 42,
        },
        "facts": {"dataset": {"name": "customers_eu", "classification": "pii"}},
    }
    return json.dumps({**report, **fields}).encode()


def github_headers(event: str, content: bytes) -> dict[str, str]:
    """The headers with which GitHub sends this content."""
    signature = hmac.new(GITHUB_SECRET.encode(), content, "sha256").hexdigest()
    return {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": f"sha256={signature}",
    }


def signed(content: bytes, delivery: str, at: float, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery that is sent at this Unix time."""
    stamp = int(at)
    return {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(secret, delivery, stamp, content),
    }


def channel(answer: dict[str, Any], about: str = "ranker-7") -> str:
    """The name of the room's channel, by the answer to a violation of what `body` is about."""
    return f"wr-{about}-{answer['room_id']}"
