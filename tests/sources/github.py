"""GitHub's side: a failed run, a failed check, and how they are sent."""

import hmac
import json
from typing import Any

import httpx

from bot.demo.pipeline import HERE
from tests.sources.conftest import GITHUB, Pipeline

RUN = json.loads((HERE / "workflow_run.json").read_text(encoding="utf-8"))
CHECK = {
    "action": "completed",
    "check_run": {
        "name": "Guardrails",
        "head_sha": "8c1f2a7d",
        "html_url": "https://github.com/acme/ranker/runs/4",
        "conclusion": "failure",
        "completed_at": "2026-11-20T08:20:00Z",
        "pull_requests": [],
    },
    "repository": {"full_name": "acme/ranker"},
    "sender": {"login": "Ada"},
}


async def post(
    pipeline: Pipeline,
    report: dict[str, Any] | bytes,
    event: str = "workflow_run",
    **changed: str,
) -> httpx.Response:
    """A signed delivery; what is changed are headers."""
    content = report if isinstance(report, bytes) else json.dumps(report).encode()
    digest = hmac.new(GITHUB.encode(), content, "sha256").hexdigest()
    headers = {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": "delivery-1",
        "x-hub-signature-256": f"sha256={digest}",
    }
    changed = {name.replace("_", "-"): value for name, value in changed.items()}
    return await pipeline.web.post("/webhooks/github", content=content, headers=headers | changed)


def run(**fields: object) -> dict[str, Any]:
    """A failed workflow run of ada's."""
    report: dict[str, Any] = json.loads(json.dumps(RUN))
    report["workflow_run"] |= fields
    report["workflow_run"]["actor"]["login"] = "ada"
    return report


def check(**fields: object) -> dict[str, Any]:
    """A failed check run of ada's."""
    report: dict[str, Any] = json.loads(json.dumps(CHECK))
    report["check_run"] |= fields
    return report
