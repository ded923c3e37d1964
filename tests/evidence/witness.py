"""A witness, written from C2SP tlog-witness and tlog-cosignature; it shares no code with the bot.

It remembers in memory, for each log by its origin, the last checkpoint that it has cosigned.
"""

import base64
import hashlib
import threading
from dataclasses import dataclass
from secrets import token_bytes
from typing import NamedTuple

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Answered(NamedTuple):
    status: int
    body: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True)
class Seen:
    size: int
    root: bytes


class Witness:
    def __init__(
        self, name: str, logs: dict[str, list[bytes]], time: int, seed: bytes | None = None
    ) -> None:
        """`logs`: origin → the public keys (Ed25519, 32 bytes) that it trusts for it."""
        self.name, self.logs, self.time = name, logs, time
        self._secret = Ed25519PrivateKey.from_private_bytes(seed or token_bytes(32))
        self.seen: dict[str, Seen] = {}
        self._one_at_a_time = threading.Lock()

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/add-checkpoint", self._hear)
        return app

    async def _hear(self, request: web.Request) -> web.Response:
        status, body, content_type = self.add_checkpoint(await request.read())
        return web.Response(status=status, body=body, content_type=content_type)

    @property
    def vkey(self) -> str:
        material = b"\x04" + self._secret.public_key().public_bytes_raw()
        encoded = base64.b64encode(material).decode()
        return f"{self.name}+{_id(self.name, material).hex()}+{encoded}"

    def add_checkpoint(self, request: bytes) -> Answered:
        try:
            old, proof, note = _parsed(request)
            body, origin, size, root = _checkpoint(note)
        except (ValueError, IndexError):
            return Answered(400)
        if origin not in self.logs:
            return Answered(404)
        if not any(_signed(note, body, origin, key) for key in self.logs[origin]):
            return Answered(403)
        if old > size:
            return Answered(400)
        refused = self._remember(origin, old, Seen(size, root), proof)
        return refused or Answered(200, self._cosignature(body))

    def _remember(self, origin: str, old: int, new: Seen, proof: list[bytes]) -> Answered | None:
        """In one step, so that of two requests none rolls the other back."""
        with self._one_at_a_time:
            seen = self.seen.get(origin, Seen(0, hashlib.sha256(b"").digest()))
            if old != seen.size:
                return Answered(409, f"{seen.size}\n".encode(), "text/x.tlog.size")
            if old == new.size and new.root != seen.root:
                return Answered(409)
            if not _consistent(seen, new, proof):
                return Answered(422)
            self.seen[origin] = new
        return None

    def _cosignature(self, body: bytes) -> bytes:
        message = f"cosignature/v1\ntime {self.time}\n".encode() + body
        signature = self.time.to_bytes(8, "big") + self._secret.sign(message)
        id_ = _id(self.name, b"\x04" + self._secret.public_key().public_bytes_raw())
        return f"— {self.name} {base64.b64encode(id_ + signature).decode()}\n".encode()


def _id(name: str, material: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]


def _parsed(request: bytes) -> tuple[int, list[bytes], bytes]:
    head, _, note = request.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    word, size = first.split(" ")
    old = int(size)
    if word != "old" or str(old) != size or len(lines) > 63:
        raise ValueError
    hashes = [base64.b64decode(line, validate=True) for line in lines]
    if any(len(each) != 32 for each in hashes) or (old == 0 and hashes):
        raise ValueError
    return old, hashes, note


def _checkpoint(note: bytes) -> tuple[bytes, str, int, bytes]:
    body = note[: note.rindex(b"\n\n") + 1]
    origin, size, root = body.decode().split("\n")[:3]
    if not origin or str(int(size)) != size or int(size) < 0:
        raise ValueError
    return body, origin, int(size), base64.b64decode(root, validate=True)


def _signed(note: bytes, body: bytes, origin: str, key: bytes) -> bool:
    material = b"\x01" + key
    for line in note[len(body) + 1 :].decode().splitlines():
        _, name, encoded = line.split(" ")
        data = base64.b64decode(encoded)
        if name == origin and data[:4] == _id(origin, material):
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(data[4:], body)
            except InvalidSignature:
                return False
            return True
    return False


def _consistent(seen: Seen, new: Seen, proof: list[bytes]) -> bool:
    """RFC 6962, 2.1.2: the proof rebuilds both roots, by the recursion that defines it."""
    if seen.size in {0, new.size}:
        return not proof
    left = list(proof)
    try:
        rebuilt = _rebuilt(seen.size, new.size, left, seen.root, known=True)
    except IndexError:
        return False
    return rebuilt == (seen.root, new.root) and not left


def _rebuilt(m: int, n: int, proof: list[bytes], old: bytes, *, known: bool) -> tuple[bytes, bytes]:
    if m == n:
        only = old if known else proof.pop(0)
        return only, only
    k = 1 << (n - 1).bit_length() - 1
    if m <= k:
        before, after = _rebuilt(m, k, proof, old, known=known)
        return before, _node(after, proof.pop(0))
    before, after = _rebuilt(m - k, n - k, proof, old, known=False)
    left = proof.pop(0)
    return _node(left, before), _node(left, after)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
