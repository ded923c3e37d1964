"""`--format sarif`: SARIF 2.1.0 as GitHub's code scanning takes it.

Rules
- Every result has a place with lines and columns, its end exclusive, and a fingerprint that stays
  when lines move.
- At most 25,000 results; what was cut is told as a notification of the run.
- What an exception allows is there, suppressed as accepted; what a war room is open on as under
  review: the page says the same as Slack.
"""

import json
from typing import Any
from urllib.parse import quote

from bot import HOME, __version__
from bot.check.findings import RULES, Checked, Finding, Severity, written
from bot.client.verdict import moment

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RESULTS_MOST = 25_000
SKIPPED_MOST = 100
SNIPPET_MOST = 2_000  # letters
CATEGORY = "warroom-check"
_LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
# GitHub's bands: above 9 critical, from 7 high, from 4 medium.
_SECURITY = {
    Severity.LOW: "2.0",
    Severity.MEDIUM: "5.0",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
_NUMBERS = {rule.id: number for number, rule in enumerate(RULES)}


def text(checked: Checked, category: str = CATEGORY) -> str:
    """The log, as JSON. `category` tells this run from others on the same commit."""
    return json.dumps(log(checked, category), indent=2)


def log(checked: Checked, category: str = CATEGORY) -> dict[str, Any]:
    """The log, as plain data."""
    findings = checked.findings[:RESULTS_MOST]
    skipped = checked.skipped[:SKIPPED_MOST]
    notes = [*checked.notes, *(written(f"Skipped {path}: {why}.") for path, why in skipped)]
    if len(checked.skipped) > SKIPPED_MOST:
        notes.append(f"Skipped {len(checked.skipped) - SKIPPED_MOST:,} more files.")
    if len(checked.findings) > RESULTS_MOST:
        notes.append(f"Cut to {RESULTS_MOST:,} of {len(checked.findings):,} results.")
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "warroom check",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "informationUri": HOME,
                        "rules": _rules(checked),
                    }
                },
                "automationDetails": {"id": f"{category}/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    "SRCROOT": {"description": {"text": "The folder that was checked."}}
                },
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "note", "message": {"text": note}} for note in notes
                        ],
                    }
                ],
                "results": [_result(finding) for finding in findings],
            }
        ],
    }


def _rules(checked: Checked) -> list[dict[str, Any]]:
    """All rules, each as grave as its findings are here."""
    severities = {finding.rule: finding.severity for finding in checked.findings}
    return [
        {
            "id": rule.id,
            "shortDescription": {"text": f"{rule.title}."},
            "fullDescription": {"text": rule.why},
            "help": {
                "text": f"{rule.why}\n\n{rule.mend}",
                "markdown": f"{rule.why}\n\n**Mend:** {rule.mend}",
            },
            "helpUri": f"{HOME}/blob/main/docs/check.md#{rule.id}",
            "defaultConfiguration": {"level": _LEVELS[severity]},
            "properties": {
                "tags": ["security", "governance", f"leak-{rule.leak}"],
                "precision": "high",
                "problem.severity": _LEVELS[severity].replace("note", "recommendation"),
                "security-severity": _SECURITY[severity],
            },
        }
        for rule in RULES
        for severity in (severities.get(rule.id, rule.severity),)
    ]


def _result(finding: Finding) -> dict[str, Any]:
    said = [f"Declared: {finding.declared}." if finding.declared else ""]
    said += [f"Found: {finding.found}." if finding.found else "", finding.mend]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": _NUMBERS[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join([finding.message, *(each for each in said if each)])},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path), "uriBaseId": "SRCROOT"},
                    **_regions(finding),
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint}:1"},
        "properties": {"leak": str(finding.leak), "severity": str(finding.severity)},
    }
    if suppression := finding.suppression:
        said_why = suppression.justification or f"See {suppression.id}."
        until = f" Until {moment(suppression.until)}." if suppression.until else ""
        result["suppressions"] = [
            {
                "kind": "external",
                "status": str(suppression.status),
                "justification": f"{said_why}{until}",
                "properties": {
                    "id": suppression.id,
                    **({"url": suppression.url} if suppression.url else {}),
                },
            }
        ]
    return result


def _uri(path: str) -> str:
    """A path as a relative reference; what is no UTF-8 in it, byte by byte."""
    return quote(path, errors="surrogateescape")


def _regions(finding: Finding) -> dict[str, Any]:
    """The place, with its text, and the lines around it; an end is never before its start."""
    span = finding.span
    last = max(span.end_line, span.line)
    end = span.end_column or span.column + 1
    if last == span.line:
        end = max(end, span.column + 1)
    region: dict[str, Any] = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": last,
        "endColumn": end,
    }
    lines = list(finding.excerpt)
    size = sum(map(len, lines))
    whole = len(lines) == last - span.line + 1 and size <= SNIPPET_MOST
    if whole:
        lines[-1] = lines[-1][: end - 1]
        lines[0] = lines[0][span.column - 1 :]
        if snippet := written("\n".join(lines)):
            region["snippet"] = {"text": snippet}
    context = written("\n".join(finding.excerpt))
    if not whole or not context:
        return {"region": region}
    around = {"startLine": span.line, "endLine": last, "snippet": {"text": context}}
    return {"region": region, "contextRegion": around}
