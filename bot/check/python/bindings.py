"""Which bindings reach a place, what a call hands over, and what a function returns."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.check.python.module import Arms, Binding, Place, Scope


def reaching(bound: Sequence[Binding], place: Place, arms: Arms) -> list[Binding]:
    """Those of the bindings of one scope that reach a place in it."""
    before = [each for each in bound if each.place <= place] or [*bound]
    found: list[Binding] = []
    closed: dict[int, set[int]] = defaultdict(set)
    for binding in reversed(before):
        if _excluded(binding.arms, arms):
            continue
        found.append(binding)
        if binding.arms == arms[: len(binding.arms)]:
            break
        outer, (branch, arm) = binding.arms[:-1], binding.arms[-1]
        closed[branch].add(arm)
        if outer == arms[: len(outer)] and arm >= 0 and _both(closed[branch]):
            break
    return found[::-1]


def _both(arms: set[int]) -> bool:
    return {0, 1} <= arms


def _excluded(one: Arms, other: Arms) -> bool:
    """Whether two places are in different arms of one branch."""
    arms = dict(other)
    return any(arms.get(branch, arm) != arm for branch, arm in one)


def argument_of(call: ast.Call, before: int, index: int, name: str) -> ast.expr | None:
    """What a call hands over at a position or by a keyword; `before` positions are not its own."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    handed = call.args
    number = index - before
    if 0 <= number < len(handed) and not any(
        isinstance(each, ast.Starred) for each in handed[: number + 1]
    ):
        return handed[number]
    return None


def has_stars(call: ast.Call) -> bool:
    """Whether a call hands over more than is written in it."""
    return any(isinstance(each, ast.Starred) for each in call.args) or any(
        each.arg is None for each in call.keywords
    )


def returns(function: Scope) -> Iterator[ast.expr]:
    """What a function may return."""
    todo: list[ast.AST] = [function.node]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
        todo += [
            each
            for each in ast.iter_child_nodes(node)
            if isinstance(each, ast.stmt | ast.ExceptHandler | ast.match_case)
            and not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]


def is_nothing(node: ast.expr | None) -> bool:
    """Whether it is written out that there is nothing: no name, and no default."""
    return isinstance(node, ast.Constant) and node.value in (None, "", False)


def enclosing_class(scope: Scope) -> Scope | None:
    """The class whose method a scope is in."""
    inner: Scope | None = scope
    while inner is not None and inner.method_of is None:
        inner = inner.parent
    return inner.method_of if inner else None
