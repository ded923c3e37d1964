"""The firm that is measured: many people and policies, so that nobody is paged more than a little.

Rules
- Violation number n breaks policy n, made by initiator n, each counted round: two hundred at once
  are one page for each initiator, and two for whoever validates or adjudicates.
"""

import json
from pathlib import Path

from bot.policies.policy_file import Defaults
from tests.build import ADA, BEA, JUDE, VAL, VIV

INITIATORS = 200
POLICIES = 100
APART = POLICIES - 1  # the number of a violation whose policy, people and maker no stored room has
TEAMS = 20
NEVER = {"rooms": 1_000_000, "within": "1s"}  # counting takes longer with the period


def policy(number: int) -> str:
    """The policy that violation `number` breaks."""
    return f"policy-{number % POLICIES:03}"


def initiator(number: int) -> str:
    """The Slack id of whoever made the change in violation `number`."""
    return f"U0I{number % INITIATORS:03}"


def validator(number: int) -> str:
    """The Slack id of whoever validates violation `number`."""
    return f"U0V{number % POLICIES:03}"


def adjudicator(number: int) -> str:
    """The Slack id of whoever adjudicates violation `number`."""
    return f"U0A{number % POLICIES:03}"


def team(number: int) -> str:
    """The team that violation `number` is of."""
    return f"team-{number % TEAMS:02}"


def write_config(folder: Path) -> Path:
    """`people.yaml` and `policies.yaml` in `folder`; JSON is YAML too."""
    folder.mkdir()
    people = {user.lower(): {"slack": user, "email": _email(user)} for user in _users()}
    (folder / "people.yaml").write_text(json.dumps({"people": people}))
    defaults = {"window": "4h", **({"storm": NEVER} if "storm" in Defaults.model_fields else {})}
    policies = [_policy(number) for number in range(POLICIES)]
    file = {"defaults": defaults, "policies": policies}
    (folder / "policies.yaml").write_text(json.dumps(file))
    return folder


def local_slack_config(minute: float | None) -> dict[str, object]:
    """The local Slack's configuration: its minute in seconds, or no limits at all."""
    everybody = [*_users(), ADA, VAL, VIV, JUDE, BEA]
    people = [{"id": user, "name": user.lower(), "email": _email(user)} for user in everybody]
    limits = {"rate_limits": False} if minute is None else {"minute": minute}
    return {**limits, "people": people}


def _policy(number: int) -> dict[str, object]:
    adjudicates = {
        "from": adjudicator(number).lower(),
        "backup": adjudicator(number + 1).lower(),
    }
    return {
        "id": policy(number),
        "title": f"Unapproved fine-tuning on personal data, part {number}",
        "description": "A model learns from personal data only once privacy has agreed to it.",
        "severity": "high",
        "roles": {"validator": {"from": validator(number).lower()}, "adjudicator": adjudicates},
    }


def _users() -> list[str]:
    deciding = [who(number) for who in (validator, adjudicator) for number in range(POLICIES)]
    return [*map(initiator, range(INITIATORS)), *deciding]


def _email(user: str) -> str:
    return f"{user.lower()}@acme.test"
