"""A service's signatures are a value: Slack's form and GitHub's are read by their receivers."""

from slack_sdk.signature import SignatureVerifier

from bot.local_slack.delivery.request_url import SIGNATURE
from bot.local_wire.signatures import SignatureForm
from bot.signatures import verify_github

SECRET, BODY, NOW = "a secret", b'{"zen": "\xc3\xbc"}', 1_794_000_000.9


def test_a_form_without_a_time_signs_the_body_alone() -> None:
    github = SignatureForm(header="X-Hub-Signature-256", prefix="sha256=")
    headers = github.headers(SECRET, BODY, NOW)
    assert list(headers) == ["X-Hub-Signature-256"]
    verify_github(SECRET, headers["X-Hub-Signature-256"], BODY)


def test_a_form_with_a_time_signs_both() -> None:
    headers = SIGNATURE.headers(SECRET, BODY, NOW)
    timestamp = headers["X-Slack-Request-Timestamp"]
    expected = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=BODY)
    assert timestamp == "1794000000"
    assert headers["X-Slack-Signature"] == expected
