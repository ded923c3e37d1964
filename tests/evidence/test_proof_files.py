"""Proof files: one leaf, checked offline with nothing but the log's key."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.checkpoints import Checkpoint
from bot.evidence.errors import EvidenceError, MalformedError, ProofError
from bot.evidence.keys import SigningKey
from bot.evidence.proof_files import ProofFile
from bot.evidence.proofs import inclusion_proof
from bot.evidence.tree import leaf_hash
from tests.evidence.naive import Stored

ORIGIN = "acme.test/warroom"
KEY = SigningKey.generate(ORIGIN)
LEAVES = [f"leaf {number}".encode() for number in range(11)]
STORED = Stored()
for each in LEAVES:
    STORED.append(leaf_hash(each))
NOTE = bytes(Checkpoint(ORIGIN, len(LEAVES), STORED.frontier.root).signed([KEY]))
HASH = base64.b64encode(bytes(32)).decode()


def _proof(index: int) -> ProofFile:
    return ProofFile(index, tuple(inclusion_proof(index, len(LEAVES), STORED.read)), NOTE)


def test_each_leaf_is_proved_by_a_file_of_its_own() -> None:
    for index, leaf in enumerate(LEAVES):
        data = bytes(_proof(index))
        signed = ProofFile.read(data).verify(leaf, [KEY.verifier])
        assert signed.checkpoint.size == len(LEAVES)
        assert bytes(ProofFile.read(data)) == data


def test_a_file_is_as_the_specification_shows_it() -> None:
    proof = ProofFile(7, (bytes(32), bytes(32)), NOTE, b"anything")
    lines = ["c2sp.org/tlog-proof@v1", "extra YW55dGhpbmc=", "index 7", HASH, HASH, "", ""]
    assert bytes(proof) == "\n".join(lines).encode() + NOTE
    assert ProofFile.read(bytes(proof)) == proof
    without = replace(proof, extra=None)
    assert ProofFile.read(bytes(without)) == without != replace(proof, extra=b"")
    assert ProofFile.read(bytes(replace(proof, extra=b""))).extra == b""


def test_a_proof_holds_for_its_own_leaf_and_index_only() -> None:
    for wrong in (
        _proof(3).verify,
        replace(_proof(4), index=5).verify,
        replace(_proof(4), index=11).verify,
        replace(_proof(4), proof=_proof(4).proof[1:]).verify,
    ):
        with pytest.raises(ProofError):
            wrong(LEAVES[4], [KEY.verifier])


DATA = bytes(_proof(4))


@given(st.integers(0, len(DATA) * 8 - 1))
def test_no_file_with_a_flipped_bit_is_a_proof(bit: int) -> None:
    number = int.from_bytes(DATA, "big") ^ 1 << bit
    with pytest.raises(EvidenceError):
        ProofFile.read(number.to_bytes(len(DATA), "big")).verify(LEAVES[4], [KEY.verifier])


HEAD = "c2sp.org/tlog-proof@v1\n"
LINE = f"{HASH}\n"


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("", "begins with the line"),
        ("c2sp.org/tlog-proof@v2\nindex 1\n\n", "begins with the line"),
        (f" {HEAD}index 1\n\n", "begins with the line"),
        (f"{HEAD}\n", "has an index"),
        (f"{HEAD}extra YQ==\n\n", "has an index"),
        (f"{HEAD}{HASH}\n\n", "`index …`"),
        (f"{HEAD}index\n\n", "`index …`"),
        (f"{HEAD}index 01\n\n", "no decimal"),
        (f"{HEAD}index  1\n\n", "no decimal"),
        (f"{HEAD}index -1\n\n", "no decimal"),
        (f"{HEAD}index 1\nextra YQ==\n\n", "hash 1 of the proof"),
        (f"{HEAD}extra YQ==\nextra YQ==\nindex 1\n\n", "`index …`"),
        (f"{HEAD}extra YR==\nindex 1\n\n", "no canonical base64"),
        (f"{HEAD}extra !\nindex 1\n\n", "no base64"),
        (f"{HEAD}index 1\n{HASH}\nYQ==\n\n", "hash 2 of the proof has 1 bytes"),
        (f"{HEAD}index 1\n{64 * LINE}\n", "at most 63 hashes"),
        (f"{HEAD}index 1\r\n\r\n", "no control"),
    ],
)
def test_what_is_no_proof_is_refused_with_the_reason(head: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        ProofFile.read(head.encode() + NOTE)


@pytest.mark.parametrize("data", [f"{HEAD}index 1\n", f"{HEAD}index 1\n{HASH}\n"])
def test_a_proof_without_a_checkpoint_is_refused(data: str) -> None:
    with pytest.raises(MalformedError, match="empty line before its checkpoint"):
        ProofFile.read(data.encode())
    with pytest.raises(MalformedError, match="blank line"):
        ProofFile.read(f"{data}\n".encode()).verify(b"", [KEY.verifier])
