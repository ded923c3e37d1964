"""`--gate`: what is found is reported, and the verdict on it waited for.

Rules
- Each finding is a violation of its own; with `one`, all of them are a single one, which is allowed
  only as a whole.
- The verdict is the gravest of all, and the gate's exit code that of the check.
- What the gate said last stands beside the findings. Where nobody answers, nothing does.
"""

from dataclasses import replace
from typing import Any

from bot.check import reported
from bot.check.findings import Checked, Finding, Status, Suppression
from bot.client.ci.system import Run
from bot.client.gate import Gate

STATUS = {"allow": Status.ACCEPTED, "pending": Status.UNDER_REVIEW}


def gated(checked: Checked, gate: Gate, run: Run, policy: str, *, one: bool) -> tuple[int, Checked]:
    """The exit code of the verdict on all findings, and the findings with what was said of each.

    UsageError where nobody is known to have made the change, or the bot refuses the question.
    """
    if one:
        bodies = [reported.together(checked, run, policy)]
    else:
        bodies = reported.violations(checked, run, policy)
    code = gate.report(*bodies)
    if len(gate.answers) < len(bodies):
        return code, checked.noted("Nothing counts as allowed, since no verdict is known.")
    answers = gate.answers * len(checked.findings) if one else gate.answers
    pairs = zip(checked.findings, answers, strict=True)
    return code, replace(checked, findings=tuple(_judged(*each) for each in pairs))


def _judged(finding: Finding, answer: dict[str, Any]) -> Finding:
    status = STATUS.get(answer["verdict"])
    if status is None:
        return finding
    by = answer.get("exception") or answer.get("rule") or {"id": answer["room_id"]}
    until = answer["expires_at"] if status is Status.UNDER_REVIEW else answer["valid_until"]
    told = (by["id"], until, answer["room_url"], answer["reason"])
    return replace(finding, suppression=Suppression(status, *(str(each or "") for each in told)))
