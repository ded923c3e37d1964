"""What is called, as a dotted name through imports: `datasets.load_dataset`, `boto3.client().put`.

Rules
- A call in between is written `()`. A class of the file's own stands for the class of a library
  that it extends; what can't be traced stands by the name that it has in the file.
"""

import ast
from typing import TYPE_CHECKING

from bot.check.python.bindings import enclosing_class
from bot.check.python.module import Binding, Bound, Scope
from bot.check.python.reached import Where

if TYPE_CHECKING:
    from bot.check.python.resolve import Resolver

MAX_LENGTH = 200
_MAX_HOPS = 12
_IMPORTS = ("importlib.import_module", "__import__")


class Dotted:
    """Answers for one file how what it calls is named."""

    def __init__(self, resolver: "Resolver") -> None:
        self._resolver = resolver
        self._known: dict[tuple[int, int], str] = {}
        self._unbound: dict[str, str] = {}
        self._hops = 0

    def of(self, node: ast.expr, where: Where) -> str:
        """The dotted name of an expression; of a call, with `()` behind it."""
        key = (id(node), id(where.scope))
        if key not in self._known:
            self._known[key] = ""  # of what is defined by itself
            self._hops += 1
            try:
                name = "" if self._hops > _MAX_HOPS else self._of(node, where)
            finally:
                self._hops -= 1
            self._known[key] = name[:MAX_LENGTH]
        return self._known[key]

    def _of(self, node: ast.expr, where: Where) -> str:
        if isinstance(node, ast.Name):
            return self._name(node, where)
        if isinstance(node, ast.Attribute):
            base = self._held(node, where) or self.of(node.value, where)
            return base if base.endswith("()") and self._is_held(node) else f"{base}.{node.attr}"
        if isinstance(node, ast.Call):
            return self._called(node, where)
        if isinstance(node, ast.Subscript):
            return f"{self.of(node.value, where)}[]"
        if isinstance(node, ast.Await):
            return self.of(node.value, where)
        return "…"

    def _called(self, node: ast.Call, where: Where) -> str:
        """The name of what a call gives; of what is named by a text, that which the text names."""
        name = self.of(node.func, where)
        texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
        text = texts[0] if texts and isinstance(texts[0], str) else ""
        if text and name in _IMPORTS:
            return text
        if text and name == "getattr" and len(node.args) > 1:
            return f"{self.of(node.args[0], where)}.{text}"
        return f"{name}()"

    def _is_held(self, node: ast.Attribute) -> bool:
        return isinstance(node.value, ast.Name) and node.value.id == "self"

    def _held(self, node: ast.Attribute, where: Where) -> str:
        """The class of what an object keeps under a name of its own, where that is known."""
        if not self._is_held(node):
            return ""
        cls = enclosing_class(where.scope)
        bound = cls.attributes.get(node.attr, ()) if cls else ()
        made = [self._value(each) for each in bound if isinstance(each.value, ast.Call)]
        return made[-1] if made and made[-1].endswith("()") else ""

    def _name(self, node: ast.Name, where: Where) -> str:
        bound = self._resolver.bindings(node.id, where, (node.lineno, node.col_offset))
        for binding in reversed(bound):
            if binding.bound is Bound.IMPORT:
                return binding.text
            if binding.defines:
                return self._defined(binding.defines, where)
            if binding.value is not None and binding.index in (None, 0):
                name = self._value(binding)
                if name:
                    return name
        return node.id if bound else self.unbound(node.id)

    def _value(self, binding: Binding) -> str:
        """What a name stands for that was bound to a call, a name or an attribute."""
        value = binding.value
        if isinstance(value, ast.IfExp):
            value = value.body
        if binding.bound is not Bound.VALUE:
            return ""
        if isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Await):
            return self.of(value, Where(binding.scope, binding.arms))
        return ""

    def _defined(self, scope: Scope, where: Where) -> str:
        if scope.cls is None:
            return f".{scope.name}"
        for base in scope.cls.bases:
            name = self.of(base, where)
            if name and not name.startswith("."):
                return name
        return f".{scope.name}"

    def unbound(self, name: str) -> str:
        """A name that the file doesn't bind: of a module all of whose names it imports, if one."""
        module = self._resolver.module
        if not module.top.stars:
            return name
        if name not in self._unbound:
            elsewhere = self._resolver.elsewhere
            others = [
                star for star in module.top.stars if not elsewhere.files.find(star, module.path)
            ]
            origin = elsewhere.by_star(name, module)
            self._unbound[name] = origin or self._of_library(name, others)
        return self._unbound[name]

    def _of_library(self, name: str, stars: list[str]) -> str:
        if name in _KNOWN_ANYWHERE:
            return _KNOWN_ANYWHERE[name]
        return f"{stars[-1]}.{name}" if len(stars) == 1 and name not in _BUILTIN else name


# What comes by way of another module's names as well as by its own.
_KNOWN_ANYWHERE = {
    "load_dataset": "datasets.load_dataset",
    "load_from_disk": "datasets.load_from_disk",
}
_BUILTIN = frozenset(
    (
        *("open", "print", "range", "len", "str", "int", "list", "dict", "vars"),
        "getattr",
        "__import__",
    )
)
