"""The tree as RFC 6962 defines it (2.1, 2.1.1, 2.1.2), recursively and over all the leaves."""

import hashlib
from collections.abc import Mapping, Sequence

from bot.evidence.tree import Frontier, Place


def mth(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = _split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def _split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


class Stored:
    """Nodes as an append leaves them behind, and how many were asked for."""

    def __init__(self) -> None:
        self.nodes: dict[Place, bytes] = {}
        self.frontier = Frontier()
        self.questions = self.asked = 0

    def append(self, leaf: bytes) -> None:
        self.frontier, nodes = self.frontier.append(leaf)
        for place, hashed in nodes:
            assert place not in self.nodes, "a node never changes"
            self.nodes[place] = hashed

    def read(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        self.questions += 1
        self.asked += len(places)
        return {place: self.nodes[place] for place in places}
