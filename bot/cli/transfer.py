"""`warroom export` and `warroom import`: everything that is kept, into one file and back.

Rules
- A file appears under its name only when it is whole; it holds justifications, so only its owner
  may read it.
- `-` is standard output or input; whatever is said goes to standard error then.
"""

import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, cast

import click

from bot import __version__
from bot.domain.count import counted
from bot.errors import UsageError
from bot.settings import load_settings
from bot.storage import copying
from bot.storage.archive import ArchiveError, ArchiveReader, ArchiveWriter, Head, uncompressed
from bot.storage.copying import NotEmptyError
from bot.storage.database import Database
from bot.storage.database_errors import reached
from bot.storage.opening import open_database
from bot.storage.single_process import alone

STREAM = "-"
SAY_EVERY_SECONDS = 3.0
LEVEL = 6

Echo = Callable[[str], object]
_say = partial(click.echo, err=True)


class Progress:
    """Says how far it is, every few seconds; nothing where it is done sooner."""

    def __init__(self, say: Echo, seconds: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._seconds = seconds
        self._last = seconds()

    def __call__(self, what: str, done: int, total: int) -> None:
        """`done` of `total`."""
        now = self._seconds()
        if now - self._last >= SAY_EVERY_SECONDS:
            self._last = now
            self._say(f"{done:,} of {total:,} {what} …")


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Say what was exported as JSON.")
def export(file: str, *, as_json: bool) -> None:
    """Write everything into FILE, such as warroom.jsonl.gz; `-` is standard output.

    Compressed when its name ends in .gz. The bot may run meanwhile.
    """
    database = open_database(load_settings().database_url)
    try:
        with reached(database), written(file) as out:
            now = datetime.now(UTC)
            head = copying.write_out(database, ArchiveWriter(out), __version__, now, Progress(_say))
    finally:
        database.dispose()
    _report(head, "Exported", f"to {file}", as_json=as_json, to_stderr=file == STREAM)


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Say what was imported as JSON.")
def take_in(file: str, *, as_json: bool) -> None:
    """Read everything from FILE into an empty database; `-` is standard input.

    All of it or nothing: counts and checksum must agree, and each room with its events.
    """
    database = Database(load_settings().database_url)
    try:
        with _read(file) as source:
            reader = ArchiveReader(uncompressed(source))
            with alone(database.file), reached(database):
                copying.read_in(database, reader, Progress(_say))
    except ArchiveError as error:
        raise UsageError(f"{file}: {error}. Nothing was imported.") from error
    except NotEmptyError as error:
        where = database.shown
        need = "an import needs an empty database: name another one in DATABASE_URL"
        raise UsageError(f"{where}: {error}; {need}") from error
    finally:
        database.dispose()
    _report(reader.head, "Imported", f"from {file}", as_json=as_json)


@contextmanager
def written(file: str) -> Iterator[IO[bytes]]:
    """A file to be written, compressed by its name, that is there once it is whole. UsageError."""
    if file == STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path, part = Path(file), Path(f"{file}.part")
    if path.exists() and not path.is_file():
        raise UsageError(f"{file} is no file that could be replaced; `-` is standard output")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            if file.endswith(".gz"):
                with gzip.GzipFile("", "wb", LEVEL, out) as stream:
                    yield cast("IO[bytes]", stream)
            else:
                yield out
            out.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"can't write {file}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _read(file: str) -> Iterator[IO[bytes]]:
    if file == STREAM:
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as source:
            yield source
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from error


def _report(head: Head, done: str, where: str, *, as_json: bool, to_stderr: bool = False) -> None:
    if as_json:
        click.echo(json.dumps(head.model_dump(mode="json"), indent=2), err=to_stderr)
        return
    moved = ", ".join(counted(count, name.removesuffix("s")) for name, count in head.counts.items())
    click.echo(f"{done} {where}: {moved}.", err=to_stderr)
    taken = f"Taken at {head.at:%Y-%m-%d %H:%M:%S} UTC by warroom {head.version}."
    click.echo(taken, err=to_stderr)
