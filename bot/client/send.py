"""`warroom send`: a violation, really signed, to a running bot."""

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.client import gate
from bot.client.call import call
from bot.errors import UsageError
from bot.intake.signatures import sign
from bot.policies.load import load
from bot.settings import Settings, load_settings


def send(  # noqa: PLR0913 - one option of the command each
    *,
    url: str | None,
    policy: str | None,
    title: str,
    initiator: str | None,
    body_file: Path | None,
    wait: int | None,
    as_json: bool,
    echo: Callable[[str], None],
) -> int:
    """Send it, print what became of it, and give the exit code. UsageError, UnreachableError."""
    settings = load_settings()
    body = _file(body_file) if body_file else _body(settings, policy, title, initiator)
    answer = post(settings, url, body)
    if wait is not None:
        answer["gate"] = gate.verdict(settings, answer["violation_id"], url, wait)
    if as_json:
        echo(json.dumps(answer, indent=2))
    else:
        echo(f"violation {answer['violation_id']}, war room {answer['room_id']}")
        echo(f"to be decided until {answer['expires_at']}")
        if wait is not None:
            echo(gate.sentence(answer["gate"]))
    blocked = wait is not None and answer["gate"]["verdict"] != "allow"
    return gate.BLOCK if blocked else gate.ALLOW


def post(settings: Settings, url: str | None, body: bytes) -> dict[str, Any]:
    """The bot's answer to a signed violation."""
    if not settings.webhook_secrets:
        raise UsageError("WARROOM_WEBHOOK_SECRET is not set; violations are signed with it")
    delivery, now = f"msg_{secrets.token_hex(12)}", int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(settings.webhook_secrets[0], delivery, now, body),
    }
    address = f"{(url or settings.public_url).rstrip('/')}/webhooks/violations"
    return call("POST", address, content=body, headers=headers)


def _body(settings: Settings, policy: str | None, title: str, initiator: str | None) -> bytes:
    config = load(settings.warroom_config)
    person = next(iter(config.people.people.values()), None)
    who = initiator or (person.slack if person else "")
    identity = {"email": who} if "@" in who else {"slack": who}
    report = {
        "policy": policy or next(iter(config.policies)),
        "title": title,
        "initiator": identity,
        "subject": {"kind": "test", "name": "warroom send"},
        "dedup_key": secrets.token_hex(8),
    }
    return json.dumps(report).encode()


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"--file: can't read {path}: {error}") from error
