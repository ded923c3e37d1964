"""The people and the rules of a run: forty people, ten policies with short windows.

Rules
- Each policy has people of its own who decide, so that nobody is paged for everything.
- Windows are 20 to 60 s: the clock races the clicks.
- Rooms are not archived during the run, and an override holds beyond its end.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from bot.local_slack import read_manifest
from bot.policies.policy_file import Defaults
from tests.staging.environment import CONFIG

WINDOWS = (20, 25, 30, 35, 40, 45, 50, 60, 25, 35)
TEAM, INITIATORS = 3, 10
PEOPLE = tuple(f"U0P{number:02}" for number in range(TEAM * len(WINDOWS) + INITIATORS))


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy: who may validate, who may adjudicate, its window in seconds."""

    id: str
    window: int
    validators: tuple[str, ...]
    adjudicators: tuple[str, ...]
    initiators: tuple[str, ...]

    @property
    def deciders(self) -> tuple[str, ...]:
        """Everybody who may decide."""
        return self.validators + self.adjudicators


def _rule(number: int, window: int) -> Rule:
    first = TEAM * number
    return Rule(
        id=f"rule-{number}",
        window=window,
        validators=PEOPLE[first : first + 2],
        adjudicators=PEOPLE[first + 2 : first + 3],
        initiators=PEOPLE[-INITIATORS:],
    )


POLICIES = tuple(_rule(number, window) for number, window in enumerate(WINDOWS))


def write_config(folder: Path) -> None:
    """The bot's configuration files; JSON is YAML."""
    people = {_name(user): {"slack": user, "email": email(user)} for user in PEOPLE}
    defaults: dict[str, object] = {"archive_after": "1d", "severity": "high"}
    if "storm" in Defaults.model_fields:  # no room is to gather others here: each is counted
        defaults["storm"] = {"rooms": 1000, "within": "5m"}
    policies = [_policy(number, rule) for number, rule in enumerate(POLICIES)]
    (folder / "people.yaml").write_text(json.dumps({"people": people}))
    (folder / "policies.yaml").write_text(json.dumps({"defaults": defaults, "policies": policies}))


def _policy(number: int, rule: Rule) -> dict[str, object]:
    backup = _name(POLICIES[(number + 1) % len(POLICIES)].adjudicators[0])
    return {
        "id": rule.id,
        "title": f"Rule {number}",
        "description": "A rule of the run's own.",
        "window": f"{rule.window}s",
        "on_expiry": "allow" if number % 2 else "block",
        "roles": {
            "validator": {"from": [_name(user) for user in rule.validators]},
            "adjudicator": {"from": _name(rule.adjudicators[0]), "backup": backup},
        },
    }


def write_local_slack_config(path: Path, seed: int, minute: float, request_url: str) -> None:
    """The local Slack's file: the app may do what its manifest asks for."""
    people = [{"id": user, "name": _name(user), "email": email(user)} for user in PEOPLE]
    asked = read_manifest(CONFIG / "slack-manifest.yaml").settings()
    given = {"seed": seed, "minute": minute, "request_url": request_url, "people": people}
    path.write_text(json.dumps({**asked, **given}))


def email(user: str) -> str:
    """A person's address."""
    return f"{_name(user)}@acme.test"


def _name(user: str) -> str:
    return user[2:].lower()
