"""A finding as a violation: what the bot is asked, and what is reported to it.

Rules
- What a finding is stands in the violation's facts, where it stands in its origin: lines move, and
  what an exception allows stays the same.
- Its fingerprint is its deduplication key.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.check.findings import RULE, Checked, Finding, Status, Suppression
from bot.client import report
from bot.client.bot import Bot
from bot.client.ci.system import Run

TITLE_MOST = 200
SHOWN_PLACES = 20
_STATUS = {
    "exception": Status.ACCEPTED,
    "rule": Status.ACCEPTED,
    "room": Status.UNDER_REVIEW,
}


def violation(finding: Finding, run: Run, policy: str = "") -> dict[str, Any]:
    """The body of a violation for one finding. UsageError where nobody is known to have made it."""
    facts = {
        "rule": finding.rule,
        "leak": str(finding.leak),
        "severity": str(finding.severity),
        "path": finding.path,
        "declared": finding.declared,
        "found": finding.found,
        "message": finding.message,
    }
    said = {
        "policy": policy,
        "title": _cut(f"{RULE[finding.rule].title}: {finding.path}"),
        "severity": str(finding.severity),
        "team": finding.team,
        "subject": {"kind": "code", "name": _subject(finding.path, run)},
        "facts": {"finding": facts},
        "origin": {"code": _code(finding)},
        "dedup_key": f"check:{finding.fingerprint}",
    }
    return report.body(run, said)


def violations(checked: Checked, run: Run, policy: str = "") -> list[dict[str, Any]]:
    """The bodies of all findings, in their order. UsageError."""
    return [violation(finding, run, policy) for finding in checked.findings]


def suppressed(checked: Checked, bot: Bot, run: Run, policy: str = "") -> Checked:
    """The result with what the bot says of each finding. UnreachableError, UsageError."""
    if not checked.findings:
        return checked
    answers = bot.answers(violations(checked, run, policy))
    pairs = zip(checked.findings, answers, strict=True)
    return replace(checked, findings=tuple(_answered(finding, said) for finding, said in pairs))


def _answered(finding: Finding, said: dict[str, Any]) -> Finding:
    status = _STATUS.get(said["answer"])
    if status is None:
        return finding
    return replace(
        finding,
        suppression=Suppression(
            status,
            str(said.get("id") or ""),
            str(said.get("until") or ""),
            str(said.get("url") or ""),
            str(said.get("justification") or ""),
        ),
    )


def _code(finding: Finding) -> dict[str, Any]:
    span = finding.span
    excerpt = list(finding.excerpt)
    place = {"path": finding.path, "line": span.line, "end_line": max(span.end_line, span.line)}
    return {**place, "excerpt": excerpt} if excerpt else place


def _subject(path: str, run: Run) -> str:
    repository = run.origin.get("repository")
    return _cut(f"{repository}:{path}" if repository else path)


def _cut(words: str) -> str:
    return words if len(words) <= TITLE_MOST else f"{words[: TITLE_MOST - 1]}…"


def shown(findings: Sequence[Finding]) -> str:
    """The places of some findings, a line each, the first of many."""
    places = [f"{one.path}:{one.span.line}: {one.message}" for one in findings[:SHOWN_PLACES]]
    more = len(findings) - len(places)
    return "\n".join([*places, f"and {more} more"] if more else places)
