"""RFC 6962's tree: appended to, read at any size, proved, and every false proof refused."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.errors import MalformedError, ProofError
from bot.evidence.proof_checks import check_consistency, check_inclusion
from bot.evidence.proofs import consistency_proof, inclusion_proof, root_at
from bot.evidence.tree import EMPTY_ROOT, Frontier, Place, leaf_hash, node_hash
from tests.evidence.naive import Stored, mth, path, subproof
from tests.reference import REFERENCE, with_reference

EIGHT = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOT_OF_EIGHT = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
MOST = 130
LEAVES = [number.to_bytes(2, "big") for number in range(MOST)]
ROOTS = [mth(LEAVES[:size]) for size in range(MOST + 1)]


def _stored(leaves: list[bytes]) -> Stored:
    stored = Stored()
    for leaf in leaves:
        stored.append(leaf_hash(leaf))
    return stored


STORED = _stored(LEAVES)


def test_eight_leaves_have_the_root_that_others_compute() -> None:
    assert _stored(EIGHT).frontier.root == ROOT_OF_EIGHT


def test_an_empty_tree_has_the_hash_of_nothing_for_its_root() -> None:
    assert Frontier().root == EMPTY_ROOT == root_at(0, STORED.read) == mth([])


def test_each_size_has_the_roots_of_the_definition_while_growing_and_afterwards() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(LEAVES, start=1):
        frontier, _ = Frontier.read(frontier.size, frontier.packed).append(leaf_hash(leaf))
        assert (frontier.size, frontier.root) == (size, ROOTS[size])
        assert root_at(size, STORED.read) == ROOTS[size]


@pytest.mark.parametrize(("size", "length"), [(3, 32), (4, 64), (0, 32), (1, 31), (-1, 32)])
def test_a_frontier_of_another_size_is_refused(size: int, length: int) -> None:
    with pytest.raises(MalformedError, match="frontier"):
        Frontier.read(size, bytes(length))


@given(
    st.integers(1, MOST).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))
)
def test_inclusion_is_proved_as_defined_and_checks(drawn: tuple[int, int]) -> None:
    index, size = drawn
    proof = inclusion_proof(index, size, STORED.read)
    assert proof == path(index, LEAVES[:size])
    check_inclusion(leaf_hash(LEAVES[index]), index, size, proof, ROOTS[size])


@given(st.integers(1, MOST).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))))
def test_consistency_is_proved_as_defined_and_checks(drawn: tuple[int, int]) -> None:
    old, size = drawn
    proof = consistency_proof(old, size, STORED.read)
    assert proof == subproof(old, LEAVES[:size])
    check_consistency(old, ROOTS[old], size, ROOTS[size], proof)


def test_every_tree_begins_with_the_empty_one_and_with_itself() -> None:
    for size in range(MOST):
        assert consistency_proof(0, size, STORED.read) == []
        check_consistency(0, EMPTY_ROOT, size, ROOTS[size], [])
        check_consistency(size, ROOTS[size], size, ROOTS[size], [])


@pytest.mark.parametrize(
    ("old", "old_root", "size", "root"),
    [
        (0, ROOTS[1], 5, ROOTS[5]),
        (0, ROOTS[1], 0, ROOTS[1]),
        (0, EMPTY_ROOT, 0, ROOTS[1]),
        (5, ROOTS[5], 5, ROOTS[6]),
    ],
)
def test_one_size_has_one_root(old: int, old_root: bytes, size: int, root: bytes) -> None:
    with pytest.raises(ProofError, match="root"):
        check_consistency(old, old_root, size, root, [])


def test_what_does_not_exist_is_not_proved() -> None:
    for index, size in [(3, 3), (-1, 3), (0, 0)]:
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(index, size, STORED.read)
        with pytest.raises(ProofError, match="no leaf"):
            check_inclusion(ROOTS[1], index, size, [], ROOTS[1])
    for old, size in [(4, 3), (-1, 3)]:
        with pytest.raises(ValueError, match="doesn't begin"):
            consistency_proof(old, size, STORED.read)
        with pytest.raises(ProofError, match="doesn't begin"):
            check_consistency(old, ROOTS[1], size, ROOTS[3], [])


def _flipped(data: bytes, bit: int) -> bytes:
    number = int.from_bytes(data, "big") ^ 1 << bit
    return number.to_bytes(len(data), "big")


@given(st.data())
@settings(max_examples=200)
def test_a_proof_of_inclusion_with_anything_changed_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    leaf, root = leaf_hash(LEAVES[index]), ROOTS[size]
    proof = path(index, LEAVES[:size])
    bit, at = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    changed = [*proof[:at], _flipped(proof[at], bit), *proof[at + 1 :]]
    for false in (
        (_flipped(leaf, bit), index, size, proof, root),
        (leaf, other, size, proof, root),
        (leaf, index, size, changed, root),
        (leaf, index, size, proof[:at] + proof[at + 1 :], root),
        (leaf, index, size, [*proof, proof[at]], root),
        (leaf, index, size, proof, _flipped(root, bit)),
    ):
        with pytest.raises(ProofError):
            check_inclusion(*false)


@given(st.data())
@settings(max_examples=200)
def test_a_proof_of_consistency_with_anything_changed_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, size - 1))
    proof = subproof(old, LEAVES[:size])
    bit, at = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], _flipped(proof[at], bit), *proof[at + 1 :]]
    for false in (
        (old, _flipped(ROOTS[old], bit), size, ROOTS[size], proof),
        (old, ROOTS[old], size, _flipped(ROOTS[size], bit), proof),
        (old, ROOTS[old], size, ROOTS[size], changed),
        (old, ROOTS[old], size, ROOTS[size], proof[:at] + proof[at + 1 :]),
        (old, ROOTS[old], size, ROOTS[size], [*proof, proof[at]]),
    ):
        with pytest.raises(ProofError):
            check_consistency(*false)


def test_a_proof_of_another_length_is_refused_even_where_its_hashes_fit() -> None:
    """Else a root would hold for a tree of another shape than its size says."""
    one, two, three = (bytes([number]) * 32 for number in range(3))
    with pytest.raises(ProofError, match="too long"):
        check_inclusion(one, 0, 1, [two], node_hash(two, one))
    with pytest.raises(ProofError, match="too short"):
        check_inclusion(one, 0, 3, [two], node_hash(one, two))
    before, after = node_hash(two, one), node_hash(two, node_hash(one, three))
    with pytest.raises(ProofError, match="too long"):
        check_consistency(3, before, 4, after, [one, three, two, two])
    with pytest.raises(ProofError, match="too short"):
        check_consistency(3, before, 8, after, [one, three, two])
    with pytest.raises(ProofError, match="too short"):
        check_consistency(3, before, 4, after, [])
    check_consistency(3, before, 4, after, [one, three, two])


def test_a_leaf_does_not_pass_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    forged = leaf_hash(left + right)
    assert forged != mth([b"a", b"b"])


def test_a_million_leaves_cost_a_proof_one_question_for_few_hashes() -> None:
    """Only that is counted: the hashes asked for are made up."""
    size = 1_000_000
    asked: list[int] = []

    def read(places: Sequence[Place]) -> dict[Place, bytes]:
        asked.append(len(places))
        return dict.fromkeys(places, bytes(32))

    for index in (0, 1, 524_287, 524_288, 777_777, size - 1):
        asked.clear()
        inclusion_proof(index, size, read)
        consistency_proof(index, size, read)
        assert len(asked) == (2 if index else 1)
        assert max(asked) <= 2 * size.bit_length()


def test_an_append_to_a_large_tree_costs_its_height() -> None:
    size = 2**40 - 1
    frontier, nodes = Frontier(size, (bytes(32),) * 40).append(leaf_hash(b""))
    assert (frontier.size, len(frontier.hashes), len(nodes)) == (size + 1, 1, 41)


def _read(case: dict[str, Any], *names: str) -> list[Any]:
    values = [case[name] for name in names]
    return [base64.b64decode(value) if isinstance(value, str) else value for value in values]


def _proof(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(step) for step in case["proof"] or []]


@with_reference
def test_the_published_proofs_of_inclusion_are_told_apart() -> None:
    for case in json.loads((REFERENCE / "merkle" / "inclusion.json").read_text()):
        leaf, index, size, root = _read(case, "leafHash", "leafIdx", "treeSize", "root")
        if case["wantErr"]:
            with pytest.raises(ProofError):
                check_inclusion(leaf, index, size, _proof(case), root)
        else:
            check_inclusion(leaf, index, size, _proof(case), root)


# Refused there, as nothing is shown by it; here it holds: a witness takes a log's first checkpoint.
FROM_NOTHING = "consistency/additional/size1-is-zero-and-size2-is-not-zero.json"


@with_reference
def test_the_published_proofs_of_consistency_are_told_apart() -> None:
    for case in json.loads((REFERENCE / "merkle" / "consistency.json").read_text()):
        arguments = [*_read(case, "size1", "root1", "size2", "root2"), _proof(case)]
        if case["wantErr"] and case["case"] != FROM_NOTHING:
            with pytest.raises(ProofError):
                check_consistency(*arguments)
        else:
            check_consistency(*arguments)
