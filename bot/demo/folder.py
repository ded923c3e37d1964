"""Where a demo's data lies: in a folder thrown away at the end, or in one that is kept.

Rules
- One demo a folder: a second one would write over the first one's files.
- What can't be written, or isn't what the demo wrote, is said by its name before anything starts.
- The configuration is written anew each time: its rules end some months after the demo starts.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.demo import project
from bot.errors import UsageError

INSTEAD = "remove it, or name another folder"
TEMPLATE = Path(__file__).parent / "config"
RULES_HOLD = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Folder:
    """The demo's files; when nothing is kept, only the database and the configuration."""

    path: Path
    kept: bool

    @property
    def database_url(self) -> str:
        """The address of the bot's database."""
        return f"sqlite:///{self.database}"

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.path / "warroom.db"

    @property
    def local_slack(self) -> Path | None:
        """The file that keeps the local Slack's state."""
        return self.path / "workspace.json" if self.kept else None

    @property
    def config(self) -> Path:
        """The folder of the bot's configuration."""
        return self.path / "config"

    @property
    def project(self) -> Path:
        """The folder of the project that the pipeline checks."""
        return self.path / "project"

    @property
    def clock(self) -> Path | None:
        """The file that keeps how far the clock is ahead."""
        return self.path / "clock.json" if self.kept else None


def configure(place: Folder) -> None:
    """Write the configuration and the project. UsageError where that can't be done."""
    until = datetime.now(UTC) + RULES_HOLD
    try:
        place.config.mkdir(exist_ok=True)
        for template in TEMPLATE.iterdir():
            written = template.read_text(encoding="utf-8").replace("UNTIL", f"{until:%Y-%m-%d}")
            (place.config / template.name).write_text(written, encoding="utf-8")
        project.write(place.project)
    except OSError as error:
        said = f"can't write to {error.filename or place.path}: {error.strerror}"
        raise UsageError(f"--keep: {said}" if place.kept else said) from error


@contextmanager
def folder(keep: Path | None) -> Iterator[Folder]:
    """`keep`, or one that is gone afterwards. UsageError where it can't be used."""
    if keep is None:
        with TemporaryDirectory(prefix="warroom-demo-") as temporary:
            yield Folder(Path(temporary), kept=False)
        return
    path = keep.absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--keep: can't write to {keep}: {error.strerror}") from error
    with _alone(path, keep):
        yield Folder(path, kept=True)


@contextmanager
def _alone(path: Path, named: Path) -> Iterator[None]:
    """A lock that every system has, and that a crash lets go of: SQLite's."""
    try:
        connection = sqlite3.connect(path / "lock", timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise UsageError(f"--keep: can't write to {named}: {error}") from error
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise UsageError(f"--keep: another demo runs in {named}") from error
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise UsageError(f"--keep: {path / 'lock'} is no lock: {INSTEAD}") from error
            raise UsageError(f"--keep: can't write to {named}: {error}") from error
        yield
