"""The JSON Schemas for editors: what they let pass and refuse, beside what a start does."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.integrations.registry import with_built_in
from bot.policies.cases import CasesFile
from bot.policies.load import load
from bot.policies.schemas import schemas
from bot.yaml.problems import Problem
from bot.yaml.reader import read
from bot.yaml.shape import shaped
from docs.generate import ROOT
from tests.policies.conftest import PEOPLE, POLICIES, Refuse

SCHEMAS = schemas(with_built_in().sections)
FILES = sorted(SCHEMAS)


def errors(name: str, data: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMAS[name])
    return [error.message for error in validator.iter_errors(data)]


EXAMPLES = [ROOT / "config" / f"{name}.yaml" for name in FILES if name != "cases"]
EXAMPLES += sorted((ROOT / "config" / "cases").glob("*.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_schema_is_one_and_each_example_holds_by_it_and_names_it(example: Path) -> None:
    name = "cases" if example.parent.name == "cases" else example.stem
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert errors(name, read(example).data) == []
    first = example.read_text().splitlines()[0]
    marked, _, path = first.partition("$schema=")
    assert marked == "# yaml-language-server: "
    assert json.loads((example.parent / path).read_text()) == SCHEMAS[name]


EVERYTHING = """\
    severity: low
    window: 90s
    holds: 14 d
    risk_class: high
    facts: {to: string, c: double}
    when: facts.?to.orValue("") == "x"
    never_clear: [team == "a", team == "b"]
    auto_clear:
      - {id: a, when: 'true', reason: R, owner: jude, until: 2026-12-01, review_sample: 2.5%}
      - {id: b, when: 'true', reason: R, owner: jude, until: "2026-12-01T12:00:00+01:00"}
    bands:
      - {id: c, when: 'true', then: allow, reason: R}
      - {id: d, decide: validator, ladder: [{at: 10%, do: remind}]}
    scopes: [run, {id: e, when: 'true', words: W}]
    varying: c
    reasons: {approve: optional}
    storm: {rooms: 3, within: 1m}
    override: {max_validity: 7d}
"""


def test_every_key_of_a_policy_passes(folder: Path) -> None:
    (folder / "policies.yaml").write_text(
        POLICIES.replace("    severity: high\n", EVERYTHING).replace("4h}", "4h, high_risk: high}")
    )
    load(folder)
    assert errors("policies", read(folder / "policies.yaml").data) == []


RULE = "{id: a, when: 'true', reason: R, owner: jude, until: 2026-12-01"


@pytest.mark.parametrize(
    "line",
    [
        "windw: 4h",
        "window: 4 hours",
        "window: 0h",
        "window: 4",
        "severity: severe",
        "on_expiry: maybe",
        "private: 'no'",
        "ladder: [{at: 25, do: remind}]",
        "ladder: [{at: 25%, do: nothing}]",
        "override: {min_justification: 0}",
        "override: {max_vality: 7d}",
        "storm: {rooms: many}",
        "reasons: {approve: }",
        "risk_class: High",
        "high_risk: [high]",
        "facts: {to: text}",
        "when: [team, source]",
        "never_clear: 7",
        "auto_clear: [{id: a, when: 'true', reason: R, owner: jude}]",
        "auto_clear: [{id: a, when: 'true', reason: R, owner: jude, until: soon}]",
        f"auto_clear: [{RULE}, review_sample: 2}}]",
        f"auto_clear: {RULE}}}",
        "bands: [{id: a, then: allow}]",
        "bands: [{id: a, then: allow, reason: R, window: 4h}]",
        "bands: [{id: a, reason: R}]",
        "bands: [{id: a, decide: initiator}]",
        "bands: [{when: 'true'}]",
        "scopes: [condition]",
        "scopes: [{id: a, when: 'true'}]",
    ],
)
def test_what_a_schema_refuses_of_a_policy_a_start_refuses_too(
    folder: Path, refused: Refuse, line: str
) -> None:
    own = "" if line.startswith("severity") else "    severity: high\n"
    path = folder / "policies.yaml"
    path.write_text(POLICIES.replace("    severity: high\n", f"{own}    {line}\n"))
    assert refused()
    assert errors("policies", read(path).data)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policies", "policies: []\n"),
        ("policies", "defaults: {windw: 4h}\npolicies: [{id: a}]\n"),
        ("people", "people: {}\n"),
        ("people", PEOPLE.replace("slack: U0ADA", "slack: ada")),
        ("people", PEOPLE.replace("email: ada@acme.test", "mail: ada@acme.test")),
        ("people", PEOPLE.replace("  ada:", "  'a:da':")),
        ("people", PEOPLE.replace("[val, bea]", "[]")),
        ("people", f"{PEOPLE}import: [{{csv: a, command: [b]}}]\n"),
        ("people", f"{PEOPLE}import: [{{slack: {{}}}}]\n"),
        ("sources", "gitub: {secret_env: A, policies: {a: pii}}\n"),
        ("sources", "github: {secret_env: not-a-name, policies: {a: pii}}\n"),
        ("sources", "github: {secret_env: A, policies: {}}\n"),
        ("sources", "callbacks: {allow: ['https://ci']}\n"),
    ],
)
def test_what_a_schema_refuses_of_a_file_a_start_refuses_too(
    folder: Path, refused: Refuse, name: str, text: str
) -> None:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    assert refused()
    assert errors(name, read(path).data)


def _open(schema: Any) -> list[Any]:  # noqa: ANN401 - any part of a schema
    """The parts of a schema that take keys which they don't name."""
    if isinstance(schema, list):
        return [each for part in schema for each in _open(part)]
    if not isinstance(schema, dict):
        return []
    is_open = "properties" in schema and schema.get("additionalProperties") is not False
    return [*([schema] if is_open else []), *_open(list(schema.values()))]


@pytest.mark.parametrize("name", FILES)
def test_no_part_takes_an_unknown_key(name: str) -> None:
    assert _open(SCHEMAS[name]) == []


CASE = "  - {name: a, now: '2026-12-01T10:00:00Z', violation: {facts: {}}, expect: {band: b}}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("10:00:00Z", "10:00:00"),
        ("'2026-12-01T10:00:00Z'", "soon"),
        ("{band: b}", "{}"),
        ("{band: b}", "{bnd: b}"),
        ("{band: b}", "{outcome: allowed}"),
        ("{band: b}", "{window: 8}"),
        ("{facts: {}}", "[]"),
        ("name: a, ", ""),
    ],
)
def test_what_the_schema_refuses_of_a_case_its_test_refuses_too(
    tmp_path: Path, old: str, new: str
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"cases:\n{CASE}")
    assert errors("cases", read(path).data) == []
    path.write_text(f"cases:\n{CASE.replace(old, new)}")
    source, problems = read(path), list[Problem]()
    shaped(source, CasesFile, source.data, (), problems)
    assert problems
    assert errors("cases", source.data)
