"""A check from beginning to end: files, declarations, rules, findings."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot.check.changed import Changed
from bot.check.declarations import Declarations
from bot.check.findings import RULE, Checked, Finding, in_order
from bot.check.known import KnownCalls
from bot.check.rules import Comparison, invalid
from bot.check.scan import scan
from bot.check.standards import Standards
from bot.check.uses import FileReading, Span

EXCERPT_MOST = 20  # lines


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

    With `changed`, only in those that a branch touches; without what a `baseline` holds already.
    UsageError.
    """
    began = time.perf_counter()
    scanned = scan(paths, root, KnownCalls.with_own(standards.calls))
    readings = [
        reading for reading in scanned.readings if changed is None or changed.touches(reading)
    ]
    found = in_order(findings(readings, root, standards, today, changed))
    new = [with_excerpt(each, root) for each in found if each.fingerprint not in baseline]
    notes = list(standards.notes)
    if len(new) < len(found):
        notes.append(f"{len(found) - len(new)} that were there before are left out.")
    training = sum(reading.trains for reading in readings)
    seconds = time.perf_counter() - began
    seen = len(readings) if changed else scanned.seen
    return Checked(tuple(new), seen, training, scanned.skipped, seconds, tuple(notes))


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
    for path in sorted(rules & changed.paths) if changed else ():
        yield _rules_changed(path, standards)


def rules_below(standards: Standards, root: Path) -> frozenset[str]:
    """The files of the rules that lie below `root`: they declare nothing."""
    below = (file for file in standards.files if file.is_relative_to(root))
    return frozenset(file.relative_to(root).as_posix() for file in below)


def _rules_changed(path: str, standards: Standards) -> Finding:
    rule = RULE["rules-changed"]
    message = f"This change alters {path}, by which changes are judged."
    severity = standards.severity(rule.id)
    return Finding(path, Span(1, 1, 1, 2), rule.id, severity, message, mend=rule.mend)


def with_excerpt(finding: Finding, root: Path) -> Finding:
    """The finding with the lines it stands in, where the file can still be read."""
    span = finding.span
    try:
        text = (root / finding.path).read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return finding
    last = min(max(span.end_line, span.line), span.line + EXCERPT_MOST - 1)
    return replace(finding, excerpt=tuple(text.split("\n")[span.line - 1 : last]))
