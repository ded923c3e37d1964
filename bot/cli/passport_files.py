"""A passport beside its artifact, or in it; the keys that sign and that are known; hashing shown.

Rules
- Of an artifact and a passport beside it that of the file counts: what is in the artifact is looked
  at where nothing lies beside it.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from bot.errors import UsageError
from bot.passport.artifact import Artifact, artifact
from bot.passport.digests import Known, digests
from bot.passport.keys import KeyFormatError, PrivateKey, PublicKey
from bot.settings import Settings

KEY, KEYS = "WARROOM_STATEMENT_KEY", "WARROOM_PASSPORT_KEYS"


def found(path: Path) -> Artifact:
    """The artifact at a path. UsageError where it can't be read."""
    try:
        return artifact(path)
    except OSError as error:
        raise UsageError(f"can't read {error.filename or path}: {error.strerror}") from error


def papers(of: Artifact) -> tuple[bytes, str]:
    """An artifact's passport, and where it was: beside it, or in it. UsageError if it has none."""
    try:
        return of.papers.read_bytes(), str(of.papers)
    except FileNotFoundError:
        slots = [header.slot for header in of.headers.values() if header.slot]
        if len(slots) == 1:
            return slots[0].text.strip(" ").encode(), f"the header of {of.path}"
    except OSError as error:
        raise UsageError(f"can't read {of.papers}: {error.strerror}") from error
    raise UsageError(f"found no {of.papers.name}, and none within {of.path}: `make` writes one")


def hashed(of: Artifact) -> Mapping[str, str]:
    """The SHA-256 of each of its files, by what is known, with a progress bar on a terminal."""
    size = sum(path.stat().st_size for path in of.files.values())
    known = Known(_cache(), time.time_ns())
    with click.progressbar(
        length=size, label="Hashing", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        try:
            return digests(of, known, bar.update)
        except OSError as error:
            raise UsageError(f"can't read {error.filename}: {error.strerror}") from error


def sizes(of: Artifact) -> dict[str, int]:
    """How long each of its files is, without a passport in it."""
    found_sizes = {}
    for name, path in of.files.items():
        slot = of.headers[name].slot
        found_sizes[name] = path.stat().st_size - (slot.end - slot.start if slot else 0)
    return found_sizes


def signing_key(settings: Settings) -> PrivateKey:
    """The key that signs. UsageError."""
    written = settings.warroom_statement_key.get_secret_value().strip()
    if not written:
        mend = "`warroom audit keygen` prints one for .env"
        raise UsageError(f"found no {KEY}, need the key that signs passports; {mend}")
    try:
        return PrivateKey.read(written)
    except KeyFormatError as error:
        raise UsageError(f"{KEY}: {error}") from error


def known_keys(settings: Settings, given: Sequence[str]) -> list[PublicKey]:
    """The keys by which a passport counts: those given, configured, and our own. UsageError."""
    keys = []
    for where, written in (
        *(("--key", each) for each in given),
        *((KEYS, each) for each in settings.warroom_passport_keys.split()),
    ):
        try:
            keys.append(PublicKey.read(written))
        except KeyFormatError as error:
            raise UsageError(f"{where}: {error}") from error
    if settings.warroom_statement_key.get_secret_value().strip():
        keys.append(signing_key(settings).verifier)
    return keys


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "warroom" / "digests"
