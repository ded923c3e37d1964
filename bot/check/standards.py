"""What code is held to: the catalogue, how grave each rule is, and who can answer for something.

Rules
- Where they stand is said by the environment of the process alone, and never by what is checked:
  `WARROOM_CATALOGUE` names the catalogue, `WARROOM_CONFIG` the folder of the rest (`config` unless
  it is set).
- A file that is named and isn't there, or that is wrong, stops the check. One that lacks unnamed is
  a note: what it would say isn't compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.check.catalogue import CATALOGUE, NOTHING_KNOWN, Catalogue, catalogue
from bot.check.findings import RULES, Severity
from bot.check.keys import Flag, Keys, Kind, Many, OneOf, Position, Shape, Text
from bot.errors import UsageError
from bot.yaml.problems import ConfigError
from bot.yaml.reader import YamlFile, read

_CALL: dict[str, Kind] = {
    "call": Text("The call's whole name, such as acme.data.load, with * for any letters."),
    "uses": OneOf(("dataset", "model", "export"), "What it uses."),
    "argument": Many(
        Position(), "Where its name stands: a position from 0 on, or a name, or both."
    ),
    "role": Text("What for, such as evaluation or teacher; left out: to train on, or from."),
    "export": OneOf(("hub", "file", "registry", "storage"), "Of an export: where to."),
    "trains": Flag("Whether the call trains a model."),
}
GUARDRAILS = Shape(
    "The rules of `warroom check`",
    Keys(
        {
            "calls": Many(
                Keys(_CALL, needed=("call",)),
                "Calls of your own that use data or models, beside those that are known.",
                alone=False,
            ),
            "severities": Keys(
                {rule.id: OneOf(tuple(Severity), rule.title) for rule in RULES},
                why="How grave a rule's findings are, where you see it otherwise.",
            ),
        }
    ),
)


@dataclass(frozen=True, slots=True)
class Standards:
    """What code is held to. `catalogue` and `owners` are None where there is no such file.

    `calls` are the project's own, as the file says them; `files` are where all this was read, and
    would be read if it were there.
    """

    catalogue: Catalogue | None
    severities: Mapping[str, Severity]
    owners: frozenset[str] | None
    calls: tuple[dict[str, Any], ...]
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def known(self) -> Catalogue:
        """The catalogue, or one in which nothing is listed."""
        return self.catalogue or NOTHING_KNOWN

    def severity(self, rule: str) -> Severity:
        """How grave a rule's findings are."""
        return self.severities[rule]


def load(environment: Mapping[str, str], working: Path) -> Standards:
    """The standards that hold in a working folder. UsageError, ConfigError."""
    elsewhere = environment.get("WARROOM_CONFIG")
    folder = working / (elsewhere or "config")
    if elsewhere and not folder.is_dir():
        raise UsageError(f"WARROOM_CONFIG: found no folder {elsewhere}, need one with a catalogue")
    named = environment.get("WARROOM_CATALOGUE")
    at = working / named if named else folder / "catalogue.yaml"
    if named and not at.is_file():
        raise UsageError(f"WARROOM_CATALOGUE: found no file {named}, need a catalogue there")
    listed = _file(at, CATALOGUE, working)
    ours = _file(folder / "guardrails.yaml", GUARDRAILS, working) or {}
    people = folder / "people.yaml"
    owners = _owners(people, listed)
    notes = []
    if listed is None:
        shown = _shown(at, working)
        notes.append(
            f"There is no catalogue {shown}: what is found is compared with what is declared alone."
        )
    if owners is None:
        notes.append(
            "Neither a catalogue nor a people.yaml says who there is: no owner is compared."
        )
    given = ours.get("severities", {})
    return Standards(
        None if listed is None else catalogue(listed),
        {rule.id: Severity(given.get(rule.id, rule.severity)) for rule in RULES},
        owners,
        ours.get("calls", ()),
        (at, folder / "guardrails.yaml", people),
        tuple(notes),
    )


def _shown(path: Path, working: Path) -> str:
    return str(path.relative_to(working) if path.is_relative_to(working) else path)


def _file(path: Path, shape: Shape, working: Path) -> dict[str, Any] | None:
    """What a file says; None where there is none. ConfigError."""
    if not path.is_file():
        return None
    values, problems = shape.read(read(path, _shown(path, working)))
    if problems:
        raise ConfigError(problems)
    return values


def _owners(path: Path, listed: dict[str, Any] | None) -> frozenset[str] | None:
    """Whom `people.yaml` knows, by name and by account; without it, whom the catalogue names."""
    if path.is_file():
        return frozenset(_known(read(path)))
    if listed is None:
        return None
    entries = (*listed.get("datasets", ()), *listed.get("models", ()))
    return frozenset(entry["owner"] for entry in entries if "owner" in entry)


def _known(people: YamlFile) -> set[str]:
    data = people.data if isinstance(people.data, dict) else {}
    known = {str(name) for section in ("people", "groups") for name in _keys(data.get(section))}
    for person in _values(data.get("people")):
        for account in _values(person):
            known |= {str(each) for each in (account if isinstance(account, list) else [account])}
    return known


def _keys(section: object) -> list[Any]:
    return list(section) if isinstance(section, dict) else []


def _values(section: object) -> list[Any]:
    return list(section.values()) if isinstance(section, dict) else []
