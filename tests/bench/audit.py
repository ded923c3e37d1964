"""What `warroom audit verify` costs: an export of lived rooms, exceptions and clearances.

Rules
- The rooms are twins of those that were lived through, with ids of their own. What is personal is
  theirs too: ids are changed where they stand in an event's bytes, and not in what those commit to.
- The yardstick is the CPU that SHA-256 and `json.loads` take for the same lines, next to it.
- A million is what is asked of it, so a million are verified, once.
- Memory is that of all processes together; what they share is counted once.
"""

import asyncio
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.cores import cores
from bot.domain.clearance import CLEARANCE
from bot.domain.configuration import CONFIGURATION
from bot.evidence.export_lines import Entry
from bot.storage.database import Database
from tests.bench.machine import family_memory
from tests.bench.row import Row
from tests.bench.stock import Stock, prepared
from tests.evidence.conftest import story
from tests.evidence.exporting import Written, written

COPIES, CLEARED = 421, 40  # of all rooms, and clearances beside each of those copies
MICRO = 1e6
SECONDS_MOST, MEMORY_MOST = 60.0, 500e6
DIGITS = 5  # of an id are the number of its copy
_COMMAND = "from bot.cli.main import main; main()"


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Both."""
    say("an export to be verified")
    file = stock.folder / "export.jsonl"
    size = await asyncio.to_thread(_write, stock, file)
    say(f"verifying {size:,} events")
    seconds, cpu, most = await asyncio.to_thread(_run, file)
    raw = _raw(file)
    return [
        Row(
            f"`audit verify` of {size:,} events",
            f"{seconds:.1f} s, {cpu / size * MICRO:.0f} µs of CPU an event",
            f"{raw / size * MICRO:.0f} µs for SHA-256 and `json.loads` of the same lines, "
            f"the CPU {cpu / raw:.0f} times that",
            f"at most {SECONDS_MOST:.0f} s on {cores()} cores",
            seconds <= SECONDS_MOST,
        ),
        Row(
            f"memory of it, all processes, {size:,} events",
            f"{most / 1e6:.0f} MB",
            "",
            f"under {MEMORY_MOST / 1e6:.0f} MB",
            most < MEMORY_MOST if most else None,
        ),
    ]


def _write(stock: Stock, file: Path) -> int:
    """Writes the export; gives how many events are in it."""
    lives = _record(stock.lived(is_open=False))
    path = stock.folder / "cleared.db"
    prepared(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    asyncio.run(story(database))
    database.dispose()
    cleared = _record(path)
    (clearance,) = (e for e in cleared.entries if e.leaf.stream_kind == CLEARANCE.kind)
    documents = {each.digest: each for each in (*lives.documents, *cleared.documents)}
    entries = tuple(_entries((*lives.entries, _loaded(lives, cleared)), clearance))
    file.write_bytes(Written(tuple(documents.values()), entries).data())
    return len(entries)


def _loaded(lives: Written, cleared: Written) -> Entry:
    """The load of the policy by which a violation was cleared, behind the loads of the rooms'."""
    loads = sum(each.leaf.stream_kind == CONFIGURATION.kind for each in lives.entries)
    load = cleared.entries[cleared.number("configuration_loaded")]
    return Entry.of(replace(load.leaf, seq=loads + 1), load.personal)


def _record(path: Path) -> Written:
    database = Database(f"sqlite:///{path}")
    try:
        return written(database)
    finally:
        database.dispose()


def _entries(lives: Sequence[Entry], clearance: Entry) -> Iterator[Entry]:
    rooms = [each for each in lives if each.leaf.stream_kind != CONFIGURATION.kind]
    ids: dict[str, set[str]] = {}
    for entry in (*rooms, clearance):
        event = json.loads(entry.leaf.payload)["event"]
        own = {_own(entry)} | ({event["violation"]["id"]} if "violation" in event else set())
        ids[_own(entry)] = ids.get(_own(entry), set()) | own
    yield from (each for each in lives if each.leaf.stream_kind == CONFIGURATION.kind)
    for copy in range(COPIES):
        yield from (_twin(each, ids[_own(each)], copy) for each in rooms)
        for number in range(CLEARED):
            yield _twin(clearance, ids[_own(clearance)], copy * CLEARED + number)


def _own(entry: Entry) -> str:
    """The id of its room, with which its exception goes, or of its violation."""
    return entry.leaf.stream_id.partition(".")[0]


def _twin(entry: Entry, ids: set[str], number: int) -> Entry:
    payload, stream_id = entry.leaf.payload, entry.leaf.stream_id
    for old in ids:
        new = f"{old[:-DIGITS]}{number:0{DIGITS}}"
        payload, stream_id = payload.replace(old, new), stream_id.replace(old, new)
    return Entry.of(replace(entry.leaf, payload=payload, stream_id=stream_id), entry.personal)


def _run(file: Path) -> tuple[float, float, float]:
    """Seconds from the command's start to its end, those of CPU, and the most memory meanwhile."""
    began, before = time.perf_counter(), _busy()
    command = [sys.executable, "-c", _COMMAND, "audit", "verify", str(file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, family_memory(process.pid))
            time.sleep(0.1)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"the export is not sound: {said[:500]}")
    return time.perf_counter() - began, _busy() - before, most


def _busy() -> float:
    """Seconds of CPU that ended children have taken, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _raw(file: Path) -> float:
    """Seconds of CPU that hashing and parsing its lines take."""
    began = time.process_time()
    with file.open("rb") as lines:
        for line in lines:
            hashlib.sha256(line)
            json.loads(line)
    return time.process_time() - began
