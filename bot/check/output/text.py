"""What a check found, for people: each finding with its line and a caret under the place."""

import re
from collections.abc import Iterator

from bot.check.findings import Checked, Finding, Status
from bot.check.walk import NOTHING_MET
from bot.client.verdict import moment

SHOWN_LINE = 160
SKIPPED_SHOWN = 10
_COMMAND = re.compile(r"(##)\[")  # GitHub's runner hears it anywhere in a line, `::` at its start


def lines(checked: Checked) -> Iterator[str]:
    """The result in words, findings first and what it comes to last."""
    for finding in checked.findings:
        yield from of_finding(finding)
        yield ""
    for path, why in checked.skipped[:SKIPPED_SHOWN]:
        yield f"skipped {plain(path)}: {plain(why)}"
    if len(checked.skipped) > SKIPPED_SHOWN:
        yield f"skipped {len(checked.skipped) - SKIPPED_SHOWN} more files"
    yield from (f"note: {plain(note)}" for note in checked.notes)
    yield summary(checked)


def of_finding(finding: Finding) -> Iterator[str]:
    """One finding: where, what, the line itself, and how to mend it."""
    path = plain(finding.name)
    at = f"{'./' if path.startswith(':') else ''}{path}:{finding.span.line}:{finding.span.column}"
    yield f"{at}: {finding.severity} {finding.rule} ({finding.leak})"
    yield f"  {plain(finding.message)}"
    if finding.excerpt:
        yield from _caret(finding)
    if finding.declared or finding.found:
        declared, found = finding.declared or "nothing", finding.found or "nothing"
        yield f"  declared: {plain(declared)}; found: {plain(found)}"
    if finding.suppression:
        yield f"  {_said(finding)}"
    if not finding.allowed:
        yield f"  mend: {plain(finding.mend)}"


def summary(checked: Checked) -> str:
    """What it comes to, in one line."""
    allowed = sum(finding.allowed for finding in checked.findings)
    unknown = len(checked.unknown)
    found = len(checked.findings) - unknown
    said = [_count(found, "finding")]
    if unknown:
        cannot = "that can't be known from here"
        said = (
            [*said, f"{unknown} {cannot}"] if found else [f"{_count(unknown, 'finding')} {cannot}"]
        )
    if allowed:
        said.append(f"{allowed} of them allowed")
    trains = "trains" if checked.training == 1 else "train"
    files = f"{_count(checked.seen, 'file')}, {checked.training} of them {trains}"
    if not checked.seen:
        files = NOTHING_MET
    skipped = f", {len(checked.skipped)} skipped" if checked.skipped else ""
    return f"{', '.join(said)}; {files}{skipped}; {checked.seconds:.1f} s"


def _count(number: int, word: str) -> str:
    many = "" if number == 1 else "s"
    return f"{number:,} {word}{many}" if number else f"no {word}s"


def _caret(finding: Finding) -> Iterator[str]:
    """The first line of the place, cut around it, with a caret under each letter of it."""
    line, span = finding.excerpt[0], finding.span
    start = max(0, span.column - SHOWN_LINE // 2)
    shown = line[start : start + SHOWN_LINE]
    before = shown[: span.column - 1 - start]
    end = span.end_column if span.end_line == span.line else len(line.rstrip()) + 1
    width = max(1, min(end, start + len(shown) + 1) - span.column)
    indent = "".join("\t" if letter == "\t" else " " for letter in before)
    number = str(span.line)
    yield f"  {number} | {plain(shown.rstrip())}"
    yield f"  {' ' * len(number)} | {indent}{'^' * width}"


def _said(finding: Finding) -> str:
    suppression = finding.suppression
    if suppression is None:
        return ""
    if suppression.status is Status.UNDER_REVIEW:
        where = f": {plain(suppression.url)}" if suppression.url else ""
        return f"war room {plain(suppression.id)} is open on it{where}"
    until = f" until {moment(suppression.until)}" if suppression.until else ""
    why = f": {plain(suppression.justification)}" if suppression.justification else ""
    return f"allowed by {plain(suppression.id)}{until}{why}"


def plain(words: str) -> str:
    """Words of others, without what moves a terminal's cursor, or commands GitHub's runner."""
    shown = "".join(each if each == "\t" or each.isprintable() else "?" for each in words)
    return _COMMAND.sub(r"\1 [", shown)
