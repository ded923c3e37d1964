"""DSSE: what is signed, and by whom; https://github.com/secure-systems-lab/dsse, version 1.0.2.

Rules
- Signed is not the payload alone, but its type and its length with it (PAE): no signature on one
  thing is one on another.
- A key's id is a hint of where to look, and proves nothing: every signature is tried with every key
  that is known.
- An envelope is read strictly, and one that could be read in two ways isn't read.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.passport.keys import PrivateKey, PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BYTES_MOST = 4 * 1024 * 1024
_FIELDS = {"payload", "payloadType", "signatures"}
_SIGNATURES_MOST = 16


class EnvelopeError(Exception):
    """Bytes that are no envelope; the message says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and what is said of whose it is."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its signatures, of which none is verified yet."""

    payload: bytes
    signatures: tuple[Signature, ...]
    payload_type: str = PAYLOAD_TYPE

    @classmethod
    def signed(cls, payload: bytes, keys: Iterable[PrivateKey]) -> "Envelope":
        """A payload signed by each of the keys."""
        signing = pae(PAYLOAD_TYPE, payload)
        made = (Signature(key.verifier.id, key.sign(signing)) for key in keys)
        return cls(payload, tuple(made))

    @classmethod
    def read(cls, data: bytes) -> "Envelope":
        """An envelope from its JSON. EnvelopeError says what is wrong with it."""
        if len(data) > BYTES_MOST:
            raise EnvelopeError(f"{len(data):,} bytes, at most {BYTES_MOST:,} are read")
        try:
            value = json.loads(data, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise EnvelopeError(f"no JSON: {error}") from error
        if not isinstance(value, dict) or value.keys() != _FIELDS:
            raise EnvelopeError(f"need an object with {', '.join(sorted(_FIELDS))}, and no more")
        kind, signatures = value["payloadType"], value["signatures"]
        if kind != PAYLOAD_TYPE:
            raise EnvelopeError(f"found a payload of the type {kind!r}, need {PAYLOAD_TYPE}")
        if not isinstance(signatures, list) or not 0 < len(signatures) <= _SIGNATURES_MOST:
            raise EnvelopeError(f"need 1 to {_SIGNATURES_MOST} signatures")
        return cls(_decoded(value["payload"], "the payload"), tuple(map(_signature, signatures)))

    @property
    def text(self) -> str:
        """The envelope as JSON on one line."""
        return json.dumps(
            {
                "payloadType": self.payload_type,
                "payload": base64.b64encode(self.payload).decode(),
                "signatures": [
                    {"keyid": each.keyid, "sig": base64.b64encode(each.sig).decode()}
                    for each in self.signatures
                ],
            }
        )

    def signed_by(self, keys: Sequence[PublicKey]) -> frozenset[PublicKey]:
        """Those of the keys by which it is signed."""
        signing = pae(self.payload_type, self.payload)
        return frozenset(
            key for key in keys for each in self.signatures if key.verifies(each.sig, signing)
        )


def pae(kind: str, payload: bytes) -> bytes:
    """The bytes that are signed: pre-authentication encoding, with lengths in decimal ASCII."""
    return b"DSSEv1 %d %b %d %b" % (len(kind.encode()), kind.encode(), len(payload), payload)


def _signature(value: object) -> Signature:
    if not isinstance(value, dict) or not value.keys() <= {"keyid", "sig"} or "sig" not in value:
        raise EnvelopeError("a signature has a sig, and may have a keyid")
    keyid = value.get("keyid", "")
    if not isinstance(keyid, str):
        raise EnvelopeError("a keyid is text")
    return Signature(keyid, _decoded(value["sig"], "a signature"))


def _decoded(written: object, what: str) -> bytes:
    """Bytes from base64; the alphabet of URLs is taken too, as DSSE asks."""
    if isinstance(written, str):
        alphabet = b"-_" if {"-", "_"} & set(written) else b"+/"
        try:
            return base64.b64decode(written, alphabet, validate=True)
        except (binascii.Error, ValueError):
            pass
    raise EnvelopeError(f"{what} is no base64")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found
