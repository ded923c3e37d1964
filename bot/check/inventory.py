"""Which file trains, on what, from which base, to where, and from where that is known.

Rules
- Every file that was looked at is told in JSON; the table has those that train.
- One line for each name, how it is known and its role, the first; of what is unknown one for each
  role, and of targets one for each.
- `line` is the file's own. Where the name stands in another file, `in` says where.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.check.scan import Scan
from bot.check.uses import FileReading, Flag, Kind, Use, first_of_each
from bot.check.walk import NOTHING_MET

_UNKNOWN = "?"
_SHOWN = 80
_KINDS = tuple(Kind)
_HEAD = ("FILE", "WHAT", "NAME", "HOW", "WHERE")


def as_json(scan: Scan) -> dict[str, Any]:
    """The inventory for a program; keys beside those of the shape are there where they say more."""
    return {
        "files": [_file(reading) for reading in scan.readings],
        "skipped": [{"path": path, "why": why} for path, why in scan.skipped],
    }


def as_table(scan: Scan) -> str:
    """The inventory for a reader: the files that train, then how much was looked at."""
    training = [reading for reading in scan.readings if reading.trains]
    rows = [[*map(_harmless, row)] for reading in training for row in _rows(reading)]
    lines = list(_aligned([_HEAD, *rows])) if rows else []
    trains = "trains" if len(training) == 1 else "train"
    summary = f"{_counted(scan.seen, 'file')} looked at, {len(training)} of them {trains}"
    if not scan.seen:
        summary = NOTHING_MET[:1].upper() + NOTHING_MET[1:]
    if scan.skipped:
        summary += f"; {len(scan.skipped)} left out"
    unreadable = [
        f"{reading.path}:{reading.unreadable.span.line}: can't be read: {reading.unreadable.why}"
        for reading in scan.readings
        if reading.unreadable
    ]
    left_out = [f"left out: {path}: {why}" for path, why in scan.skipped]
    notes = map(_harmless, (*unreadable, *left_out))
    return "\n".join([*lines, *([""] if lines else []), *notes, f"{summary}."])


def _file(reading: FileReading) -> dict[str, Any]:
    told: dict[str, Any] = {"path": reading.path, "trains": reading.trains}
    uses = _told(reading)
    told["datasets"] = [_named(use) for use in uses if use.kind is Kind.DATASET]
    told["models"] = [_named(use) for use in uses if use.kind is Kind.MODEL]
    told["exports"] = [_export(use) for use in uses if use.kind is Kind.EXPORT]
    if reading.unreadable:
        told["unreadable"] = {"line": reading.unreadable.span.line, "why": reading.unreadable.why}
    return told


def _named(use: Use) -> dict[str, Any]:
    return {"name": use.name, "line": use.span.line, "how": str(use.how), **_besides(use)}


def _export(use: Use) -> dict[str, Any]:
    about = {"target": use.name, "line": use.span.line, "how": str(use.how)}
    return {"kind": use.export, **about, **_besides(use)}


def _besides(use: Use) -> dict[str, Any]:
    told = {"role": use.role, "in": use.within, "by": use.call}
    flags = {str(flag): True for flag in Flag if flag in use.flags}
    return {key: value for key, value in told.items() if value} | flags


def _told(reading: FileReading) -> tuple[Use, ...]:
    """What a file uses, by place."""
    order = sorted(reading.uses, key=lambda use: (_KINDS.index(use.kind), use.span, use.within))
    return tuple(first_of_each(order)) if reading.trains else ()


def _rows(reading: FileReading) -> Iterator[tuple[str, ...]]:
    path = reading.path
    for use in _told(reading):
        where = use.within or f"{use.span.line}"
        what = use.export if use.kind is Kind.EXPORT else use.role
        yield path, f"{use.kind} ({what})" if what else str(use.kind), _name(use), _how(use), where
        path = ""
    if path:
        yield path, "nothing named", "", "", ""


def _name(use: Use) -> str:
    name = use.name if use.name is not None else _UNKNOWN
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"


def _harmless(text: str) -> str:
    """The text without what a terminal would act on or couldn't show."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _how(use: Use) -> str:
    flags = ", ".join(str(flag) for flag in Flag if flag in use.flags)
    return f"{use.how}, {flags}" if flags else str(use.how)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
