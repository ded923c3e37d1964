"""What Slack sends the bot, signed as Slack signs it. RuntimeError where the bot refuses it."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from tests.bench.line import Line
from tests.staging.environment import SLACK

OK = 200
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_APP = {"api_app_id": "A0LOCAL", "team_id": "T0ACME"}


async def interaction(line: Line, payload: Mapping[str, object]) -> None:
    """A click, or a form that was sent in."""
    await _post(line, urlencode({"payload": json.dumps(payload)}), _FORM)


async def command(line: Line, user: str, words: str) -> None:
    """`/warroom` with these words."""
    given = {
        "command": "/warroom",
        "text": words,
        "user_id": user,
        "channel_id": "C0GENERAL",
        "trigger_id": f"{time.time_ns()}.1",
        "response_url": "http://127.0.0.1:9/unused",
    }
    await _post(line, urlencode({**_APP, **given}), _FORM)


async def home_opened(line: Line, user: str) -> None:
    """Somebody opens the app's home tab."""
    event = {"type": "app_home_opened", "user": user, "tab": "home", "event_ts": f"{time.time()}"}
    about = {"type": "event_callback", "event_id": f"Ev{time.time_ns()}", "event": event}
    await _post(line, json.dumps({**_APP, **about}), _JSON)


async def _post(line: Line, text: str, content_type: str) -> None:
    body, stamp = text.encode(), str(int(time.time()))
    signed = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(SLACK.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    headers = {
        "content-type": content_type,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }
    status, answer = await line.post("/slack/events", headers, body)
    if status != OK:
        raise RuntimeError(f"{status}: {answer.decode()}")
