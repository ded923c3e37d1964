"""Ready-made violations, as the pipelines that find them would report them.

Rules
- Each is made fresh: another run, commit and subject, so that it opens a room of its own.
- It is what would come over the wire: GitHub's own webhook, or a body of Standard Webhooks.
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


@dataclass(frozen=True, slots=True)
class Example:
    """A ready-made violation; `source` is the webhook that it goes to, `policy` what it breaks."""

    name: str
    label: str
    source: str
    policy: str
    make: Callable[[datetime], Made]

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
    run["head_sha"] = run["head_commit"]["id"] = run["pull_requests"][0]["head"]["sha"] = commit
    began, ended = _github(now - _TOOK), _github(now)
    run["created_at"] = run["run_started_at"] = run["head_commit"]["timestamp"] = began
    run["updated_at"] = ended
    return made


def export(now: datetime) -> Made:  # noqa: ARG001 - one signature for all examples
    """A model was copied out, and nobody had approved it."""
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
        },
        "facts": {"destination": "s3://partner-drop/ranker", "approval": None, "megabytes": 812},
        "dedup_key": f"export-ranker-{number}-{secrets.token_hex(4)}",
    }


def stranger(now: datetime) -> Made:
    """The same, by a login that nobody here knows."""
    return {**export(now), "initiator": {"github": "n3wcomer"}}


def drift(now: datetime) -> Made:  # noqa: ARG001 - one signature for all examples
    """A deployed model left the range in which it was tested."""
    number = _number()
    return {
        "policy": "production-drift",
        "title": f"churn {number} drifted past 0.2",
        "initiator": {"email": "ada@acme.test"},
        "subject": {"kind": "deployment", "name": "churn", "version": str(number)},
        "origin": {"system": "monitoring", "environment": "production"},
        "facts": {"psi": 0.27, "threshold": 0.2},
        "dedup_key": f"drift-churn-{number}-{secrets.token_hex(4)}",
    }


EXAMPLES = {
    example.name: example
    for example in (
        Example(
            "fine-tuning",
            "Fine-tuned on personal data (GitHub)",
            "github",
            "pii-fine-tuning",
            fine_tuning,
        ),
        Example("export", "Exported without approval", "violations", "model-export", export),
        Example("stranger", "Exported by somebody unknown", "violations", "model-export", stranger),
        Example("drift", "Drifted past its threshold", "violations", "production-drift", drift),
    )
}


def _number() -> int:
    return secrets.randbelow(900) + 100


def _commit() -> str:
    return secrets.token_hex(20)


def _github(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
