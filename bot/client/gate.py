"""`warroom gate`: the verdict for a pipeline, as an exit code.

Rules
- Only `allow` is 0. `block` and `pending` are 1: what is not decided is not allowed.
- A wait is made of long polls, so that no proxy in between loses patience. One that is begun with a
  room's id goes on with the violation that the room held, whatever joins meanwhile.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.client.call import TIMEOUT_SECONDS, call
from bot.domain.clean_text import line
from bot.domain.person import TIMEOUT
from bot.errors import UnreachableError, UsageError
from bot.settings import Settings, load_settings

POLL_SECONDS = 25
AGAIN_SECONDS = 2.0
ALLOW, BLOCK = 0, 1


def ask(
    violation_id: str, url: str | None, wait: int, *, as_json: bool, echo: Callable[[str], None]
) -> int:
    """Print the verdict, and give the exit code. UsageError, UnreachableError."""
    settings = load_settings()
    answer = verdict(settings, violation_id, url, wait)
    if as_json:
        echo(json.dumps(answer, indent=2))
    else:
        echo(sentence(answer))
    return ALLOW if answer["verdict"] == "allow" else BLOCK


def verdict(settings: Settings, violation_id: str, url: str | None, wait: int) -> dict[str, Any]:
    """The gate's answer, once there is a decision or `wait` seconds are over."""
    token = settings.warroom_api_token.get_secret_value()
    if not token:
        raise UsageError("WARROOM_API_TOKEN is not set; the gate asks for it")
    gate = f"{(url or settings.public_url).rstrip('/')}/gate"
    headers = {"Authorization": f"Bearer {token}"}
    end = time.monotonic() + wait
    while True:
        left = max(0, min(POLL_SECONDS, round(end - time.monotonic())))
        timeout = left + TIMEOUT_SECONDS
        try:
            address = f"{gate}/{violation_id}?wait={left}"
            answer = call("GET", address, headers=headers, timeout=timeout)
        except UnreachableError:
            if time.monotonic() + AGAIN_SECONDS >= end:
                raise
            time.sleep(AGAIN_SECONDS)  # a restart of the bot is no verdict
            continue
        if answer["verdict"] != "pending" or time.monotonic() >= end:
            return answer
        violation_id = answer["violation_id"]


def moment(stamp: str) -> str:
    """A time of the bot's, to the second."""
    return f"{datetime.fromisoformat(stamp):%Y-%m-%d %H:%M:%S} UTC"


def sentence(answer: dict[str, Any]) -> str:
    """The answer in words, with where its war room is, a line each."""
    if answer["verdict"] == "pending":
        said = "pending"
        if answer["expires_at"]:
            said += f": to be decided by {moment(answer['expires_at'])}"
    else:
        reason = f": {answer['reason']}" if answer["reason"] else ""
        said = f"{answer['verdict']}: {answer['outcome']} by {_author(answer)}{reason}"
    room = answer["room_id"]
    where = f"\nwar room {room}: {answer['room_url'] or 'no channel yet'}" if room else ""
    return f"{line(said)}{where}"


def _author(answer: dict[str, Any]) -> str:
    """Who has decided, or where the rule stands that has."""
    if rule := answer.get("rule"):
        return f"the rule {rule['id']} ({rule['file']}:{rule['line']})"
    return "the clock" if answer["decided_by"] == TIMEOUT else str(answer["decided_by"])
