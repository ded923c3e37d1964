"""Deliveries to the bot's request URL, in Slack's encodings and with Slack's signature."""

import json
from urllib.parse import urlencode

import aiohttp

from bot.local_slack.config import LocalSlackConfig
from bot.local_slack.delivery.exchange import NO_ACK, NO_CONNECTION, TIMEOUT, Answer, Delivery
from bot.local_wire.signature_forms import SignatureForm
from bot.local_wire.signed_posts import SignedPosts

_OK = 200
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
SIGNATURE = SignatureForm(
    header="X-Slack-Signature",
    prefix="v0=",
    timestamp_header="X-Slack-Request-Timestamp",
    signed=lambda timestamp, body: b"v0:" + timestamp.encode() + b":" + body,
)


class RequestUrl:
    """Posts to the bot's request URL."""

    def __init__(self, config: LocalSlackConfig) -> None:
        self.url = config.request_url
        self._posts = SignedPosts(SIGNATURE, config.signing_secret, config.ack_seconds)

    async def post(self, delivery: Delivery) -> Answer:
        """Deliver, and wait for the acknowledgement."""
        if self.url is None:
            return Answer(acked=False, error=NO_CONNECTION, body="no request URL, no socket")
        content, content_type = _encoded(delivery)
        headers = {"Content-Type": content_type}
        if delivery.retry:
            headers["X-Slack-Retry-Num"] = str(delivery.retry)
            headers["X-Slack-Retry-Reason"] = delivery.retry_reason
        try:
            given = await self._posts.post(self.url, content, headers)
        except TimeoutError:
            return Answer(acked=False, error=TIMEOUT)
        except aiohttp.ClientError as error:
            return Answer(acked=False, error=NO_CONNECTION, body=str(error))
        acked = given.status == _OK
        no_retry = given.headers.get("x-slack-no-retry") == "1"
        said = None if acked else NO_ACK
        return Answer(acked, given.status, given.body, said, no_retry=no_retry)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._posts.close()


def _encoded(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.channel == "events_api":
        return json.dumps(delivery.payload).encode(), _JSON
    if delivery.channel == "interactive":
        return urlencode({"payload": json.dumps(delivery.payload)}).encode(), _FORM
    return urlencode(delivery.payload).encode(), _FORM
