"""Deliveries over HTTP, signed as Slack signs them."""

import contextlib
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from bot.local_slack.config import WorkspaceConfig
from bot.local_slack.delivery.delivery import NO_ACK, NO_CONNECTION, TIMEOUT, Answer, Delivery
from bot.local_slack.wire.incoming import parsed, whole

_OK = 200
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


class RequestUrl:
    """Posts to the bot's request URL."""

    def __init__(self, config: WorkspaceConfig) -> None:
        self.url = config.request_url
        self._secret = config.signing_secret.encode()
        self._timeout = aiohttp.ClientTimeout(total=config.ack_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, delivery: Delivery) -> Answer:
        """Deliver, and wait for the acknowledgement."""
        if self.url is None:
            return Answer(acked=False, error=NO_CONNECTION, body="no request URL, no socket")
        body, content_type = _encoded(delivery)
        headers = {"Content-Type": content_type, **self._signature(body), **_retry(delivery)}
        self._session = self._session or aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.post(self.url, data=body, headers=headers) as response:
                return _answer(response, await response.text(errors="replace"))
        except TimeoutError:
            return Answer(acked=False, error=TIMEOUT)
        except aiohttp.ClientError as error:
            return Answer(acked=False, error=NO_CONNECTION, body=str(error))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _signature(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signed = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.channel == "events_api":
        return json.dumps(delivery.payload).encode(), _JSON
    if delivery.channel == "interactive":
        return urlencode({"payload": json.dumps(delivery.payload)}).encode(), _FORM
    return urlencode(delivery.payload).encode(), _FORM


def _retry(delivery: Delivery) -> dict[str, str]:
    if not delivery.retry:
        return {}
    return {
        "X-Slack-Retry-Num": str(delivery.retry),
        "X-Slack-Retry-Reason": delivery.retry_reason,
    }


def _answer(response: aiohttp.ClientResponse, text: str) -> Answer:
    body: object = whole(text)
    if response.content_type == _JSON and text.strip():
        with contextlib.suppress(ValueError):  # then it is said as the text it is
            body = parsed(text)
    acked = response.status == _OK
    no_retry = response.headers.get("x-slack-no-retry") == "1"
    error = None if acked else NO_ACK
    return Answer(acked, response.status, body, error, no_retry=no_retry)
