"""What is secret is compared in constant time, as far as names tell.

Names are all that a reading of the source has: a secret under another name is not found. The
comparisons there are, are listed, so that a new one is looked at by a person.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parents[1] / "bot"
# The local Slack has its own, made for one test or demo and told to everybody in it.
FILES = [path for path in sorted(BOT.rglob("*.py")) if "local_slack" not in path.parts]
SECRET = ("token", "secret", "signature", "password", "hmac", "expected_digest")
COMPARED = {
    "integrations/slack/hear/guard.py": 1,  # where the body is large; Bolt has it for the rest
    "signatures.py": 3,  # Standard Webhooks', GitHub's, the gate's tokens
}


def _names(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def _leaky(tree: ast.AST) -> list[int]:
    """The lines in which something called a secret is compared letter by letter."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(
            isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in node.ops
        )
        and not _of_lengths(node)
        and any(word in name.lower() for name in _names(node) for word in SECRET)
    ]


def _of_lengths(node: ast.Compare) -> bool:
    """`len(secret) != 32` says nothing of what is in it."""
    call = node.left
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BOT)))
def test_nothing_called_a_secret_is_compared_by_equality(path: Path) -> None:
    assert _leaky(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_such_a_comparison_would_be_found() -> None:
    for line in ("token == given", "a.api_token != b", "x in secrets", "f(signature) == y"):
        assert _leaky(ast.parse(line)) == [1]
    assert _leaky(ast.parse("len(secret) != 32")) == []


def test_the_comparisons_in_constant_time_are_those_that_are_known() -> None:
    found = {
        str(path.relative_to(BOT)): path.read_text(encoding="utf-8").count("hmac.compare_digest(")
        for path in FILES
    }
    assert {name: count for name, count in found.items() if count} == COMPARED
