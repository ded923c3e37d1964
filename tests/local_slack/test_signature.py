"""Deliveries are signed as Slack signs them: over the time in whole seconds and the body."""

from slack_sdk.signature import SignatureVerifier

from bot.local_slack.delivery.request_url import SIGNATURE


def test_slacks_own_library_takes_the_signature() -> None:
    body = '{"text": "ü"}'.encode()
    headers = SIGNATURE.headers("a secret", body, now=1_794_000_000.9)
    expected = SignatureVerifier("a secret").generate_signature(timestamp="1794000000", body=body)
    assert headers == {
        "X-Slack-Request-Timestamp": "1794000000",
        "X-Slack-Signature": expected,
    }
