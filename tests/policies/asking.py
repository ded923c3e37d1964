"""A violation to ask conditions of."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.conditions import FactType, Known
from bot.domain.violation import Initiator, Origin, Report, Severity, Subject
from bot.policies.cel import Inputs, compiled

NOW = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
TYPES = {kind.value: kind for kind in FactType}
HIDDEN = "s3cret"
FACTS: Mapping[str, Any] = {
    "string": HIDDEN,
    "double": 0.95,
    "int": 7,
    "bool": True,
    "list": [1, 2.5, HIDDEN],
    "map": {"a": {"b": 1}, "text": HIDDEN},
    "text": HIDDEN,
    "number": 5,
    "nothing": None,
    "numbers": list(range(150)),
    "zone": "Nowhere/s3cret",
}


def inputs(
    facts: Mapping[str, Any] = FACTS,
    team: str | None = None,
) -> Inputs:
    report = Report(
        policy="export",
        title="t",
        team=team,
        initiator=Initiator(email="ada@acme.test"),
        subject=Subject(kind="model", name="ranker"),
        origin=Origin(repository="acme/ranker", pull_request=42),
        facts=dict(facts),
    )
    return Inputs(report, Severity.HIGH, NOW, "ci")


def ask(text: str, given: Inputs | None = None, types: Mapping[str, FactType] = TYPES) -> Known:
    return compiled(text, types).ask(given or inputs())
