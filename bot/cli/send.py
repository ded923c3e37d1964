"""`warroom send`: a test violation from options or from a file, and what became of it."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from bot.client import gate
from bot.client.send import post
from bot.errors import UsageError
from bot.integrations.registry import with_built_in
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


def _body(settings: Settings, policy: str | None, title: str, initiator: str | None) -> bytes:
    config = load(settings.warroom_config, with_built_in().sections)
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
