"""What the lines of C2SP's formats are made of: base64, decimal numbers, hashes; read strictly.

Each reader takes only what its writer would have written, so that no two texts say the same thing.
"""

import base64
import binascii
from collections.abc import Sequence

from bot.evidence.errors import MalformedError
from bot.evidence.tree import HASH_BYTES

MOST = 2**63 - 1
PROOF_MOST = 63  # tlog-witness; more hashes belong to no tree of at most 2^63 leaves


def base64_of(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, 4)."""
    return base64.b64encode(data).decode()


def read_base64(written: str, what: str) -> bytes:
    """The bytes. MalformedError, which names `what`, where anything but `base64_of` wrote them."""
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(f"{what} is no base64") from error
    if base64_of(data) != written:
        raise MalformedError(f"{what} is no canonical base64: bits are set that mean nothing")
    return data


def read_hash(written: str, what: str) -> bytes:
    """A SHA-256 hash in base64. MalformedError, which names `what`, where it is none."""
    data = read_base64(written, what)
    if len(data) != HASH_BYTES:
        raise MalformedError(f"{what} has {len(data)} bytes, a hash has {HASH_BYTES}")
    return data


def read_proof(lines: Sequence[str]) -> tuple[bytes, ...]:
    """A proof, one hash a line, at most 63. MalformedError where it is none."""
    if len(lines) > PROOF_MOST:
        raise MalformedError(f"a proof has at most {PROOF_MOST} hashes, this one {len(lines)}")
    return tuple(read_hash(line, f"hash {at} of the proof") for at, line in enumerate(lines, 1))


def read_decimal(written: str, what: str) -> int:
    """A number from 0 to 2^63 - 1 in ASCII, without leading zeroes. MalformedError otherwise."""
    digits = written.isdecimal() and len(written) <= len(str(MOST))
    if not digits or str(int(written)) != written or int(written) > MOST:
        raise MalformedError(f"{what} is no decimal number from 0 to 2^63 - 1 in its shortest form")
    return int(written)


def after(prefix: str, line: str, what: str) -> str:
    """What stands behind a prefix and a space. MalformedError where the line doesn't begin so."""
    if not line.startswith(f"{prefix} "):
        raise MalformedError(f"{what}: expected a line `{prefix} …`")
    return line.removeprefix(f"{prefix} ")
