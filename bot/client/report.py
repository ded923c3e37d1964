"""The body of a violation that a pipeline reports, and the key by which it is known again.

Rules
- What the CI says of the run is the violation's origin, and who it says made the change its
  initiator, unless the report says so itself.
- The same report of the same commit has the same key, whichever run sends it: its verdict is found
  at once. One that names neither commit nor digest may be of anything, so its key is its own.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from bot.client.ci.system import Run
from bot.errors import UsageError

IDENTITIES = ("email", "github", "slack")
# Of an origin: what another run of the same commit has otherwise, or what only tells of it.
OF_THE_RUN = frozenset(
    (
        *("system", "run_url", "run_id", "job", "pull_request", "code"),
        *("commit_message", "author", "changed_files"),
    )
)


def body(run: Run, report: Mapping[str, Any]) -> dict[str, Any]:
    """The body of this report from this run. UsageError where nobody is known to have made it."""
    given = {name: value for name, value in report.items() if value not in (None, "", {}, [])}
    origin = {**run.origin, **given.get("origin", {})}
    initiator = given.get("initiator") or run.initiator
    if not initiator:
        names = ", ".join(f"--initiator-{each}" for each in IDENTITIES)
        raise UsageError(f"who made the change is not known: need one of {names}")
    return given | {"initiator": dict(initiator)} | ({"origin": origin} if origin else {})


def is_found_again(body: Mapping[str, Any]) -> bool:
    """Whether the same report sent again finds its verdict: what it is of has a name."""
    return bool(body.get("origin", {}).get("commit") or body.get("subject", {}).get("digest"))


def key(body: Mapping[str, Any], token: str, again: str = "") -> str:
    """What the same report by whoever has this token is known by.

    `again` tells it from the same one at another time.
    """
    if not is_found_again(body):
        return os.urandom(16).hex()
    origin, subject = body.get("origin", {}), body.get("subject", {})
    kept = {name: body.get(name) for name in ("policy", "severity", "facts", "dedup_key")}
    place = {name: value for name, value in origin.items() if name not in OF_THE_RUN}
    whole = {**kept, "subject": subject, "origin": place, "again": again, "by": token}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]
