"""The log's tree as it is stored: its frontier, and proofs read from its nodes."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from bot.evidence import proofs
from bot.evidence.tree import Frontier, Place
from bot.storage import log as rows


class StoredTree:
    """The tree, asked for within one read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def frontier(self) -> Frontier:
        """What the head's row says now."""
        head = rows.head(self._connection)
        return Frontier.read(head.size, head.frontier)

    def nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        """The hashes of complete subtrees."""
        found = rows.stored(self._connection, places)
        return {Place(*place): digest for place, digest in found.items()}

    def root(self, size: int) -> bytes:
        """The root that the tree had at a size. KeyError where it never had it."""
        return proofs.root_at(size, self.nodes)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof of a leaf in the tree at a size. ValueError where there is no such leaf."""
        return proofs.inclusion_proof(index, size, self.nodes)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that a tree continues an older one. ValueError where it is no older one."""
        return proofs.consistency_proof(old, size, self.nodes)
