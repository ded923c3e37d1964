"""An envelope is what was signed, by a key that is known, and nothing besides."""

import base64
import json
from pathlib import Path

import pytest

from bot.passport.envelope import Envelope, EnvelopeError, pae
from bot.passport.keys import KeyFormatError, PrivateKey, PublicKey

KEY, OTHER = PrivateKey.generate(), PrivateKey.generate()
PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'


def test_what_is_signed_has_its_type_and_its_length_with_it() -> None:
    """The example of DSSE's own text."""
    signed = pae("http://example.com/HelloWorld", b"hello world")
    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_an_envelope_is_read_as_it_was_written_and_known_by_its_keys() -> None:
    envelope = Envelope.read(Envelope.signed(PAYLOAD, [KEY, OTHER]).text.encode())
    assert envelope.payload == PAYLOAD
    assert envelope.signed_by([KEY.verifier]) == {KEY.verifier}
    assert envelope.signed_by([PrivateKey.generate().verifier]) == frozenset()


def test_a_key_id_proves_nothing() -> None:
    forged = json.loads(Envelope.signed(PAYLOAD, [OTHER]).text)
    forged["signatures"][0]["keyid"] = KEY.verifier.id
    assert not Envelope.read(json.dumps(forged).encode()).signed_by([KEY.verifier])


@pytest.mark.parametrize("field", ["payload", "sig"])
def test_one_changed_bit_is_no_signature(field: str) -> None:
    envelope = json.loads(Envelope.signed(PAYLOAD, [KEY]).text)
    there = envelope if field == "payload" else envelope["signatures"][0]
    data = bytearray(base64.b64decode(there[field]))
    data[-1] ^= 1
    there[field] = base64.b64encode(data).decode()
    assert not Envelope.read(json.dumps(envelope).encode()).signed_by([KEY.verifier])


@pytest.mark.parametrize(
    "change",
    [
        {"payloadType": "text/plain"},
        {"payload": "!"},
        {"payload": 1},
        {"signatures": []},
        {"signatures": {}},
        {"signatures": [{"keyid": "x"}]},
        {"signatures": [{"sig": "AA==", "keyid": 1}]},
        {"signatures": [{"sig": "AA==", "more": 1}]},
        {"more": 1},
    ],
)
def test_an_envelope_of_another_form_is_refused(change: dict[str, object]) -> None:
    envelope = {**json.loads(Envelope.signed(PAYLOAD, [KEY]).text), **change}
    with pytest.raises(EnvelopeError):
        Envelope.read(json.dumps(envelope).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"[" * 100_000, b"\xff", b" " * 5_000_000])
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        Envelope.read(data)


def test_a_key_twice_in_an_envelope_is_refused() -> None:
    text = Envelope.signed(PAYLOAD, [KEY]).text
    with pytest.raises(EnvelopeError, match="twice"):
        Envelope.read(text.replace("{", '{"payload":"AA==",', 1).encode())


def test_keys_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert PrivateKey.read(KEY.written).verifier == KEY.verifier
    assert PublicKey.read(str(KEY.verifier)) == KEY.verifier
    pem = base64.encodebytes(base64.b64decode(KEY.written)).decode()
    file = tmp_path / "key.pem"
    file.write_text(f"-----BEGIN PRIVATE KEY-----\n{pem}-----END PRIVATE KEY-----\n")
    file.chmod(0o600)
    assert PrivateKey.read(str(file)).verifier == KEY.verifier


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN PRIVATE KEY-----\n")
    file.chmod(0o640)
    with pytest.raises(KeyFormatError, match="can be read by others"):
        PrivateKey.read(str(file))


@pytest.mark.parametrize("written", ["", "AAAA", "no key", "/no/such/file"])
def test_what_is_no_key_is_refused_and_never_shown(written: str) -> None:
    for kind in (PrivateKey, PublicKey):
        with pytest.raises(KeyFormatError, match=r"need a .* on the curve P-256"):
            kind.read(written)
    assert KEY.written not in repr(KEY)
