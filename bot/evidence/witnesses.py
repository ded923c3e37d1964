"""The witnesses that are asked to cosign checkpoints, as they are configured.

Rules
- Each is its address and behind it its verifier keys, all separated by blanks: two keys while the
  witness replaces one. The first key's name is the witness's.
- The operator names them, so an address may be a private one, and http.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import UsageError
from bot.evidence.errors import EvidenceError
from bot.evidence.keys import KeyType, VerifierKey
from bot.evidence.notes import read_signatures
from bot.settings import Settings

WITNESSES = "WARROOM_LOG_WITNESSES"
_NEED = "need ADDRESS KEY, such as https://witness.example.com witness.example.com+1a2b3c4d+B…"


@dataclass(frozen=True, slots=True)
class Witness:
    """Where it is asked, without a slash at the end, and the keys that it cosigns with."""

    address: str
    keys: tuple[VerifierKey, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.keys[0].name

    def has_cosigned(self, cosignatures: str) -> bool:
        """Whether a line by one of its keys is among these, which were verified when they came."""
        keys = {(key.name, key.id) for key in self.keys}
        lines = read_signatures(cosignatures) if cosignatures else ()
        return any((line.name, line.id) in keys for line in lines)


def log_witnesses(settings: Settings) -> tuple[Witness, ...]:
    """The witnesses, in the order in which they are written. UsageError says what is wrong."""
    parts: list[tuple[str, list[VerifierKey]]] = []
    for word in settings.warroom_log_witnesses.split():
        if "://" in word:
            parts.append((_address(word), []))
        elif not parts:
            raise UsageError(f"{WITNESSES}: found {word!r} first, {_NEED}")
        else:
            parts[-1][1].append(_key(word))
    for address, keys in parts:
        if not keys:
            raise UsageError(f"{WITNESSES}: found no key behind {address}, {_NEED}")
    found = tuple(Witness(address, tuple(keys)) for address, keys in parts)
    names = [witness.name for witness in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{WITNESSES}: found two witnesses called {twice}")
    return found


def _address(word: str) -> str:
    try:
        parts = urlsplit(word)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise UsageError(f"{WITNESSES}: found {word!r}, {_NEED}")
    return word.rstrip("/")


def _key(word: str) -> VerifierKey:
    try:
        key = VerifierKey.read(word)
    except EvidenceError as error:
        raise UsageError(f"{WITNESSES}: found {word!r}: {error}") from error
    if key.type is not KeyType.COSIGNATURE:
        raise UsageError(f"{WITNESSES}: the key {key.name} is of type 01; a witness's is of 04")
    return key
