"""`warroom send`: a violation, really signed, to a running bot."""

import json
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.client import gate
from bot.client.call import call
from bot.errors import UsageError
from bot.intake.signatures import SignatureError, sign
from bot.policies.load import load
from bot.policies.people import SLACK_ID, Directory
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
        echo(f"to be decided by {gate.moment(answer['expires_at'])}")
        if wait is not None:
            echo(gate.sentence(answer["gate"]))
    blocked = wait is not None and answer["gate"]["verdict"] != "allow"
    return gate.BLOCK if blocked else gate.ALLOW


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


def _body(settings: Settings, policy: str | None, title: str, initiator: str | None) -> bytes:
    config = load(settings.warroom_config)
    identity = _identity(config.people, initiator or next(iter(config.people.people)))
    report = {
        "policy": policy or next(iter(config.policies)),
        "title": title,
        "initiator": identity,
        "subject": {"kind": "test", "name": "warroom send"},
        "dedup_key": secrets.token_hex(8),
    }
    return json.dumps(report).encode()


def _identity(people: Directory, who: str) -> dict[str, str]:
    if who in people.people:
        return {"slack": people.people[who].slack}
    if re.fullmatch(SLACK_ID, who):
        return {"slack": who}
    if "@" in who.strip("@"):
        return {"email": who}
    known = ", ".join(people.people)
    need = f"an e-mail address, a Slack id (U…) or one of {known}"
    raise UsageError(f"--initiator: found {who!r}, need {need}")


def _file(path: Path) -> bytes:
    try:
        body = path.read_bytes()
        json.loads(body)
    except OSError as error:
        raise UsageError(f"--file: can't read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--file: {path} is not JSON: {error}") from error
    return body
