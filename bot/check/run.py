"""A check from beginning to end: files, declarations, rules, findings."""

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot.check.changed import Changed
from bot.check.declarations import Declarations
from bot.check.findings import RULE, Checked, Finding, in_order
from bot.check.known import KnownCalls
from bot.check.opening import SkippedError, UnreadableError, content_of, decoded
from bot.check.rules import Comparison, invalid
from bot.check.scan import scan
from bot.check.standards import Standards
from bot.check.uses import FileReading, Span
from bot.check.walk import MAX_BYTES

EXCERPT_MOST = 20  # lines
RULES_CHANGED = "rules-changed"
_LINE_END = re.compile(r"\r\n?|\n")


def check(
    paths: Sequence[Path],
    root: Path,
    standards: Standards,
    today: date,
    *,
    changed: Changed | None = None,
    baseline: frozenset[str] = frozenset(),
) -> Checked:
    """What is found in the files below `paths`, which lie below `root`.

    With `changed`, only in those that it tells; without what a `baseline` holds already.
    UsageError.
    """
    began = time.perf_counter()
    scanned = scan(paths, root, KnownCalls.with_own(standards.calls))
    readings = [
        reading for reading in scanned.readings if changed is None or changed.tells(reading)
    ]
    found = in_order(findings(readings, root, standards, today, changed))
    new = tuple(with_excerpts((each for each in found if not _was_there(each, baseline)), root))
    notes = list(standards.notes)
    if len(new) < len(found):
        notes.append(f"{len(found) - len(new)} that were there before are left out.")
    training = sum(reading.trains for reading in readings)
    seconds = time.perf_counter() - began
    seen = len(readings) if changed and changed.only else scanned.seen
    return Checked(new, seen, training, scanned.skipped, seconds, tuple(notes))


def _was_there(finding: Finding, baseline: frozenset[str]) -> bool:
    """Whether a finding is left out; never one of a changed baseline, which could hold itself."""
    return finding.fingerprint in baseline and finding.rule != RULES_CHANGED


def findings(
    readings: Iterable[FileReading],
    root: Path,
    standards: Standards,
    today: date,
    changed: Changed | None = None,
) -> Iterator[Finding]:
    """What is found in files that were read, in no order."""
    rules = rules_below(standards, root)
    declarations = Declarations(root, apart=rules)
    for reading in readings:
        declared = declarations.of(reading)
        yield from Comparison(reading, declared, standards, today).findings()
    yield from invalid(declarations.problems(), standards)
    if changed:
        yield from _rules_changed(changed, standards, root)


def rules_below(standards: Standards, root: Path) -> frozenset[str]:
    """The files of the rules that lie below `root`: they declare nothing."""
    below = (file for file in standards.files if file.is_relative_to(root))
    return frozenset(file.relative_to(root).as_posix() for file in below)


def _rules_changed(changed: Changed, standards: Standards, root: Path) -> Iterator[Finding]:
    """The files of the rules that a change alters, or may alter for all that is known."""
    rule = RULE[RULES_CHANGED]
    severity = standards.severity(rule.id)
    here = Span(1, 1, 1, 2)
    for file in standards.files:
        path = Path(os.path.relpath(file, root)).as_posix()
        if changed.unknown and file.exists():
            message = f"It can't be known whether this change alters {path}: {changed.unknown}."
            mend = "Fetch what it is compared with: `fetch-depth: 0` for actions/checkout."
            yield Finding(path, here, rule.id, severity, message, mend=mend, known=False)
        elif changed.alters(file, root):
            message = f"This change alters {path}, by which changes are judged."
            yield Finding(path, here, rule.id, severity, message, mend=rule.mend)


def with_excerpts(findings: Iterable[Finding], root: Path) -> Iterator[Finding]:
    """The findings with the lines that they stand in, where their files can still be read."""
    path, lines = "", list[str]()
    for finding in findings:
        if finding.path != path:
            path, lines = finding.path, _lines(root / finding.path)
        span = finding.span
        last = min(max(span.end_line, span.line), span.line + EXCERPT_MOST - 1)
        yield replace(finding, excerpt=tuple(lines[span.line - 1 : last]))


def _lines(file: Path) -> list[str]:
    """The lines as they were counted; none of what is no file any more."""
    try:
        content = content_of(file, MAX_BYTES)
    except (SkippedError, UnreadableError):
        return []
    try:
        text = decoded(content, python=file.suffix == ".py")
    except UnreadableError:
        text = content.decode("latin-1")
    return _LINE_END.split(text)
