"""`warroom export` and `import`: what is refused leaves nothing, and says what is wrong."""

import asyncio
import gzip
import io
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.cli.transfer import Progress
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage import copying
from bot.storage.archive import ArchiveReader, ArchiveWriter
from bot.storage.database import Database
from tests.build import APPROVE, POLICY, acting, config, report, val
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING
from tests.storage.exports import revision_0005

Lines = list[bytes]


def _warroom(url: str, *arguments: str, given: bytes | None = None) -> Result:
    return CliRunner(env={"DATABASE_URL": url}).invoke(main, arguments, input=given)


async def _story(url: str) -> None:
    database = Database(url)
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), HandClock(), wakeups, FOLLOWING)
    await engine.start("tests")
    for key in ("one", "two"):
        room = (await engine.report(report(dedup_key=key), "violations", key)).room
    await engine.handle(room.id, APPROVE, acting(val.name))
    await asyncio.to_thread(engine.stop)
    database.dispose()


@pytest.fixture
def source(sqlite_template: Path, tmp_path: Path) -> str:
    """A database with two rooms."""
    file = tmp_path / "source.db"
    shutil.copy(sqlite_template, file)
    asyncio.run(_story(f"sqlite:///{file}"))
    return f"sqlite:///{file}"


@pytest.fixture
def lines(source: str, tmp_path: Path) -> Lines:
    """The lines of its export."""
    file = tmp_path / "whole.jsonl"
    assert _warroom(source, "export", str(file)).exit_code == 0
    return file.read_bytes().splitlines(keepends=True)


def _empty(url: str) -> bool:
    database = Database(url)
    try:
        with database.read.connect() as connection:
            return not any(copying.counts(connection).values())
    finally:
        database.dispose()


def _refused(url: str, content: bytes) -> str:
    """What is said of a file that is refused."""
    done = _warroom(url, "import", "-", given=content)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert _empty(url)
    return done.output


def test_a_file_that_was_cut_off_is_refused(database_url: str, lines: Lines) -> None:
    whole = b"".join(lines)
    for end in (0, 1, len(lines) // 2, len(lines) - 1):
        said = _refused(database_url, b"".join(lines[:end]))
        assert "cut off" in said
    assert "cut off" in _refused(database_url, whole[:-2])
    packed = gzip.compress(whole)
    for end in (3, len(packed) // 2, len(packed) - 1):
        assert "-: " in _refused(database_url, packed[:end])
    done = _warroom(database_url, "import", "-", given=packed)
    assert done.exit_code == 0, done.output


def _with(number: int, change: Callable[[bytes], bytes]) -> Callable[[Lines], Lines]:
    def changed(lines: Lines) -> Lines:
        copy = list(lines)
        copy[number] = change(copy[number])
        return copy

    return changed


def _in_effects(offset: int, change: Callable[[bytes], bytes]) -> Callable[[Lines], Lines]:
    """The same, so many lines after the one that names the effects' columns."""

    def changed(lines: Lines) -> Lines:
        names = next(n for n, line in enumerate(lines) if line.startswith(b'{"table":"effects"'))
        return _with(names + offset, change)(lines)

    return changed


def _starting_with(value: object, line: bytes) -> bytes:
    return json.dumps([value, *json.loads(line)[1:]]).encode() + b"\n"


ALTERED: dict[str, Callable[[Lines], Lines]] = {
    "a letter": lambda lines: [line.replace(b"customers_eu", b"customers_us") for line in lines],
    "a row left out": lambda lines: [*lines[:-3], *lines[-2:]],
    "a row twice": lambda lines: [*lines[:2], lines[2], *lines[2:]],
    "a row too short": _in_effects(
        1, lambda line: json.dumps(json.loads(line)[:-1]).encode() + b"\n"
    ),
    "a row of another kind": _in_effects(1, lambda line: _starting_with({"a": 1}, line)),
    "a number too large": _in_effects(1, lambda line: _starting_with(10**30, line)),
    "text for a number": _in_effects(1, lambda line: _starting_with("one", line)),
    "no row": _in_effects(1, lambda _: b'"text"\n'),
    "no JSON": _in_effects(1, lambda line: line[:-9] + b"\n"),
    "deep JSON": _in_effects(1, lambda _: b"[" * 100_000 + b"\n"),
    "another table": _in_effects(0, lambda _: b'{"table": "secrets", "columns": ["a"]}\n'),
    "another column": _in_effects(0, lambda line: line.replace(b'"stream_id"', b'"streams_id"')),
    "the counts": _with(0, lambda line: line.replace(b'"rooms":2', b'"rooms":3')),
    "the highest id": _with(0, lambda line: line.replace(b'"last_ids":{', b'"last_ids":{"x":1,')),
    "the checksum": _with(-1, lambda line: line.replace(b'"sha256":"', b'"sha256":"0')),
    "no head": lambda lines: lines[1:],
    "more after its end": lambda lines: [*lines, lines[2]],
    "two in one": lambda lines: [*lines, *lines],
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_file_that_was_altered_is_refused(database_url: str, lines: Lines, what: str) -> None:
    altered = ALTERED[what](lines)
    assert altered != lines
    said = _refused(database_url, b"".join(altered))
    assert "Nothing was imported" in said


def test_a_row_that_its_events_do_not_give_is_refused(database_url: str, lines: Lines) -> None:
    """Somebody who made the checksum anew has still to explain the decision."""
    for before, after, said in (
        (
            b'\\"outcome\\":\\"approved\\"',
            b'\\"outcome\\":\\"rejected\\"',
            "its events give another",
        ),
        (b'"decided","pii', b'"open","pii', "columns"),
        (b'"kind\\":\\"decided\\"', b'"kind\\":\\"decidid\\"', "can't be read"),
    ):
        forged = _forged(lines, before, after)
        assert said in _refused(database_url, forged), after


def _forged(lines: Lines, before: bytes, after: bytes) -> bytes:
    """The file with one thing changed in it, and a foot that agrees."""
    changed = [line.replace(before, after, 1) for line in lines]
    at = next(number for number, line in enumerate(lines) if changed[number] != line)
    out, now = io.BytesIO(), ArchiveReader(io.BytesIO(b"".join(lines)))
    writer = ArchiveWriter(out)
    writer.head(now.head)
    table: tuple[str, list[str]] | None = None
    rows: list[list[Any]] = []
    for number, line in enumerate(lines[1:], start=1):
        value = json.loads(changed[at] if number == at else line)
        if isinstance(value, list):
            rows.append(value)
            continue
        if table:
            writer.table(*table, rows)
        table, rows = (value.get("table"), value.get("columns")), []
    writer.foot()
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"# A README\n", b"\x1f\x8b garbage", gzip.compress(b"text\n", mtime=0), b"{}\n", b"[1]\n"],
)
def test_another_file_is_no_export(database_url: str, content: bytes) -> None:
    assert "no export" in _refused(database_url, content)


def test_a_newer_format_and_an_unknown_revision_are_named(database_url: str, lines: Lines) -> None:
    head = json.loads(lines[0])
    newer = {"warroom_export": 2, "version": "9.1", "rows": []}
    said = _refused(database_url, json.dumps(newer).encode() + b"\n")
    assert "warroom 9.1, format 2" in said
    other = json.dumps(head | {"revision": "7777"}).encode() + b"\n"
    said = _refused(database_url, other + b"".join(lines[1:]))
    assert "7777" in said
    assert "a newer one" in said


def test_an_export_of_the_version_before_is_taken(database_url: str) -> None:
    """Into a database that has today's tables already, and once."""
    whole = revision_0005.file.read_bytes()
    done = _warroom(database_url, "import", "-", given=whole)
    assert done.exit_code == 0, done.output
    count = len(revision_0005.rows("violations"))
    assert json.loads(_warroom(database_url, "stats", "--json").output)["current"]["n"] == count
    assert _warroom(database_url, "import", "-", given=whole).exit_code == 2


def test_an_altered_export_of_the_version_before_leaves_nothing(database_url: str) -> None:
    """Neither one whose checksum is another, nor one whose rooms are not what their events give."""
    lines = gzip.decompress(revision_0005.file.read_bytes()).splitlines(keepends=True)
    altered = b"".join(line.replace(b"customers_eu", b"customers_us") for line in lines)
    assert "Nothing was imported" in _refused(database_url, altered)
    outcome = b'\\"outcome\\":\\"%s\\"'
    forged = _forged(lines, outcome % b"withdrawn", outcome % b"approved")
    assert "its events give another decision" in _refused(database_url, forged)


def test_a_database_that_is_not_empty_is_left_as_it_is(database_url: str, lines: Lines) -> None:
    whole = b"".join(lines)
    assert _warroom(database_url, "import", "-", given=whole).exit_code == 0
    done = _warroom(database_url, "import", "-", given=whole)
    assert done.exit_code == 2
    assert "2 rooms" in done.output
    assert "empty database" in done.output
    assert json.loads(_warroom(database_url, "stats", "--json").output)["current"]["n"] == 2


def test_a_file_appears_when_it_is_whole_and_is_its_owners(source: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    file = folder / "warroom.jsonl.gz"
    for _ in range(2):  # the second time over the first
        done = _warroom(source, "export", str(file), "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["counts"]["rooms"] == 2
    assert list(folder.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[:2] == b"\x1f\x8b"
    piped = _warroom(source, "export", "-", "--json")
    assert json.loads(piped.stderr)["counts"]["rooms"] == 2
    ours, theirs = piped.stdout_bytes.splitlines(), gzip.decompress(file.read_bytes()).splitlines()
    assert ours[1:-1] == theirs[1:-1]


def test_what_cannot_be_reached_or_written_is_said(source: str, tmp_path: Path) -> None:
    nothing = f"sqlite:///{tmp_path}/nothing.db"
    away = "postgresql://nobody:secret@127.0.0.1:1/nothing"
    whole = str(tmp_path / "whole.jsonl")
    assert _warroom(source, "export", whole).exit_code == 0
    for url, arguments, code, said in (
        (nothing, ("export", "-"), 3, "found no database at"),
        (away, ("export", "-"), 3, "can't use"),
        (away, ("import", whole), 3, "can't use"),
        (source, ("export", str(tmp_path / "no" / "file")), 2, "can't write"),
        (source, ("export", "/dev/null"), 2, "is no file"),
        (nothing, ("import", str(tmp_path / "no" / "file")), 2, "can't read"),
        (nothing, ("export",), 2, "Missing argument"),
    ):
        done = _warroom(url, *arguments)
        assert (done.exit_code, said in done.output) == (code, True), done.output
        assert "secret" not in done.output
    assert not (tmp_path / "nothing.db").exists()


def test_progress_is_said_every_few_seconds() -> None:
    said, times = list[str](), iter([0.0, 1.0, 3.5, 4.0, 7.0])
    progress = Progress(said.append, lambda: next(times))
    for done in range(1, 5):
        progress("rows", done * 1000, 4000)
    assert said == ["2,000 of 4,000 rows …", "4,000 of 4,000 rows …"]
