"""`--format json`: what a check found, for a script."""

import json
from dataclasses import asdict
from typing import Any

from bot.check.findings import Checked, Finding, written


def text(checked: Checked) -> str:
    """The whole result, as one object of JSON."""
    skipped = len(checked.skipped)
    result = {
        "findings": [row(finding) for finding in checked.findings if finding.known],
        "unknown": [row(finding) for finding in checked.unknown],
        "files": {"seen": checked.seen, "training": checked.training, "skipped": skipped},
        "skipped": [{"path": written(path), "why": why} for path, why in checked.skipped],
        "notes": list(checked.notes),
        "seconds": round(checked.seconds, 3),
    }
    return json.dumps(result, indent=2)


def row(finding: Finding) -> dict[str, Any]:
    """One finding; lines and columns are counted from 1."""
    return {
        "path": finding.name,
        "line": finding.span.line,
        "column": finding.span.column,
        "rule": finding.rule,
        "severity": str(finding.severity),
        "leak": str(finding.leak),
        "declared": finding.declared,
        "found": finding.found,
        "message": finding.message,
        "mend": finding.mend,
        "fingerprint": finding.fingerprint,
        **suppressed(finding),
    }


def suppressed(finding: Finding) -> dict[str, Any]:
    """What the bot says of a finding, where it says something."""
    if finding.suppression is None:
        return {}
    said = asdict(finding.suppression)
    return {"suppressed": {key: str(value) for key, value in said.items()}}
