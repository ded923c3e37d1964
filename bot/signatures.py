"""Signatures: Standard Webhooks and GitHub, verified over the raw body before it is parsed.

Rules
- Compared in constant time; a timestamp more than five minutes off is refused, both ways.
- Several secrets and several signatures are possible, so that a secret can be rotated.
- Nothing is computed for more signatures than anybody sends: whoever asks isn't known yet.
- Standard Webhooks' headers are called `webhook-…`, or `svix-…` as who sends through Svix calls
  them: all three from one of the two, never mixed.
- Whatever comes in, the only error is SignatureError.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
FAMILIES = ("webhook", "svix")
PARTS = ("id", "timestamp", "signature")
SHORTEST, LONGEST = 1, 1024
ID_MOST = 200
SIGNATURES_MOST = 32


class SignatureError(Exception):
    """Why a message can't be taken for what it says it is."""


def secret_key(secret: str) -> bytes:
    """The key in a `whsec_…` secret. SignatureError where it is not one."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError(f"a secret is {PREFIX} and base64") from error
    if not SHORTEST <= len(key) <= LONGEST:
        raise SignatureError(f"a secret has {SHORTEST} to {LONGEST} bytes, this one {len(key)}")
    return key


def sign(secret: str, delivery: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of a message, by https://www.standardwebhooks.com."""
    content = f"{delivery}.{timestamp}.".encode() + body
    digest = hmac.new(secret_key(secret), content, "sha256").digest()
    return "v1," + base64.b64encode(digest).decode()


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The delivery id of a message that was signed with one of `secrets`. SignatureError."""
    family = _family(headers)
    delivery = headers.get(f"{family}-id", "")
    stamp = headers.get(f"{family}-timestamp", "")
    signatures = headers.get(f"{family}-signature", "").split(maxsplit=SIGNATURES_MOST)
    if not delivery or len(delivery) > ID_MOST:
        raise SignatureError(f"{family}-id: a header of 1 to {ID_MOST} characters is needed")
    if len(signatures) > SIGNATURES_MOST:
        raise SignatureError(f"{family}-signature: at most {SIGNATURES_MOST} are taken")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > len("10000000000"):
        raise SignatureError(f"{family}-timestamp: seconds since 1970 are needed")
    timestamp = int(stamp)
    off = round(now.timestamp() - timestamp)
    if abs(off) > TOLERANCE_SECONDS:
        when = f"{abs(off)} s {'old' if off > 0 else 'ahead'}"
        message = f"{family}-timestamp: {when}, at most {TOLERANCE_SECONDS} are taken"
        raise SignatureError(message)
    expected = [sign(secret, delivery, timestamp, body).encode() for secret in secrets]
    given = [signature.encode() for signature in signatures if signature.startswith("v1,")]
    if not given:
        raise SignatureError(f"{family}-signature: found no `v1,…`")
    # Every pair is compared: which secret matched doesn't show in the time.
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
    if not any(matches):
        raise SignatureError(f"{family}-signature: does not fit the body and the secret")
    return delivery


def delivery_id(headers: Mapping[str, str]) -> str:
    """The id of a message that was verified."""
    return headers[f"{_family(headers)}-id"]


def _family(headers: Mapping[str, str]) -> str:
    """What the three headers are called: as the standard says, unless none of those is there."""
    standard, svix = FAMILIES
    own, other = (any(f"{name}-{part}" in headers for part in PARTS) for name in FAMILIES)
    return svix if other and not own else standard


def verify_github(secret: str, signature: str, body: bytes) -> None:
    """SignatureError unless `X-Hub-Signature-256` fits."""
    expected = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise SignatureError("X-Hub-Signature-256: does not fit the body and the secret")
