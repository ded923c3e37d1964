"""A tree in memory from which the root at any size is read: 64 bytes a leaf."""

from collections.abc import Sequence

from bot.evidence.proofs import root_at
from bot.evidence.tree import HASH_BYTES, Place, node_hash


class KeptTree:
    """The hashes of all complete subtrees, level by level."""

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]
        self.size = 0

    def append(self, leaf: bytes) -> None:
        """One more leaf, by its hash."""
        position, top = self.size, leaf
        self._levels[0] += leaf
        level = 0
        while position & 1:
            left = self._hash(level, position - 1)
            top = node_hash(left, top)
            level, position = level + 1, position >> 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += top
        self.size += 1

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return root_at(size, self._read)

    def _read(self, places: Sequence[Place]) -> dict[Place, bytes]:
        return {place: self._hash(*place) for place in places}

    def _hash(self, level: int, position: int) -> bytes:
        start = position * HASH_BYTES
        return bytes(self._levels[level][start : start + HASH_BYTES])
