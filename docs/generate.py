"""What of the documentation the code knows: lifecycle, rights, the local Slack's API, schemas.

`python -m docs.generate` writes them; a test compares them, so that neither can drift.
"""

import json
from pathlib import Path

from bot.check.catalogue import CATALOGUE
from bot.check.declaration import DECLARATION
from bot.check.findings import RULES
from bot.check.standards import GUARDRAILS
from bot.domain import commands as c
from bot.domain.access import MAY
from bot.domain.lifecycle import TABLE
from bot.domain.policy import Role
from bot.domain.war_room import State
from bot.integrations.registry import with_built_in
from bot.local_slack import CONTROL_API, METHODS, TokenKind
from bot.passport.predicate import schema as passport_schema
from bot.policies.schemas import schemas

ROOT = Path(__file__).parents[1]
PLACES = {
    "lifecycle": ROOT / "docs" / "lifecycle.md",
    "access": ROOT / "README.md",
    "methods": ROOT / "docs" / "local-slack.md",
    "control": ROOT / "docs" / "local-slack.md",
    "rules": ROOT / "docs" / "check.md",
}
WORDS = {
    c.Acknowledge: "Acknowledge",
    c.Approve: "Approve",
    c.Override: "Override, with a justification",
    c.Reject: "Reject, with a reason",
    c.Dismiss: "Not a violation, with a reason",
    c.Withdraw: "Withdraw",
    c.RequestInfo: "Ask for information",
    c.Explain: "Explain",
    c.Extend: "Extend, with a reason",
    c.HandOff: "Hand off their own role",
    c.Split: "Settle one violation of a storm apart",
    c.NameInitiator: "Say who somebody behind the change is",
}


def lifecycle() -> str:
    """The table of steps as a Mermaid diagram; what Slack reports back is left out."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for (state, command), row in TABLE.items():
        if command.__name__.startswith(("Record", "Identify", "Resolve")):
            continue
        arrows.setdefault((state, row.to), []).append(command.__name__)
        if row.proposed:
            arrows.setdefault((state, row.proposed), []).append(f"{command.__name__} (proposed)")
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> open: a violation comes in"]
    for (state, to), commands in arrows.items():
        lines.append(f"    {state} --> {to}: {', '.join(commands)}")
    return "\n".join([*lines, "    closed --> [*]", "```"])


def access() -> str:
    """The table of rights as Markdown."""
    roles = (Role.INITIATOR, Role.VALIDATOR, Role.ADJUDICATOR)
    lines = [f"| | {' | '.join(roles)} |", "| --- | :---: | :---: | :---: |"]
    for command, words in WORDS.items():
        marks = " | ".join("✓" if command in MAY[role] else "" for role in roles)
        lines.append(f"| {words} | {marks} |")
    return "\n".join(lines)


def methods() -> str:
    """The table of methods that the local Slack has."""
    lines = ["| method | calls a minute | bot scopes |", "| --- | ---: | --- |"]
    for name, method in sorted(METHODS.items()):
        level = "app-level: " if method.token is TokenKind.APP else ""
        scopes = level + ", ".join(method.all_scopes)
        lines.append(f"| `{name}` | {method.tier.value} | {scopes} |")
    return "\n".join(lines)


def control() -> str:
    """The control API, as its package describes it."""
    return f"```text\n{CONTROL_API}\n```"


def schema_files() -> dict[Path, str]:
    """The JSON Schema of each file of the configuration, as its file holds it."""
    found = schemas(with_built_in().sections) | {
        "guardrails": DECLARATION.schema(),
        "catalogue": CATALOGUE.schema(),
        "guardrails-config": GUARDRAILS.schema(),
        "passport": passport_schema(),
    }
    return {
        ROOT / "docs" / "schemas" / f"{name}.schema.json": (
            json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        )
        for name, schema in found.items()
    }


def rules() -> str:
    """What `warroom check` looks for, a section each: SARIF's help leads to its heading."""
    lines: list[str] = []
    for rule in RULES:
        about = f"{rule.title}. Leak: {rule.leak}; {rule.severity} unless it is set."
        lines += [f"### {rule.id}", "", about, "", rule.why, "", f"**Mend:** {rule.mend}", ""]
    return "\n".join(lines)


PARTS = {
    "lifecycle": lifecycle,
    "access": access,
    "methods": methods,
    "control": control,
    "rules": rules,
}


def with_part(text: str, name: str, part: str) -> str:
    """`text` with what stands between the marks of `name` replaced. ValueError without marks."""
    start, end = f"<!-- {name}: generated -->\n", f"\n<!-- {name}: end -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the marks of {name!r} are missing")
    return before + start + part + end + after


def main() -> None:
    """Write every part in its place."""
    for name, path in PLACES.items():
        text = path.read_text(encoding="utf-8")
        path.write_text(with_part(text, name, PARTS[name]()), encoding="utf-8")
    for path, text in schema_files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
