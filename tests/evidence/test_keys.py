"""Keys of signed notes: read as others write them, and refused with a reason."""

import base64
import hashlib

import pytest

from bot.evidence.errors import MalformedError
from bot.evidence.keys import KeyType, SigningKey, VerifierKey
from tests.evidence.published import (
    ARCHE_KEY,
    ENOCH_KEY,
    FOO_KEY,
    PETER_KEY,
    PETER_SECRET,
    REMORA_KEY,
)

NAME, ID, MATERIAL = FOO_KEY.split("+", 2)
PLUS_KEY = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"


@pytest.mark.parametrize("written", [FOO_KEY, PETER_KEY, ENOCH_KEY, PLUS_KEY, ARCHE_KEY])
def test_published_keys_are_read_and_written_alike(written: str) -> None:
    key = VerifierKey.read(written)
    assert (str(key), key.type) == (written, KeyType.ED25519)


def test_the_key_of_a_witness_is_read() -> None:
    key = VerifierKey.read(REMORA_KEY)
    assert (str(key), key.type, key.id.hex()) == (REMORA_KEY, KeyType.COSIGNATURE, "da77ade7")


def _of_type(number: int, length: int = 32) -> str:
    material = bytes([number]) + bytes(length)
    id_ = hashlib.sha256(f"{NAME}\n".encode() + material).digest()[:4].hex()
    return f"{NAME}+{id_}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", r"name\+id\+base64"),
        (NAME, r"name\+id\+base64"),
        (f"{NAME}+{ID}", r"name\+id\+base64"),
        (f"+{ID}+{MATERIAL}", "name is empty"),
        (f"example com+{ID}+{MATERIAL}", "has a space"),
        (f"example\u00a0com+{ID}+{MATERIAL}", "has a space"),
        (f"example\u2003com+{ID}+{MATERIAL}", "has a space"),
        (f"example\x01com+{ID}+{MATERIAL}", "a control"),
        (f"example\ud800com+{ID}+{MATERIAL}", "no UTF-8"),
        (f"{NAME}+{ID[:7]}+{MATERIAL}", "8 small hex digits"),
        (f"{NAME}+{ID.upper()}+{MATERIAL}", "8 small hex digits"),
        (f"{NAME}+0x0d903a+{MATERIAL}", "8 small hex digits"),
        (f"{NAME}+{ID}+{MATERIAL[:-1]}", "no base64"),
        (f"{NAME}+{ID}+{MATERIAL}\n", "no base64"),
        (f"{NAME}+{ID}+é", "no base64"),
        (f"{NAME}+{ID}+{MATERIAL[:-4]}3U==", "no canonical base64"),
        (f"{NAME}+{ID}+", "is empty"),
        (f"{NAME}+530d903b+{MATERIAL}", "doesn't belong"),
        (f"example.com/bar+{ID}+{MATERIAL}", "doesn't belong"),
        (f"{NAME}+{ID}+{MATERIAL[:-1]}l", "doesn't belong"),
        (_of_type(1, 31), "32 bytes, not 31"),
        (_of_type(4, 33), "32 bytes, not 33"),
        (_of_type(2), "type 02"),
        (_of_type(6, 1312), "type 06"),
        (_of_type(255), "type ff"),
    ],
)
def test_what_is_no_key_is_refused_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        VerifierKey.read(written)


def test_a_published_secret_belongs_to_its_published_key() -> None:
    key = SigningKey.read(PETER_SECRET)
    assert (str(key.verifier), key.written) == (PETER_KEY, PETER_SECRET)


def test_a_new_key_is_read_again_and_is_another_each_time() -> None:
    one, other = (SigningKey.generate("acme.test/warroom") for _ in range(2))
    assert SigningKey.read(one.written) == one != other
    assert VerifierKey.read(str(one.verifier)) == one.verifier
    with pytest.raises(MalformedError, match="has a space"):
        SigningKey.generate("acme test")


def test_a_secret_is_not_shown() -> None:
    key = SigningKey.read(PETER_SECRET)
    assert "seed" not in repr(key)
    broken = PETER_SECRET.replace("c74f20a3", "c74f20a4")
    with pytest.raises(MalformedError) as refused:
        SigningKey.read(broken)
    assert PETER_SECRET.rsplit("+", 1)[1] not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (PETER_KEY, "begins with"),
        (PETER_SECRET.replace("c74f20a3", "c74f20a4"), "doesn't belong"),
        (PETER_SECRET.replace("Peter", "Paul"), "doesn't belong"),
        (PETER_SECRET[:-4], "32 bytes, not 29"),
        (PETER_SECRET.replace("+AYEK", "+BIEK"), "of type 01, this one of 04"),
    ],
)
def test_what_is_no_signing_key_is_refused(written: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        SigningKey.read(written)
