"""Ready-made violations, as the pipelines that find them would report them.

Rules
- Each is made fresh: another run, commit and subject, so that it is answered on its own.
- It is what would come over the wire: GitHub's own webhook, or a body of Standard Webhooks.
- Its label says what to expect of the demo's policies.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_WORKFLOW_RUN = Path(__file__).parent / "workflow_run.json"
_TOOK = timedelta(minutes=6)

Made = dict[str, Any]

GITHUB, VIOLATIONS, EXPORT_CI = "github", "violations", "export-ci"


@dataclass(frozen=True, slots=True)
class Example:
    """A ready-made violation; `source` is the webhook that it goes to, `policy` what it breaks.

    `signer` is the name of the secret that signs it.
    """

    name: str
    label: str
    source: str
    policy: str
    make: Callable[[datetime], Made]
    signer: str = VIOLATIONS

    def body(self, now: datetime) -> str:
        """The example as if it happened at `now`, indented for a person to read and change."""
        return json.dumps(self.make(now), indent=2, ensure_ascii=False)


def fine_tuning(now: datetime) -> Made:
    """GitHub reports a workflow that failed: the model learned from personal data."""
    made: Made = json.loads(_WORKFLOW_RUN.read_text(encoding="utf-8"))
    run, number, commit = made["workflow_run"], _number(), _commit()
    run["id"] = 9_000_000_000 + secrets.randbelow(1_000_000_000)
    run["run_number"] = number
    run["html_url"] = f"https://github.com/acme/ranker/actions/runs/{run['id']}"
    run["url"] = f"https://api.github.com/repos/acme/ranker/actions/runs/{run['id']}"
    request = run["pull_requests"][0]  # or a new commit would end the last one's room
    request["number"] = number
    request["url"] = f"https://api.github.com/repos/acme/ranker/pulls/{number}"
    run["head_sha"] = run["head_commit"]["id"] = request["head"]["sha"] = commit
    began, ended = _github(now - _TOOK), _github(now)
    run["created_at"] = run["run_started_at"] = run["head_commit"]["timestamp"] = began
    run["updated_at"] = ended
    return made


def export(now: datetime) -> Made:  # noqa: ARG001 - one signature for all examples
    """A model was copied to a customer, and nobody had approved it."""
    number = _number()
    return {
        "policy": "model-export",
        "title": f"ranker {number} exported without approval",
        "initiator": {"email": "ada@acme.test"},
        "subject": {"kind": "artifact", "name": "ranker", "version": str(number)},
        "origin": {
            "system": "registry",
            "repository": "acme/ranker",
            "commit": _commit(),
            "run_url": f"https://ci.acme.test/runs/{number}",
            "environment": "customer-eu",
        },
        "facts": {
            "destination": "s3://customer-eu/ranker",
            "to": "customer",
            "classification": "internal",
            "megabytes": 812,
        },
        "dedup_key": f"export-ranker-{number}-{secrets.token_hex(4)}",
    }


def internal(now: datetime) -> Made:
    """A model was copied within the company's own storage."""
    made = export(now)
    facts = made["facts"] | {"destination": "s3://acme-models/ranker", "to": "internal"}
    title = f"ranker {made['subject']['version']} copied without approval"
    origin = made["origin"] | {"environment": "staging"}
    return {**made, "title": title, "origin": origin, "facts": facts}


def stranger(now: datetime) -> Made:
    """An export to a customer, by a login that nobody here knows."""
    return {**export(now), "initiator": {"github": "n3wcomer"}}


def drift(psi: float) -> Callable[[datetime], Made]:
    """A deployed model left the range in which it was tested, as far as `psi`."""

    def make(now: datetime) -> Made:  # noqa: ARG001 - one signature for all examples
        number = _number()
        return {
            "policy": "production-drift",
            "title": f"churn {number} drifted past 0.2",
            "initiator": {"email": "ada@acme.test"},
            "subject": {"kind": "deployment", "name": "churn", "version": str(number)},
            "origin": {"system": "monitoring", "environment": "production"},
            "facts": {"psi": psi, "threshold": 0.2},
            "dedup_key": f"drift-churn-{number}-{secrets.token_hex(4)}",
        }

    return make


def answer(confidence: float) -> Callable[[datetime], Made]:
    """A deployed model answered a customer, as sure of it as `confidence` says."""

    def make(now: datetime) -> Made:  # noqa: ARG001 - one signature for all examples
        number = _number()
        return {
            "policy": "unsure-answer",
            "title": f"claims answered case {number}",
            "initiator": {"email": "ada@acme.test"},
            "subject": {"kind": "deployment", "name": "claims", "version": "4"},
            "origin": {"system": "serving", "environment": "production"},
            "facts": {"confidence": confidence, "case": number},
            "dedup_key": f"answer-claims-{number}-{secrets.token_hex(4)}",
        }

    return make


EXAMPLES = {
    example.name: example
    for example in (
        Example(
            "fine-tuning",
            "Fine-tuned on personal data: asks people",
            GITHUB,
            "pii-fine-tuning",
            fine_tuning,
        ),
        Example(
            "internal",
            "Copied within the house: clears at once",
            VIOLATIONS,
            "model-export",
            internal,
            EXPORT_CI,
        ),
        Example(
            "export",
            "Exported to a customer: asks people",
            VIOLATIONS,
            "model-export",
            export,
            EXPORT_CI,
        ),
        Example(
            "stranger",
            "Exported by a stranger: takes two people",
            VIOLATIONS,
            "model-export",
            stranger,
            EXPORT_CI,
        ),
        *(
            Example(name, label, VIOLATIONS, "unsure-answer", answer(confidence))
            for name, label, confidence in (
                ("sure-answer", "Answered, 0.95 sure: passes", 0.95),
                ("unsure-answer", "Answered, 0.7 sure: asks the validator", 0.7),
                ("low-answer", "Answered, 0.3 sure: asks the adjudicator", 0.3),
            )
        ),
        *(
            Example(name, label, VIOLATIONS, "production-drift", drift(psi))
            for name, label, psi in (
                ("drift", "Drifted to 0.21: the validator, in 1 h", 0.21),
                ("grave-drift", "Drifted to 0.3: the adjudicator, in 10 min", 0.3),
            )
        ),
    )
}


def _number() -> int:
    return secrets.randbelow(900) + 100


def _commit() -> str:
    return secrets.token_hex(20)


def _github(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
