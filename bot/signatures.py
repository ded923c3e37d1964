"""Signatures: Standard Webhooks and GitHub, verified over the raw body before it is parsed.

Rules
- Compared in constant time; a timestamp more than five minutes off is refused, both ways.
- Several secrets and several signatures are possible, so that a secret can be rotated. A secret may
  have a name (`export-ci=whsec_…`): who is told whose message it was is told that.
- A token may be bound to repositories (`acme/*=…`): who shows it speaks of no other, and of nothing
  that names none.
- Nothing is computed for more signatures than anybody sends: whoever asks isn't known yet.
- Standard Webhooks' headers are called `webhook-…`, or `svix-…` as who sends through Svix calls
  them: all three from one of the two, never mixed.
- Whatever comes in, the only error is SignatureError.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
FAMILIES = ("webhook", "svix")
PARTS = ("id", "timestamp", "signature")
SHORTEST, LONGEST = 1, 1024
ID_MOST = 200
TOKEN_BYTES = 16
SIGNATURES_MOST = 32
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_REPOSITORY = re.compile(r"[\w.~*-]*[/*][\w.~*/-]*", re.ASCII)


class SignatureError(Exception):
    """Why a message can't be taken for what it says it is."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What messages are signed with, and what it is called, where it has a name of its own.

    `repository` is the name of the only repositories that it is for, with `*` for any text.
    """

    text: str = field(repr=False)
    name: str | None = None
    repository: str | None = None

    @classmethod
    def token(cls, written: str) -> "Secret":
        """A token as it is configured: `NAME=TOKEN`, `REPOSITORY=TOKEN` or without either.

        A repository has a `/` or a `*` in it. A `=` at the end of a token is base64's.
        SignatureError where the name is none, as in `read`.
        """
        name, _, token = written.partition("=")
        if not token.strip("="):
            if "=" in written and (NAME.fullmatch(name) or _REPOSITORY.fullmatch(name)):
                _require_base64(written)
            return cls(written)
        if _REPOSITORY.fullmatch(name):
            return cls(token, repository=name)
        return cls(token, _name(name, "=", ", or a repository with a / or * in it"))

    @classmethod
    def read(cls, written: str) -> "Secret":
        """A secret as it is configured, `NAME=whsec_…` or without the name.

        Any other `=` is a part of its base64. SignatureError where the name is none; its message
        doesn't repeat what was written, since that may be two secrets without a blank in between.
        """
        name, mark, key = written.partition(f"={PREFIX}")
        if not mark:
            return cls(written)
        return cls(PREFIX + key, _name(name, mark))

    def place(self, number: int) -> str:
        """Which it is of those that are configured: `number 2 (export-ci)`."""
        return f"number {number} ({self.name})" if self.name else f"number {number}"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who shows a token: its name, and the only repositories it is for; None where it is for any.

    They are names with `*` for any text.
    """

    name: str | None
    repositories: tuple[str, ...] | None = None

    def speaks_for(self, repository: str | None) -> bool:
        """Whether it may report of a repository and ask about it; None is of any."""
        if self.repositories is None:
            return True
        return any(_fits(each, repository) for each in self.repositories if repository)


def _fits(pattern: str, repository: str | None) -> bool:
    parts = map(re.escape, pattern.split("*"))
    return bool(re.fullmatch(".*".join(parts), repository or "", re.DOTALL))


def _require_base64(written: str) -> None:
    """SignatureError unless the `=` at the end is that of a token, and nothing was left out."""
    try:
        whole = len(base64.b64decode(written, validate=True)) >= TOKEN_BYTES
    except (binascii.Error, ValueError):
        whole = False
    if not whole:
        raise SignatureError("a name or a repository stands before `=`, and no token behind it")


def _name(name: str, mark: str, otherwise: str = "") -> str:
    """What stands before the mark. SignatureError where that is no name."""
    if not NAME.fullmatch(name):
        need = f"1 to 40 of a-z, 0-9 and -, and no - in front{otherwise}"
        raise SignatureError(f"what stands before `{mark}` is no name: need {need}")
    return name


@lru_cache(maxsize=64)
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
    digest = hmac.digest(secret_key(secret), content, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def verify(
    secrets: Iterable[Secret], headers: Mapping[str, str], body: bytes, now: datetime
) -> str | None:
    """The name of the secret that a message was signed with, None where that has none.

    Of several that fit it is the first one's. SignatureError where none does.
    """
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
    expected = [(each, sign(each.text, delivery, timestamp, body).encode()) for each in secrets]
    given = [signature.encode() for signature in signatures if signature.startswith("v1,")]
    if not given:
        raise SignatureError(f"{family}-signature: found no `v1,…`")
    # Every pair is compared: which secret matched doesn't show in the time.
    matches = [
        (each, hmac.compare_digest(ours, theirs)) for each, ours in expected for theirs in given
    ]
    signers = [each for each, fits in matches if fits]
    if not signers:
        raise SignatureError(f"{family}-signature: does not fit the body and the secret")
    return signers[0].name


def bearer(tokens: Iterable[Secret], header: str) -> Bearer:
    """Who shows a token in a header `Authorization`.

    One that stands there for several repositories is for each of them. SignatureError where it
    shows none of `tokens`.
    """
    scheme, _, shown = header.partition(" ")
    theirs = shown.strip().encode()
    # Every token is compared: which one it is doesn't show in the time.
    matches = [(each, hmac.compare_digest(each.text.encode(), theirs)) for each in tokens]
    fitting = [each for each, fits in matches if fits and each.text]
    if scheme.lower() != "bearer" or not fitting:
        found = "found a token that is none of those set here: " if theirs else ""
        raise SignatureError(f"{found}a header `Authorization: Bearer …` is needed")
    bound = tuple(each.repository for each in fitting if each.repository)
    return Bearer(fitting[0].name, bound if len(bound) == len(fitting) else None)


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
