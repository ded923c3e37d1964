"""A service's signatures are a value: GitHub's form is read by a receiver of GitHub's."""

from bot.local_wire.signature_forms import SignatureForm
from bot.signatures import verify_github


def test_a_form_without_a_time_signs_the_body_alone() -> None:
    github = SignatureForm(header="X-Hub-Signature-256", prefix="sha256=")
    body = '{"zen": "ü"}'.encode()
    headers = github.headers("a secret", body, now=1_794_000_000.9)
    assert list(headers) == ["X-Hub-Signature-256"]
    verify_github("a secret", headers["X-Hub-Signature-256"], body)
