"""Checks of proofs by the algorithms of RFC 9162 (2.1.3.2 and 2.1.4.2): hashes are all they need.

Rules
- A proof has exactly the hashes that its sizes ask for, of 32 bytes each.
- An empty tree is the beginning of every tree, which takes no proof; no leaf is in it.
"""

from collections.abc import Sequence

from bot.evidence.errors import ProofError
from bot.evidence.tree import EMPTY_ROOT, HASH_BYTES, node_hash


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """ProofError unless the leaf with this hash is number `index` of `size` leaves under `root`."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    _require_hashes([leaf, *proof])
    node, last, hashed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("the proof of inclusion is too long")
        if node & 1 or node == last:
            hashed = node_hash(step, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof of inclusion is too short")
    _require_root(hashed, root, f"the proof of inclusion doesn't lead to the root of {size} leaves")


def check_consistency(
    old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """ProofError unless the tree of `size` leaves under `root` begins with that of `old` leaves."""
    if not 0 <= old <= size:
        raise ProofError(f"a tree of {size} leaves doesn't begin with one of {old}")
    _require_hashes(proof)
    if old in {0, size}:
        if proof:
            raise ProofError(f"from {old} to {size} leaves there is nothing to prove")
        _require_root(old_root, root if old else EMPTY_ROOT, f"a false root of {old} leaves")
        _require_root(root, root if size else EMPTY_ROOT, "a false root of 0 leaves")
        return
    # A tree of a power of two is itself the first subtree, and isn't sent: the checker has it.
    path = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    if not path:
        raise ProofError("the proof of consistency is too short")
    before, after = _roots(old, size, path)
    _require_root(before, old_root, f"the proof of consistency doesn't lead to the root of {old}")
    _require_root(after, root, f"the proof of consistency doesn't lead to the root of {size}")


def _roots(old: int, size: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """The roots that a path leads to: of the old tree, and of all. ProofError by its length."""
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            raise ProofError("the proof of consistency is too long")
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof of consistency is too short")
    return before, after


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError(f"a hash has {HASH_BYTES} bytes")


def _require_root(computed: bytes, root: bytes, otherwise: str) -> None:
    if computed != root:
        raise ProofError(otherwise)
