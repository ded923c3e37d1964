"""A finding as a violation: what the bot is asked, and what is reported to it.

Rules
- What a finding is stands in the violation's facts, where it stands in its origin: lines move, and
  what an exception allows stays the same.
- Its fingerprint is its deduplication key.
- Of all findings together no single one is told as the violation's: what allows one of them, by its
  rule or its file, allows no other with it.
"""

import hashlib
from dataclasses import replace
from typing import Any

from bot.check.findings import RULE, Checked, Finding, Severity, Status, Suppression
from bot.client import report
from bot.client.bot import Bot
from bot.client.ci.system import Run

TITLE_MOST, LINE_MOST, PATH_MOST = 200, 300, 500  # letters, as much as a violation holds
TOLD_MOST = 100  # findings, of all together; the rest are in the digest
_TELLING = frozenset(("code", "commit_message", "changed_files"))  # of an origin: what nothing asks
_STATUS = {
    "exception": Status.ACCEPTED,
    "rule": Status.ACCEPTED,
    "room": Status.UNDER_REVIEW,
}


def violations(checked: Checked, run: Run, policy: str = "") -> list[dict[str, Any]]:
    """The bodies of all findings, in their order. UsageError where it isn't known who made it."""
    return [_violation(finding, run, policy) for finding in checked.findings]


def together(checked: Checked, run: Run, policy: str = "") -> dict[str, Any]:
    """One body for all findings. UsageError where it isn't known who made it."""
    findings = checked.findings
    gravest = max(findings, key=lambda finding: tuple(Severity).index(finding.severity))
    prints = "\0".join(finding.fingerprint for finding in findings)
    digest = hashlib.sha256(prints.encode()).hexdigest()[:32]
    teams = {finding.team for finding in findings}
    count = f"{len(findings)} findings" if len(findings) > 1 else "1 finding"
    said = {
        "policy": policy,
        "title": _cut(f"{count}, first {gravest.rule}: {gravest.name}"),
        "severity": str(gravest.severity),
        "team": teams.pop() if len(teams) == 1 else "",
        "subject": {"kind": "code", "name": _cut(str(run.origin.get("repository") or "code"))},
        "facts": {
            "findings": [_facts(finding) for finding in findings[:TOLD_MOST]],
            "count": len(findings),
            "digest": digest,
        },
        "origin": {"code": _code(gravest)},
        "dedup_key": f"check:{digest}",
    }
    return report.body(run, said)


def _violation(finding: Finding, run: Run, policy: str) -> dict[str, Any]:
    said = {
        "policy": policy,
        "title": _cut(f"{RULE[finding.rule].title}: {finding.name}"),
        "severity": str(finding.severity),
        "team": finding.team,
        "subject": {"kind": "code", "name": _subject(finding.name, run)},
        "facts": {"finding": _facts(finding)},
        "origin": {"code": _code(finding)},
        "dedup_key": f"check:{finding.fingerprint}",
    }
    return report.body(run, said)


def _facts(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "leak": str(finding.leak),
        "severity": str(finding.severity),
        "path": finding.name,
        "declared": finding.declared,
        "found": finding.found,
        "message": finding.message,
    }


def suppressed(checked: Checked, bot: Bot, run: Run, policy: str = "") -> Checked:
    """The result with what the bot says of each finding. UnreachableError, UsageError."""
    if not checked.findings:
        return checked
    if not run.initiator:
        who = "it isn't known who made the change"
        return checked.noted(f"Nobody was asked what is allowed already, since {who}.")
    asked = replace(run, origin={k: v for k, v in run.origin.items() if k not in _TELLING})
    answers = bot.answers(violations(checked, asked, policy))
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
    excerpt = [line[:LINE_MOST] for line in finding.excerpt]
    place = {
        "path": finding.name[:PATH_MOST],
        "line": span.line,
        "end_line": max(span.end_line, span.line),
    }
    return {**place, "excerpt": excerpt} if excerpt else place


def _subject(path: str, run: Run) -> str:
    repository = run.origin.get("repository")
    return _cut(f"{repository}:{path}" if repository else path)


def _cut(words: str) -> str:
    return words if len(words) <= TITLE_MOST else f"{words[: TITLE_MOST - 1]}…"
