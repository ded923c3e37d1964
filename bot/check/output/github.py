"""`--format github`: annotations beside the lines, and a summary of the step.

Rules
- GitHub shows ten annotations a step and drops the rest in silence, so ten are written, and all
  findings stand in the summary.
- What comes from a file can't begin a workflow command, or mark up the summary.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.check.findings import Checked, Finding, Severity
from bot.check.output.text import plain, summary
from bot.errors import UsageError

ANNOTATIONS_MOST = 10
SUMMARY_MOST = 1_000_000  # bytes; GitHub takes 1 MiB a step
_KINDS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~-])")


def log(checked: Checked) -> Iterator[str]:
    """The lines of the step's log: annotations, notes, and what it comes to."""
    yield from annotations(checked.findings)
    yield from (f"note: {plain(note)}" for note in checked.notes)
    yield summary(checked)


def annotations(findings: Sequence[Finding]) -> Iterator[str]:
    """A workflow command for each of the gravest findings that nobody has allowed."""
    grave = tuple(Severity)
    left = [finding for finding in findings if not finding.allowed]
    order = sorted(left, key=lambda finding: -grave.index(finding.severity))
    for finding in order[:ANNOTATIONS_MOST]:
        span = finding.span
        properties = {
            "file": finding.name,
            "line": str(span.line),
            "col": str(span.column),
            "endLine": str(span.end_line or span.line),
            **({"endColumn": str(span.end_column)} if span.end_column else {}),
            "title": f"{finding.rule} ({finding.leak})",
        }
        written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        message = f"{finding.message} {finding.mend}".strip()
        yield f"::{_KINDS.get(finding.severity, 'notice')} {written}::{_message(message)}"


def write_summary(environment: Mapping[str, str], checked: Checked) -> None:
    """Add all findings to the step's summary, where there is one. UsageError."""
    if not (place := environment.get("GITHUB_STEP_SUMMARY")):
        return
    try:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(step_summary(checked))
    except OSError as error:
        raise UsageError(f"GITHUB_STEP_SUMMARY: can't write {place}: {error.strerror}") from error


def step_summary(checked: Checked) -> str:
    """All findings as a table of Markdown, cut where GitHub would refuse it, and says so."""
    notes = "".join(f"\n- {_cell(note)}\n" for note in checked.notes)
    head = f"### warroom check\n\n{_cell(summary(checked))}\n{notes}"
    if not checked.findings:
        return head
    written = [head, "| where | what | declared | found |", "| --- | --- | --- | --- |"]
    size = sum(len(line.encode()) for line in written)
    for number, finding in enumerate(checked.findings):
        line = _row(finding)
        size += len(line.encode()) + 1
        if size > SUMMARY_MOST:
            written.append(f"\nand {len(checked.findings) - number} more")
            break
        written.append(line)
    return "\n".join([*written, ""])


def _row(finding: Finding) -> str:
    where = f"{finding.name}:{finding.span.line}:{finding.span.column}"
    allowed = " (allowed)" if finding.allowed else ""
    what = f"**{finding.rule}**, {finding.severity}{allowed}: {_cell(finding.message)}"
    return f"| {_cell(where)} | {what} | {_cell(finding.declared)} | {_cell(finding.found)} |"


def _cell(words: str) -> str:
    """Words as they are, in a cell of a table: no markup, no mention, no line of its own."""
    line = " ".join("".join(each if each.isprintable() else " " for each in words).split())
    return _MARKUP.sub(r"\\\1", html.escape(line, quote=False)).replace("@", "@\u200b")


def _message(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _message(words).replace(":", "%3A").replace(",", "%2C")
