"""What others build on: the schemas for editors, and the hook for pre-commit."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.check.catalogue import CATALOGUE
from bot.check.declaration import DECLARATION
from bot.check.keys import Shape
from bot.check.standards import GUARDRAILS
from bot.yaml.reader import read, read_text
from docs.generate import ROOT
from tests.check.declared import CODE, Project

SCHEMAS = ROOT / "docs" / "schemas"
SHAPES = {"guardrails": DECLARATION, "catalogue": CATALOGUE, "guardrails-config": GUARDRAILS}


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("catalogue", ROOT / "config" / "catalogue.yaml"),
        ("guardrails-config", ROOT / "config" / "guardrails.yaml"),
        ("guardrails", ROOT / "config" / "examples" / "support" / "guardrails.yaml"),
    ],
)
def test_an_example_holds_by_its_schema(name: str, example: Path) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    source = read(example)
    data = source.data.get("guardrails", source.data) if name == "guardrails" else source.data
    jsonschema.validate(data, schema)
    if name != "guardrails":
        assert f"schemas/{name}.schema.json" in example.read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("guardrails", "dataste: a"),
        ("guardrails", "pii: some"),
        ("guardrails", "dataset: []"),
        ("guardrails", "reviewed: 1"),
        ("catalogue", "datasets: [{name: a}]"),
        ("catalogue", "datasets: [{name: a, pattern: b, classification: c}]"),
        ("catalogue", "destinations: [{pattern: a, export: all}]"),
        ("guardrails-config", "severities: {undeclared: grave}"),
        ("guardrails-config", "severities: {nothing: low}"),
        ("guardrails-config", "calls: [{uses: dataset}]"),
    ],
)
def test_what_a_schema_refuses_the_check_refuses_too(name: str, text: str) -> None:
    shape: Shape = SHAPES[name]
    _, problems = shape.read(read_text("x.yaml", text))
    refused = list(
        jsonschema.Draft202012Validator(shape.schema()).iter_errors(yaml.safe_load(text))
    )
    assert problems
    assert refused


def test_the_hook_checks_what_is_committed_and_asks_nobody(project: Project) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, command, *words = hook["entry"].split()
    assert (program, command, "--offline" in words) == ("warroom", "check", True)
    for name in ("a/train.py", "x.ipynb", "run.sh", "Makefile", "b/Dockerfile.gpu", "c.yml"):
        assert re.search(hook["files"], name), name
    assert not re.search(hook["files"], "README.md")
    project.write("other.py", CODE)
    assert project.run(*words, "train.py").exit_code == 0
    assert project.run(*words, "train.py", "other.py").exit_code == 1
