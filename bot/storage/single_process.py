"""One process a file: on SQLite one process does all, and a second one is refused.

Rules
- The lock is the kernel's, on a file beside the database: whatever ends the process lets go of it.
- The lock file stays; what stands in it only tells a second process who the first one is.
- Who only reads, or writes a row or two, needs no lock: `stats`, `export`,
  `outbox retry`, `people import`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import UsageError
from bot.storage.store import DatabaseUnavailableError

if sys.platform != "win32":  # there is no such lock there, and no `warroom serve` either
    import fcntl
    import os


class InUseError(UsageError):
    """Another process works with this database."""


@contextmanager
def alone(file: Path | None) -> Iterator[None]:
    """Keep other processes from the database in `file`; None needs no lock.

    InUseError says who has it, DatabaseUnavailableError that there can be no lock.
    """
    if file is None or sys.platform == "win32":
        yield
        return
    path = Path(f"{file.resolve()}.lock")  # one lock, whatever name the file is reached by
    try:
        lock = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise _unlockable(path, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            known = lock.read(20).strip()
            who = f"process {known}" if known.isdecimal() else "another process"
            message = (
                f"{file} is in use by {who}, and on SQLite one process does all. Stop that one "
                "first; for several, move to PostgreSQL (see Operation in the README)."
            )
            raise InUseError(message) from error
        except OSError as error:
            raise _unlockable(path, error) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _unlockable(path: Path, error: OSError) -> DatabaseUnavailableError:
    return DatabaseUnavailableError(f"can't lock {path}: {error.strerror} (see DATABASE_URL)")
