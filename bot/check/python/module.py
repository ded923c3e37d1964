"""A Python file as scopes with what is bound in them, and the calls it makes. Nothing is run.

Rules
- The file is parsed once and walked once, with a stack of our own: no nesting ends the interpreter.
- A binding and a call know in which arms of which branches they stand; the guard of a script's
  entry point is no branch.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from bot.check.uses import Span

Arms = tuple[tuple[int, int], ...]
Place = tuple[int, int]
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Of an expression that is shown.
MOST_LINES = 4
MOST_LETTERS = 60


class Bound(Enum):
    """How a name came to be bound."""

    VALUE = "value"
    ELEMENT = "element"  # to each element of the value in turn
    IMPORT = "import"
    PARAMETER = "parameter"
    DEFINITION = "definition"
    OPAQUE = "opaque"  # to something that can't be told


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a name is bound. `index` says which part of the value, where it is a part."""

    bound: Bound
    scope: "Scope"
    place: Place
    arms: Arms = ()
    value: ast.expr | None = None
    index: int | None = None
    text: str = ""  # of an import: the dotted name; of a parameter: its name
    defines: "Scope | None" = None


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class or function with the names bound in it.

    `attributes` are bindings of `self.NAME`, kept at the class; `mentions` are the names in its own
    code, those behind a dot too.
    """

    node: ast.AST
    parent: "Scope | None" = None
    arms: Arms = ()
    names: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    stars: dict[str, Place] = field(default_factory=dict)  # modules of which it imports all names
    mentions: set[str] = field(default_factory=set)
    of_module: set[str] = field(default_factory=set)  # names that it binds in the module

    @property
    def name(self) -> str:
        """The name it is defined by; empty for a module or a lambda."""
        return getattr(self.node, "name", "")

    @property
    def function(self) -> Function | None:
        """The function it is, if it is one."""
        node = self.node
        return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None

    @property
    def cls(self) -> ast.ClassDef | None:
        """The class it is, if it is one."""
        return self.node if isinstance(self.node, ast.ClassDef) else None

    @property
    def method_of(self) -> "Scope | None":
        """The class that it is a method of."""
        inside = self.function is not None and self.parent is not None and self.parent.cls
        return self.parent if inside else None


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A call; `target` is the name or keyword that its value is given to."""

    node: ast.Call
    scope: Scope
    arms: Arms
    target: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if`, `match` or `try`: how many arms close it (0: it may be passed by), and its test."""

    closed_by: int
    arms: int
    scope: Scope
    test: ast.expr | None = None


@dataclass(eq=False)
class Module:
    """A file that was parsed and walked."""

    path: str
    tree: ast.Module
    lines: list[str]
    top: Scope
    scopes: list[Scope] = field(default_factory=list)
    calls: list[CallSite] = field(default_factory=list)
    branches: dict[int, Branch] = field(default_factory=dict)
    texts: list[ast.Constant] = field(default_factory=list)  # strings that are statements
    guarded: bool = False  # whether it has the guard of a script's entry point

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> Span:
        """Where a node stands, in characters."""
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(
            node.lineno,
            self._character(node.lineno, node.col_offset) + 1,
            end_line,
            self._character(end_line, end) + 1,
        )

    def span_at(self, place: Place) -> Span:
        """Where something begins, such as a binding."""
        line, offset = place
        column = self._character(line, offset) + 1
        return Span(line, column, line, column)

    def _character(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def written(self, text: ast.Constant) -> str:
        """A string as it stands in the file, with its quotes: its places are the file's."""
        span = self.span(text)
        lines = self.lines[span.line - 1 : span.end_line]
        if len(lines) == 1:
            return lines[0][span.column - 1 : span.end_column - 1]
        return "\n".join(
            [lines[0][span.column - 1 :], *lines[1:-1], lines[-1][: span.end_column - 1]]
        )

    def words(self, node: ast.expr) -> str:
        """An expression as it is written, in a few letters."""
        first, last = node.lineno, min(node.end_lineno or node.lineno, node.lineno + MOST_LINES)
        lines = self.lines[first - 1 : last] or [""]
        if last == node.end_lineno:
            lines[-1] = lines[-1][: self._character(last, node.end_col_offset or 0)]
        lines[0] = lines[0][self._character(first, node.col_offset) :]
        text = " ".join(" ".join(lines).split())
        return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"

    @cached_property
    def calls_by_name(self) -> dict[str, list[CallSite]]:
        """The calls by the last part of what they call."""
        by_name: dict[str, list[CallSite]] = defaultdict(list)
        for call in self.calls:
            by_name[last_name(call.node.func)].append(call)
        return by_name

    @cached_property
    def scope_of(self) -> dict[ast.AST, Scope]:
        """The scopes by the node that opens them."""
        return {scope.node: scope for scope in self.scopes}


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty where there is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted_text(node: ast.expr) -> str:
    """`a.b.c` as it is written; empty where it is more than names."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def item_name(base: str, key: object) -> str:
    """What an item is kept under that is bound by itself: `base["key"] = …`."""
    return f"{base}[{key!r}]"


def named_by_text(call: ast.Call) -> ast.Call:
    """A call of `getattr(x, "name")(…)` as one of `x.name(…)`; any other as it is."""
    match call.func:
        case ast.Call(
            func=ast.Name("getattr"), args=[holder, ast.Constant(str(name)), *_], keywords=[]
        ) if name.isidentifier():
            func = ast.copy_location(ast.Attribute(holder, name, ast.Load()), call.func)
            return ast.copy_location(ast.Call(func, call.args, call.keywords), call)
    return call


def called_later(call: ast.Call) -> ast.Call | None:
    """The call that a call hands on to be made: by a partial, in a process, in a thread."""
    last = last_name(call.func)
    keywords = {each.arg: each.value for each in call.keywords}
    if last in ("partial", "submit", "to_thread") and call.args:
        made = ast.Call(call.args[0], call.args[1:], call.keywords)
    elif last in ("Process", "Thread") and "target" in keywords:
        made = ast.Call(keywords["target"], _packed(keywords), [])
    elif last == "spawn" and call.args:
        number = ast.copy_location(ast.Constant(0), call)  # of the process, which goes before
        made = ast.Call(call.args[0], [number, *_packed(keywords)], [])
    else:
        return None
    return ast.copy_location(made, call)


def _packed(keywords: dict[str | None, ast.expr]) -> list[ast.expr]:
    """The arguments that are handed over in a tuple."""
    packed = keywords.get("args")
    return packed.elts if isinstance(packed, ast.Tuple | ast.List) else []


def parameters(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    """The parameters in order, each with its default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    defaults = [None] * missing + [*arguments.defaults]
    yield from ((each.arg, default) for each, default in zip(positional, defaults, strict=True))
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    yield from ((each.arg, default) for each, default in named)


def is_entry_guard(test: ast.expr) -> bool:
    """Whether it is the question if the file is run as a script."""
    return isinstance(test, ast.Compare) and any(
        isinstance(each, ast.Name) and each.id == "__name__"
        for each in (test.left, *test.comparators)
    )


def target_name(to: ast.expr) -> str:
    """What a target is kept under: `name`, `name.attribute` or `name[key]`."""
    if isinstance(to, ast.Subscript) and isinstance(to.slice, ast.Constant):
        base = dotted_text(to.value)
        return item_name(base, to.slice.value) if base else ""
    return dotted_text(to.value if isinstance(to, ast.Starred) else to)
