"""A witness cosigns what continues the history that it has seen, and nothing else."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.evidence.checkpoints import Checkpoint, SignedCheckpoint
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.notes import Note
from bot.evidence.proofs import consistency_proof
from bot.evidence.tree import leaf_hash
from bot.evidence.witnessing import PATH, AddCheckpoint, Answer, Cosigned, Refused, SeenAt
from tests.evidence.naive import Stored
from tests.evidence.witness import Witness
from tests.serving import serving

ORIGIN = "acme.test/warroom"
TIME = 1_795_000_000
KEY = SigningKey.generate(ORIGIN)
PUBLIC = KEY.verifier.public


class Log:
    """A log in memory that asks one witness over HTTP."""

    def __init__(self, address: str, witness: Witness) -> None:
        self._address = address
        self.witness = witness
        self.key, self.origin = KEY, ORIGIN
        self.stored = Stored()

    def grow(self, count: int, leaf: bytes = b"event") -> None:
        for _ in range(count):
            self.stored.append(leaf_hash(leaf))

    def note(self) -> Note:
        frontier = self.stored.frontier
        return Checkpoint(self.origin, frontier.size, frontier.root).signed([self.key])

    def proof(self, old: int) -> list[bytes]:
        return consistency_proof(old, self.stored.frontier.size, self.stored.read)

    async def ask(self, old: int, proof: list[bytes] | None = None) -> Answer:
        asked = AddCheckpoint(old, self.proof(old) if proof is None else proof, self.note())
        async with httpx.AsyncClient() as http:
            heard = await http.post(self._address + PATH, content=asked.body)
        keys = [VerifierKey.read(self.witness.vkey)]
        kind = heard.headers.get("content-type", "")
        return asked.answer(heard.status_code, kind, heard.content, keys)


@pytest.fixture
async def log() -> AsyncIterator[Log]:
    witness = Witness("witness.test/w1", {ORIGIN: [PUBLIC]}, TIME)
    async with serving(witness.app) as address:
        yield Log(address, witness)


@pytest.mark.parametrize("sizes", [(1, 2), (4, 8), (5, 8), (6, 7), (7, 100), (64, 65)])
async def test_each_checkpoint_that_continues_the_last_is_cosigned(
    log: Log, sizes: tuple[int, int]
) -> None:
    first, second = sizes
    log.grow(first)
    assert isinstance(await log.ask(0), Cosigned)
    log.grow(second - first)
    answer = await log.ask(first)
    assert isinstance(answer, Cosigned)
    key = VerifierKey.read(log.witness.vkey)
    cosigned = log.note().adding(answer.signatures)
    opened = SignedCheckpoint.open(bytes(cosigned), [KEY.verifier], [key])
    assert (opened.checkpoint.size, opened.cosigned) == (second, {key: TIME})


async def test_the_same_checkpoint_is_cosigned_again(log: Log) -> None:
    log.grow(3)
    assert isinstance(await log.ask(0), Cosigned)
    assert isinstance(await log.ask(3), Cosigned)


async def test_who_does_not_know_what_the_witness_saw_is_told_and_asks_again(log: Log) -> None:
    log.grow(5)
    await log.ask(0)
    log.grow(6)
    answer = await log.ask(0)
    assert answer == SeenAt(5)
    assert isinstance(await log.ask(answer.size), Cosigned)


async def test_a_rewritten_history_is_refused(log: Log) -> None:
    log.grow(5)
    await log.ask(0)
    log.stored = Stored()
    log.grow(4)
    log.grow(1, b"rewritten")
    assert _why(await log.ask(5)) == "it has seen another root for as many leaves"
    log.grow(3)
    assert _why(await log.ask(5)).startswith("the proof doesn't show")
    assert log.witness.seen[ORIGIN].size == 5


async def test_a_history_that_was_cut_short_is_refused(log: Log) -> None:
    log.grow(5)
    await log.ask(0)
    log.stored = Stored()
    log.grow(4)
    assert _why(await log.ask(0)) == "it has seen 5 leaves, we have 4"
    assert "larger" in _why(await log.ask(5, []))


async def test_a_false_proof_is_refused(log: Log) -> None:
    log.grow(5)
    await log.ask(0)
    log.grow(6)
    whole = log.proof(5)
    for false in (whole[1:], whole[:-1], [*whole, whole[0]], whole[::-1]):
        assert _why(await log.ask(5, false)).startswith("the proof doesn't show")
    assert isinstance(await log.ask(5), Cosigned)


async def test_an_unknown_log_and_an_unknown_key_are_refused(log: Log) -> None:
    log.grow(1)
    log.key = SigningKey.generate(ORIGIN)
    assert "none of the keys" in _why(await log.ask(0))
    log.origin = "acme.test/other"
    log.key = SigningKey.generate(log.origin)
    assert "does not know this log" in _why(await log.ask(0))


async def test_a_log_with_a_new_key_is_cosigned_while_both_sign(log: Log) -> None:
    log.grow(1)
    new = SigningKey.generate(ORIGIN)
    note = log.note().adding(Checkpoint.read(log.note().text).signed([new]).signatures)
    assert log.witness.add_checkpoint(AddCheckpoint(0, [], note).body).status == 200


def _why(answer: Answer) -> str:
    assert isinstance(answer, Refused), answer
    return answer.why


def _asked() -> AddCheckpoint:
    return AddCheckpoint(2, [bytes(32)], Checkpoint(ORIGIN, 3, bytes(32)).signed([KEY]))


def test_a_request_is_as_the_specification_shows_it() -> None:
    asked = _asked()
    hashed = base64.b64encode(bytes(32)).decode()
    assert asked.body == f"old 2\n{hashed}\n\n".encode() + bytes(asked.note)
    with pytest.raises(ValueError, match="at most 63"):
        _ = AddCheckpoint(2, [bytes(32)] * 64, asked.note).body


@pytest.mark.parametrize(
    ("status", "kind", "body", "why"),
    [
        (409, "text/x.tlog.size", b"x\n", "no decimal"),
        (409, "text/x.tlog.size", b"01\n", "no decimal"),
        (409, "text/x.tlog.size", b"9223372036854775808\n", "no decimal"),
        (409, "text/x.tlog.size", b"1", "ends with a newline"),
        (409, "text/x.tlog.size", b"\xff\n", "UTF-8"),
        (409, "text/x.tlog.size", b"4\n", "has seen 4 leaves, we have 3"),
        (409, "text/x.tlog.size", b"2\n", "another root"),
        (409, "text/plain", b"1\n", "another root"),
        (200, "", b"", "ends with a signature line"),
        (200, "", b"ok\n", "signature line is"),
        (500, "", b"", "HTTP 500"),
        (302, "", b"", "HTTP 302"),
    ],
)
def test_any_other_answer_is_a_refusal(status: int, kind: str, body: bytes, why: str) -> None:
    assert why in _why(_asked().answer(status, kind, body, []))


def test_a_size_is_read_whatever_else_its_type_says() -> None:
    assert _asked().answer(409, "Text/x.tlog.size; charset=utf-8", b"1\n", []) == SeenAt(1)


def test_only_cosignatures_by_its_own_keys_count() -> None:
    asked = _asked()
    witness, other = (Witness(f"witness.test/{name}", {ORIGIN: [PUBLIC]}, TIME) for name in "ab")
    first = AddCheckpoint(0, [], asked.note).body
    lines = [each.add_checkpoint(first).body for each in (witness, other)]
    key = VerifierKey.read(witness.vkey)
    answer = asked.answer(200, "", b"".join(lines), [key])
    assert isinstance(answer, Cosigned)
    assert [f"{each}\n".encode() for each in answer.signatures] == lines[:1]
    assert "no signature by a known key" in _why(asked.answer(200, "", lines[1], [key]))
    elsewhere = AddCheckpoint(0, [], Checkpoint(ORIGIN, 4, bytes(32)).signed([KEY]))
    assert "is false" in _why(elsewhere.answer(200, "", lines[0], [key]))


def test_the_logs_own_signature_is_no_cosignature() -> None:
    asked = _asked()
    line = f"{asked.note.signatures[0]}\n".encode()
    assert "no signature by a known key" in _why(asked.answer(200, "", line, [KEY.verifier]))
