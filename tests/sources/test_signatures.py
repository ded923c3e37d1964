"""Signatures: the published vectors, an oracle, and everything that is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from bot.signatures import SignatureError, secret_key, sign, verify, verify_github

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "QUFB" * 8
DELIVERY, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = datetime.fromtimestamp(STAMP, UTC)


def _headers(**changed: str) -> dict[str, str]:
    headers = {
        "webhook-id": DELIVERY,
        "webhook-timestamp": str(STAMP),
        "webhook-signature": SIGNATURE,
    }
    return headers | {f"webhook-{name}": value for name, value in changed.items()}


def test_the_published_vectors() -> None:
    assert sign(SECRET, DELIVERY, STAMP, BODY) == SIGNATURE
    assert verify([SECRET], _headers(), BODY, NOW) == DELIVERY
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    verify_github("It's a Secret to Everybody", f"sha256={digest}", b"Hello, World!")


@given(body=st.text().map(str.encode))
def test_what_we_sign_others_verify_and_the_other_way_round(body: bytes) -> None:
    now = datetime.now(UTC)
    stamp = int(now.timestamp())
    ours = _headers(timestamp=str(stamp), signature=sign(SECRET, DELIVERY, stamp, body))
    if body.strip().startswith((b"{", b"[")):
        return  # the oracle parses the body too
    theirs = Webhook(SECRET).sign(DELIVERY, now, body.decode())
    assert verify([SECRET], ours | {"webhook-signature": theirs}, body, now) == DELIVERY
    assert theirs == ours["webhook-signature"]


def test_while_a_secret_is_rotated_both_are_taken() -> None:
    assert verify([OTHER, SECRET], _headers(), BODY, NOW)
    assert verify([SECRET], _headers(signature=f"v1,AAAA v1a,zzz {SIGNATURE}"), BODY, NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_off_is_taken(seconds: int) -> None:
    assert verify([SECRET], _headers(), BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("headers", "body", "off", "said"),
    [
        (_headers(), BODY, 301, "301 s old"),
        (_headers(), BODY, -301, "301 s ahead"),
        (_headers(), BODY + b" ", 0, "does not fit"),
        (_headers(id="msg_2"), BODY, 0, "does not fit"),
        (_headers(signature=sign(OTHER, DELIVERY, STAMP, BODY)), BODY, 0, "does not fit"),
        (_headers(signature=SIGNATURE[:-4]), BODY, 0, "does not fit"),
        (_headers(signature=SIGNATURE.replace("v1,", "v2,")), BODY, 0, "found no `v1,"),
        (_headers(signature=f"{SIGNATURE} " * 33), BODY, 0, "at most 32"),
        (_headers(signature=""), BODY, 0, "found no `v1,"),
        (_headers(signature="v1,ü"), BODY, 0, "does not fit"),
        (_headers(timestamp="yesterday"), BODY, 0, "seconds since 1970"),
        (_headers(timestamp="16142653.5"), BODY, 0, "seconds since 1970"),
        (_headers(timestamp="-1614265330"), BODY, 0, "seconds since 1970"),
        (_headers(timestamp="٣٣"), BODY, 0, "seconds since 1970"),
        (_headers(timestamp="9" * 4000), BODY, 0, "seconds since 1970"),
        (_headers(id=""), BODY, 0, "webhook-id"),
        ({}, BODY, 0, "webhook-id"),
        ({"svix-id": DELIVERY}, BODY, 0, "svix-timestamp"),
        (_headers(id="") | {"svix-id": DELIVERY}, BODY, 0, "webhook-id"),
    ],
)
def test_what_is_refused_says_why(
    headers: dict[str, str], body: bytes, off: int, said: str
) -> None:
    with pytest.raises(SignatureError, match=said):
        verify([SECRET], headers, body, NOW + timedelta(seconds=off))


@given(values=st.lists(st.text(), min_size=3, max_size=3))
def test_no_header_whatsoever_raises_anything_else(values: list[str]) -> None:
    headers = dict(zip(_headers(), values, strict=True))
    with pytest.raises(SignatureError):
        verify([SECRET], headers, BODY, NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***", "plain text"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(SignatureError):
        secret_key(secret)
