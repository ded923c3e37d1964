"""The digest of an artifact: SHA-256 of each file, and of all of them together.

Rules
- All together is the root digest of OpenSSF Model Signing 1.0: SHA-256 of the files' digests, one
  after the other, in the order of their names. An artifact of one file has that file's digest.
- Of a safetensors file its passport's slot is left out: the digest is that of the file before a
  passport was put in.
- Files are hashed beside each other. What was hashed before is known by size, times and inode,
  unless it was changed so lately that it could change again without any of them showing it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from bot.cores import cores
from bot.passport.artifact import Artifact
from bot.passport.headers.header import Slot
from bot.passport.headers.safetensors import LENGTH_BYTES

Tell = Callable[[int], object]  # of so many bytes more
_PIECE = 4 * 1024 * 1024
_FRESH_NS = 3_000_000_000
_LINES_MOST = 100_000


@dataclass
class Known:
    """Digests of files by size, times and inode: a file of lines, which an interruption leaves.

    `now` is the time in nanoseconds since 1970: what was changed shortly before isn't remembered.
    """

    path: Path | None = None
    now: int = 0
    _known: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        if self.path is None:
            return
        with suppress(OSError, UnicodeDecodeError):
            lines = self.path.read_text(encoding="utf-8").splitlines()
            for line in lines[-_LINES_MOST:]:
                with suppress(ValueError, TypeError):
                    key, digest = json.loads(line)
                    self._known[key] = digest

    def get(self, key: str) -> str | None:
        """The digest under a key."""
        return self._known.get(key)

    def put(self, key: str, digest: str, stat: os.stat_result) -> None:
        """Remember a digest; where it can't be kept it is hashed again another time."""
        if self.now - max(stat.st_mtime_ns, stat.st_ctime_ns) <= _FRESH_NS:
            return
        with self._lock:
            self._known[key] = digest
            if self.path is None:
                return
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as out:
                    out.write(json.dumps([key, digest]) + "\n")


def digests(
    artifact: Artifact, known: Known | None = None, tell: Tell = lambda _: None
) -> Mapping[str, str]:
    """SHA-256 of each file, in hex, by its name. OSError where one can't be read."""
    held, lock = known or Known(), Lock()

    def counted(length: int) -> None:
        with lock:
            tell(length)

    def one(name: str) -> str:
        return _digest(artifact.files[name], artifact.headers[name].slot, held, counted)

    with ThreadPoolExecutor(cores()) as pool:
        return dict(zip(artifact.files, pool.map(one, artifact.files), strict=True))


def root_digest(digests_: Sequence[str]) -> str:
    """The digest of files together, in the order of their names; of one file it is its own."""
    if len(digests_) == 1:
        return digests_[0]
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests_))).hexdigest()


def _digest(path: Path, slot: Slot | None, known: Known, tell: Tell) -> str:
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        key = _key(before, slot)
        if found := known.get(key):
            tell(before.st_size)
            return found
        digest = hashlib.sha256()
        if slot:
            length = int.from_bytes(file.read(LENGTH_BYTES), "little") - (slot.end - slot.start)
            digest.update(length.to_bytes(LENGTH_BYTES, "little"))
            digest.update(file.read(slot.start - LENGTH_BYTES))
            file.seek(slot.end)
            tell(slot.end)
        while piece := file.read(_PIECE):
            digest.update(piece)
            tell(len(piece))
        after = os.fstat(file.fileno())
    if _key(after, slot) == key:
        known.put(key, digest.hexdigest(), after)
    return digest.hexdigest()


def _key(stat: os.stat_result, slot: Slot | None) -> str:
    parts = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    place = (slot.start, slot.end) if slot else ()
    return ":".join(map(str, (*parts, *place)))
