"""Texts that are put together in code: formats, sums, paths, parts of others.

Rules
- Nothing is formatted with what a file says but plain values: a width may be any number.
"""

import ast
import os.path
import re
from collections.abc import Callable

from bot.check.python.module import dotted_text, last_name
from bot.check.python.reached import Where

_FIELD = re.compile(r"\{(\w*)[^{}]*\}")
_PERCENT = re.compile(r"%[-+ #\d.]*[sdifrg]")
_JOINS = frozenset(("join", "joinpath", "Path", "PurePath", "urljoin", "PosixPath", "UPath"))
_TEXT_METHODS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "title": str.title,
    "basename": os.path.basename,
    "dirname": os.path.dirname,
    "as_posix": str,
    "absolute": str,
}


class Parts:
    """The parts of a text, each where it stands, and how they are put together."""

    def __init__(
        self, nodes: list[tuple[ast.expr, Where]], join: Callable[[list[str]], str]
    ) -> None:
        self.nodes = nodes
        self.join = join


def parts_of(node: ast.expr, where: Where) -> Parts | None:
    """The parts that a text is put together of, and how; None where it is no such text."""
    match node:
        case ast.JoinedStr():
            inner = [
                each.value if isinstance(each, ast.FormattedValue) else each for each in node.values
            ]
            return Parts([(each, where) for each in inner], "".join)
        case ast.BinOp():
            return _operated(node, where)
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(value=text, attr="split" | "rsplit")) as call
        ):
            return _split(node, call, text, where)
        case ast.Call():
            return _called(node, where)
    return None


def _operated(node: ast.BinOp, where: Where) -> Parts | None:
    """`a + b`, `folder / name`, `"%s" % name`."""
    match node.op:
        case ast.Add():
            return Parts([(each, where) for each in _sum(node)], "".join)
        case ast.Div():
            return Parts([(node.left, where), (node.right, where)], _path)
        case ast.Mod():
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return Parts([(each, where) for each in (node.left, *values)], _percent)
    return None


def _split(node: ast.Subscript, call: ast.Call, text: ast.expr, where: Where) -> Parts | None:
    """`text.split("/")[-1]`."""
    try:
        index = ast.literal_eval(node.slice)
        separator = ast.literal_eval(call.args[0]) if call.args else None
    except ValueError:
        return None
    if not isinstance(index, int) or not (separator is None or isinstance(separator, str)):
        return None

    def taken(texts: list[str]) -> str:
        parts = texts[0].split(separator or None)
        return parts[index] if -len(parts) <= index < len(parts) else ""

    return Parts([(text, where)], taken)


def _called(node: ast.Call, where: Where) -> Parts | None:
    last = last_name(node.func)
    base = node.func.value if isinstance(node.func, ast.Attribute) else None
    handed = [each for each in node.args if not isinstance(each, ast.Starred)]
    if base is not None and last in _ON_TEXTS:
        return _on_text(last, base, handed, node, where)
    if last in _JOINS and handed and len(handed) == len(node.args):
        own = [base] if last == "joinpath" and base else []
        return Parts([(each, where) for each in (*own, *handed)], _path)
    if last in _TEXT_METHODS:
        change = _TEXT_METHODS[last]
        inner = handed[0] if handed and last in ("basename", "dirname") else base
        if inner is not None and dotted_text(inner) != "os.path":
            return Parts([(inner, where)], lambda texts: change(texts[0]))
    return None


_ON_TEXTS = frozenset(("format", "replace", "join"))


def _on_text(
    method: str, text: ast.expr, handed: list[ast.expr], node: ast.Call, where: Where
) -> Parts | None:
    """`text.format(…)`, `text.replace(a, b)`, `text.join([a, b])`."""
    if method == "format":
        keywords = [each for each in node.keywords if each.arg]
        count = len(handed) + 1
        nodes = [text, *handed, *(each.value for each in keywords)]

        def formatted(texts: list[str]) -> str:
            named = {str(each.arg): texts[count + at] for at, each in enumerate(keywords)}
            return _formatted(texts[0], texts[1:count], named)

        return Parts([(each, where) for each in nodes], formatted)
    if method == "replace" and len(handed) == len(("old", "new")):
        nodes = [text, *handed]
        return Parts(
            [(each, where) for each in nodes], lambda texts: texts[0].replace(texts[1], texts[2])
        )
    if method == "join" and handed and isinstance(text, ast.Constant):
        elements = handed[0].elts if isinstance(handed[0], ast.List | ast.Tuple) else []
        nodes = [text, *elements]
        made = Parts([(each, where) for each in nodes], lambda texts: texts[0].join(texts[1:]))
        return made if elements else None
    if method == "join" and handed:
        return Parts([(each, where) for each in handed], _path)
    return None


def _sum(node: ast.expr) -> list[ast.expr]:
    """The terms of a sum from left to right."""
    terms: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms.append(node.right)
        node = node.left
    return [node, *reversed(terms)]


def _path(texts: list[str]) -> str:
    """Parts of a path, or of an address, with one stroke between."""
    first, *rest = texts
    for each in rest:
        first = each if each.startswith("/") else f"{first.rstrip('/')}/{each}"
    return first


def _percent(texts: list[str]) -> str:
    """`"…%s…" % values`; a width is passed over, since it may be any number."""
    pattern, *values = texts
    rest = iter(values)
    return _PERCENT.sub(lambda _: next(rest, ""), pattern)


def _formatted(pattern: str, values: list[str], named: dict[str, str]) -> str:
    """The text with its values; a width is passed over, since it may be any number."""
    rest = iter(values)
    numbered = {str(number): each for number, each in enumerate(values)}

    def value(field: re.Match[str]) -> str:
        key = field[1]
        if key.isdigit():
            return numbered.get(key, "")
        return named.get(key, "") if key else next(rest, "")

    return _FIELD.sub(value, pattern)
