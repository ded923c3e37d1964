"""The tree of RFC 6962 (2.1; RFC 9162, 2.1.1), and what has to be kept of it to append to it.

Rules
- A leaf is hashed behind a byte 0, a node behind a byte 1, so that neither passes for the other.
- A node has a place: its level (0: the leaves) and its position there. Its 2^level leaves are all
  there, so it never changes again. Only such nodes are stored.
- The frontier holds the roots of the complete subtrees, the largest first: one for each bit that
  is set in the size. More is not needed to append a leaf or to say the root.
"""

import hashlib
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from bot.evidence.errors import MalformedError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Place(NamedTuple):
    """Where a complete subtree's root stands: over 2^level leaves, from position · 2^level on."""

    level: int
    position: int


class Node(NamedTuple):
    """A complete subtree's root, to be stored."""

    place: Place
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """The 32 bytes that stand for a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32 bytes that stand for two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def joined(subtrees: list[bytes]) -> bytes:
    """The root over the roots of neighbouring subtrees, the left and larger ones first."""
    return reduce(lambda right, left: node_hash(left, right), reversed(subtrees))


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves, as the roots of its complete subtrees; the empty one by default."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, size: int, packed: bytes) -> "Frontier":
        """What `packed` wrote. MalformedError where that doesn't belong to this size."""
        if size < 0 or len(packed) != HASH_BYTES * size.bit_count():
            raise MalformedError(f"a frontier of {size} leaves doesn't have {len(packed)} bytes")
        starts = range(0, len(packed), HASH_BYTES)
        return cls(size, tuple(packed[start : start + HASH_BYTES] for start in starts))

    @property
    def packed(self) -> bytes:
        """The hashes one after the other, for a row beside the size: at most 32 · log2(size)."""
        return b"".join(self.hashes)

    @property
    def root(self) -> bytes:
        """The root of the whole tree, 32 bytes; SHA-256 of nothing for an empty one."""
        return joined(list(self.hashes)) if self.hashes else EMPTY_ROOT

    def append(self, leaf: bytes) -> tuple["Frontier", list[Node]]:
        """The tree with one more leaf, given by its hash, and the nodes that are complete with it.

        The leaf is the first of them. They are 2 on average, log2(size) + 1 at most.
        """
        hashes, top = list(self.hashes), leaf
        nodes = [Node(Place(0, self.size), leaf)]
        level = 0
        while self.size >> level & 1:
            top = node_hash(hashes.pop(), top)
            level += 1
            nodes.append(Node(Place(level, self.size >> level), top))
        return Frontier(self.size + 1, (*hashes, top)), nodes
