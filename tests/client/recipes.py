"""The recipes of `config/ci`, read as their systems read them: jobs, what they need, their shell.

A runner of our own carries them out. It knows of each system no more than decides which shell runs:
what a job needs, that the first step that fails ends it, and what runs all the same.
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.staging.environment import ROOT

CI = ROOT / "config" / "ci"
ACTION = "policy-war-room/policy-war-room/config/ci/github@"
_EXPRESSION = re.compile(r"\$\{\{ *([\w.]+) *\}\}")


@dataclass(frozen=True, slots=True)
class Step:
    """A shell's script, and what it sees besides; `id` names its outputs."""

    script: str
    shell: tuple[str, ...] = ("bash", "-e", "-c")
    sees: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Steps, one after the other; it runs where all before have succeeded, or in any case."""

    name: str
    steps: tuple[Step, ...]
    always: bool = False


def github() -> Iterator[Job]:
    """The jobs of the workflow, with the composite action's steps in place of its name."""
    jobs = yaml.safe_load((CI / "github" / "workflow.yml").read_text())["jobs"]
    for name, job in jobs.items():
        steps = tuple(step for each in job["steps"] for step in _github_steps(each))
        yield Job(name, steps, job.get("if") == "always()")


def _github_steps(step: Mapping[str, Any]) -> Iterator[Step]:
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
    if "run" in step:
        yield Step(step["run"], shell)
    elif step["uses"].startswith(ACTION):
        for each in yaml.safe_load((CI / "github" / "action.yml").read_text())["runs"]["steps"]:
            given = {f"inputs.{name}": value for name, value in step["with"].items()}
            sees = {name: filled(text, given, None) for name, text in each["env"].items()}
            yield Step(each["run"], shell, sees, each.get("id", ""))


def filled(text: str, values: Mapping[str, str], unknown: str | None = "") -> str:
    """`text` with each expression's value in its place, or with `unknown`; None leaves it there."""

    def value(found: re.Match[str]) -> str:
        return values.get(found[1], found[0] if unknown is None else unknown)

    return _EXPRESSION.sub(value, text)


def gitlab() -> Iterator[Job]:
    """The jobs by their stages, each with what it extends."""
    template = yaml.safe_load((CI / "gitlab.yml").read_text())
    for stage in template["stages"]:
        for name, job in template.items():
            if isinstance(job, dict) and job.get("stage") == stage:
                whole = {**template.get(job.get("extends"), {}), **job}
                lines = [*whole.get("before_script", ()), *whole["script"]]
                yield Job(name, (Step("\n".join(lines)),), whole.get("when") == "always")


def jenkins() -> Iterator[Job]:
    """Each `sh` is a stage; those behind `post` run in any case."""
    text = (CI / "Jenkinsfile").read_text()
    post = text.index("    post {")
    for found in re.finditer(r"sh (?:'''(.*?)'''|'(.*?)')", text, re.DOTALL):
        script = textwrap.dedent((found[1] or found[2]).replace("\\\n", " "))
        yield Job(str(found.start()), (Step(script, ("sh", "-ec")),), found.start() > post)


def airflow() -> Iterator[Job]:
    """The tasks in the order in which they stand."""
    tree = ast.parse((CI / "airflow_dag.py").read_text())
    names = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "BashOperator":
            given = {each.arg: each.value for each in node.keywords}
            script = eval(ast.unparse(given["bash_command"]), {**names})
            always = "trigger_rule" in given
            yield Job(ast.unparse(given["task_id"]), (Step(script, ("bash", "-c")),), always)
