"""The keys that sign passports: ECDSA on P-256 with SHA-256.

Rules
- A private key is PKCS #8 in base64 on one line, or a PEM file's path; a public key is a
  SubjectPublicKeyInfo in base64 on one line, or a PEM file's path.
- A file with a private key that others can read is refused.
- A key's id is the SHA-256 of its SubjectPublicKeyInfo in PEM, as OpenSSF Model Signing has it.
- A signature is DER, as `cryptography` makes it, and one that isn't is none.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_OTHERS = 0o077
_PEM = "-----BEGIN"
_ALGORITHM = ec.ECDSA(hashes.SHA256())


class KeyFormatError(Exception):
    """A key that can't be read, or may not be used; the message says why, and never the key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, by its SubjectPublicKeyInfo in DER."""

    der: bytes

    @classmethod
    def read(cls, written: str) -> "PublicKey":
        """From a line, or the PEM file that it names. KeyFormatError."""
        data = _data(written, private=False)
        try:
            if data.startswith(_PEM.encode()):
                key = serialization.load_pem_public_key(data)
            else:
                key = serialization.load_der_public_key(data)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyFormatError(_NEED.format("a public key")) from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not _is_p256(key.curve):
            raise KeyFormatError(_NEED.format("a public key"))
        return cls(_spki(key))

    def __str__(self) -> str:
        return base64.b64encode(self.der).decode()

    @property
    def id(self) -> str:
        """Its id, in hex."""
        key = serialization.load_der_public_key(self.der)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        pem = key.public_bytes(serialization.Encoding.PEM, form)
        return hashlib.sha256(pem).hexdigest()

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Whether it has made this signature on these bytes."""
        key = serialization.load_der_public_key(self.der)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        try:
            key.verify(signature, signed, _ALGORITHM)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key; what it is shows nowhere."""

    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> "PrivateKey":
        """A new one."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def read(cls, written: str) -> "PrivateKey":
        """From a line, or the PEM file that it names. KeyFormatError."""
        data = _data(written, private=True)
        try:
            if data.startswith(_PEM.encode()):
                key = serialization.load_pem_private_key(data, None)
            else:
                key = serialization.load_der_private_key(data, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyFormatError(_NEED.format("a private key")) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not _is_p256(key.curve):
            raise KeyFormatError(_NEED.format("a private key"))
        return cls(key)

    @property
    def written(self) -> str:
        """The key on one line, to be kept where nobody else reads it."""
        data = self._key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return base64.b64encode(data).decode()

    @property
    def verifier(self) -> PublicKey:
        """The public key that belongs to it."""
        return PublicKey(_spki(self._key.public_key()))

    def sign(self, data: bytes) -> bytes:
        """A signature on these bytes."""
        return self._key.sign(data, _ALGORITHM)

    def __repr__(self) -> str:
        return f"PrivateKey({self.verifier.id[:8]}…)"


_NEED = "need {} on the curve P-256, in base64 on one line or as a PEM file"


def _data(written: str, *, private: bool) -> bytes:
    """The bytes of a key: those of a line in base64, or of the file that it names."""
    line = written.strip()
    path = Path(line).expanduser()
    what = "a private key" if private else "a public key"
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        try:
            return base64.b64decode(line, validate=True)
        except (binascii.Error, ValueError) as error:
            raise KeyFormatError(_NEED.format(what)) from error
    try:
        if private and path.stat().st_mode & _OTHERS:
            raise KeyFormatError(f"{path} can be read by others: chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise KeyFormatError(f"{path}: {error.strerror}") from error


def _is_p256(curve: ec.EllipticCurve) -> bool:
    return isinstance(curve, ec.SECP256R1)


def _spki(key: ec.EllipticCurvePublicKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.DER, form)
