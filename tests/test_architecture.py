"""Imports point one way, and files stay small enough to read."""

import ast
from pathlib import Path

import pytest

BOT = Path(__file__).parents[1] / "bot"

# From the ground up: a part imports what stands below it, and nothing beside it.
LAYERS = [
    {"domain", "yaml", "errors", "logs"},
    {"settings", "signatures"},
    {"client", "policies", "storage", "measures"},
    {"engine"},
    {"outbox"},
    {"integrations", "metrics"},
    {"http"},
    {"app"},
    {"demo"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
SEES_LOCAL_SLACK = {"demo", "cli"}
FILES = sorted(BOT.rglob("*.py"))


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
    return {name.split(".")[1] for name in found if name.startswith("bot.")} - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BOT)))
def test_imports_point_one_way(path: Path) -> None:
    part = _part(path)
    for other in _imported(path) - {part}:
        if part == "__init__":
            pytest.fail("the package's root imports nothing")
        if "local_slack" in {part, other}:
            allowed = part in SEES_LOCAL_SLACK
            assert allowed, f"{part} and the local Slack know nothing of each other"
        else:
            assert LEVEL[other] < LEVEL[part], f"{part} may not import {other}"


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


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BOT)))
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
