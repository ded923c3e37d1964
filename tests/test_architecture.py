"""Imports point one way, and files stay small enough to read."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import local_slack

BOT = Path(__file__).parents[1] / "bot"

# From the ground up: a part imports what stands below it, and nothing beside it.
LAYERS = [
    {"domain", "yaml", "cores", "errors", "signatures"},
    {"settings", "logs"},
    {"client", "policies", "storage", "measures"},
    {"check", "passport"},
    {"engine"},
    {"outbox"},
    {"integrations", "evidence", "metrics"},
    {"http"},
    {"app"},
    {"demo"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# What is played on this machine stands beside the bot, and knows nothing of it.
LOCAL = {"local_wire": set[str](), "local_slack": {"local_wire"}}
SEES_LOCAL_SLACK = {"demo", "cli"}
FILES = sorted(BOT.rglob("*.py"))
OUTSIDE_LOCAL_SLACK = [
    path
    for folder in ("bot", "tests", "docs")
    for path in sorted((BOT.parent / folder).rglob("*.py"))
    if not {"local_slack", "local_wire"} & set(path.relative_to(BOT.parent).parts[:2])
]


def _part(path: Path) -> str:
    return path.relative_to(BOT).parts[0].removesuffix(".py")


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return {name.split(".")[1] for name in found if name.startswith("bot.")} - {
        "__version__",
        "HOME",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BOT)))
def test_imports_point_one_way(path: Path) -> None:
    part = _part(path)
    for other in _imported(path) - {part}:
        if part == "__init__":
            pytest.fail("the package's root imports nothing")
        if part in LOCAL:
            assert other in LOCAL[part], f"{part} may not import {other}"
        elif other in LOCAL:
            allowed = other == "local_slack" and part in SEES_LOCAL_SLACK
            assert allowed, f"{part} knows nothing of {other}"
        else:
            assert LEVEL[other] < LEVEL[part], f"{part} may not import {other}"


def _taken_from_local_slack(path: Path) -> Iterator[str]:
    """What a file takes from the local Slack: names of its facade, or a module of it, dotted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if "bot.local_slack" in alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module == "bot.local_slack":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.local_slack"):
            yield node.module or ""


def test_the_local_slack_is_used_through_its_facade() -> None:
    offered = set(local_slack.__all__)
    taken = {str(path): set(_taken_from_local_slack(path)) for path in OUTSIDE_LOCAL_SLACK}
    assert {path: names - offered for path, names in taken.items() if not names <= offered} == {}
    assert offered - set().union(*taken.values()) == set(), "nobody needs this"


def test_only_who_runs_a_local_slack_loads_it() -> None:
    script = (
        "import sys, bot.app; from click.testing import CliRunner; from bot.cli.main import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        "print([name for name in sys.modules if name.startswith('bot.local_')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == "[]\n"


@pytest.mark.parametrize(
    "path", [path for path in FILES if _part(path) == "domain"], ids=lambda path: path.name
)
def test_the_domain_is_pure(path: Path) -> None:
    impure = {"os", "time", "random", "secrets", "logging", "structlog", "asyncio", "socket"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not impure & {name.split(".")[0] for name in names}
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "utcnow", "today"} or _is_field(node)


def _is_field(node: ast.Attribute) -> bool:
    """`ask.now` is an argument; `datetime.now` is a clock."""
    return not (isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"})


# A migration is written once, and holds on its own whatever the code becomes.
@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.parent.name != "versions"],
    ids=lambda path: str(path.relative_to(BOT)),
)
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in FILES
        if _part(path) in {"http", "app", "cli"} or path.parts[-2:] == ("policies", "sources.py")
    ],
    ids=lambda path: str(path.relative_to(BOT)),
)
def test_no_edge_knows_a_source_by_its_name(path: Path) -> None:
    assert "github" not in path.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if _part(path) in {"storage", "engine", "outbox"}],
    ids=lambda path: str(path.relative_to(BOT)),
)
def test_the_record_is_read_with_what_a_newer_version_wrote(path: Path) -> None:
    """By `StoredValue.read`; pydantic's own ways are for what comes in, as an export does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("model_validate"):
            assert ast.unparse(node.value) == "Head"
