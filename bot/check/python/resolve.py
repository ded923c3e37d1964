"""What an expression comes down to: through names, attributes, parameters, branches and calls.

Rules
- A name means the binding that reaches the place where it is used; where several do, each of them,
  marked as a branch. From an inner scope, all bindings of the outer one reach.
- A parameter is what the file's own calls hand over, else its default, else from outside.
- Whatever can't be told is from outside; nothing is guessed and nothing is run.
- The work for one file is bounded: beyond it, everything is from outside.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bot.check.configs import SettingsFiles
from bot.check.modules import Part
from bot.check.python.arguments import Arguments
from bot.check.python.bindings import (
    enclosing_class,
    is_nothing,
    reaching,
    returns,
)
from bot.check.python.dotted import Dotted
from bot.check.python.elsewhere import Defined, Elsewhere, is_of
from bot.check.python.lookups import Lookups
from bot.check.python.members import Members
from bot.check.python.module import (
    Binding,
    Bound,
    Module,
    Place,
    Scope,
    dotted_text,
    item_name,
    last_name,
)
from bot.check.python.parameters import Handed, Parameters
from bot.check.python.reached import Reached, Where
from bot.check.uses import Flag, How

MAX_STEPS = 5_000
MAX_DEPTH = 40

# Calls that give what they are given, as far as names go.
_SAME = frozenset(
    (
        *("vars", "dict", "asdict", "deepcopy", "copy", "to_container", "create", "edict"),
        *("EasyDict", "Munch", "Box", "str", "Path", "PurePath", "list", "tuple", "sorted"),
        *("expanduser", "abspath", "realpath", "resolve", "cast", "AttrDict", "DotMap"),
        *("_asdict", "Dict", "interpolate", "reversed", "set", "fspath", "expandvars"),
        *("model_dump",),
    )
)
# Calls that give a file, or what stands in it, of which the path is what matters here.
OPENS = frozenset(["open", "read_text", "read_bytes", "read", "readlines"])
_OPENING = frozenset(("io", "codecs", "gzip", "bz2", "lzma", "fsspec", "smart_open"))
_READS_SETTINGS = frozenset(
    (
        *("yaml.safe_load", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "json.load"),
        *("json.loads", "toml.load", "toml.loads", "tomllib.load", "tomllib.loads", "tomli.load"),
        *("tomli.loads", "omegaconf.OmegaConf.load", "hyperpyyaml.load_hyperpyyaml"),
        *("ruamel.yaml.safe_load",),
    )
)


class Resolver:
    """Answers for one file what its expressions come down to."""

    def __init__(
        self,
        module: Module,
        settings: SettingsFiles,
        elsewhere: Elsewhere,
        handed: Sequence[Handed] = (),
    ) -> None:
        self.module = module
        self.settings = settings
        self.elsewhere = elsewhere
        self.handed = handed  # by calls in other files
        self.dotted = Dotted(self)
        self.arguments = Arguments(module, self)
        self.members = Members(self)
        self._lookups = Lookups(self)
        self._parameters = Parameters(self)
        self._steps = 0
        self._active: set[tuple[int, int]] = set()

    def reach(self, node: ast.expr, where: Where) -> list[Reached]:
        """Everything that `node` may be where it stands."""
        self._steps += 1
        key = (id(node), id(where.scope))
        if key in self._active or self._steps > MAX_STEPS or len(self._active) > MAX_DEPTH:
            return [Reached(where, outside=dotted_text(node) or "…")]
        self._active.add(key)
        try:
            return [*self._reach(node, where)]
        finally:
            self._active.discard(key)

    def _reach(self, node: ast.expr, where: Where) -> Iterator[Reached]:
        match node:
            case ast.Name():
                yield from self._name(node, where)
            case ast.Attribute():
                yield from self._attribute(node, where)
            case ast.Subscript():
                yield from self._subscript(node, where)
            case ast.IfExp():
                both = (node.body, node.orelse)
                yield from self._either(both, where)
            case ast.BoolOp():
                yield from self._either(node.values, where)
            case ast.NamedExpr() | ast.Await() | ast.Starred():
                yield from self.reach(node.value, where)
            case ast.Call():
                yield from self._call(node, where)
            case _:
                yield Reached(where, node)

    def _either(self, nodes: Iterable[ast.expr], where: Where) -> Iterator[Reached]:
        for node in nodes:
            for each in self.reach(node, where):
                yield each.by(How.LITERAL, Flag.BRANCH)

    # Names

    def bindings(self, name: str, where: Where, place: Place) -> list[Binding]:
        """The bindings of a name that reach a place, in the order of the text."""
        scope: Scope | None = where.scope
        own = True
        while scope is not None:
            if scope.names.get(name) and (own or scope.cls is None):
                bound = scope.names[name]
                return reaching(bound, place, where.arms) if own else bound
            scope, own = scope.parent, False
        return []

    def _name(self, node: ast.Name, where: Where) -> Iterator[Reached]:
        bound = self.bindings(node.id, where, (node.lineno, node.col_offset))
        if not bound:
            yield Reached(where, outside=self.dotted.unbound(node.id))
        yield from self.bound_to(bound)
        if any(isinstance(each.value, ast.List) for each in bound):
            yield from self._appended(node.id, where.scope)
        if any(isinstance(each.value, ast.Dict) and not each.value.keys for each in bound):
            for name, items in where.scope.names.items():
                if name.startswith(f"{node.id}["):
                    yield from self.bound_to(items)

    def _appended(self, name: str, scope: Scope) -> Iterator[Reached]:
        """What is put into a list after it was made."""
        for site in self.module.calls_by_name.get("append", ()):
            func, given = site.node.func, site.node.args
            holder = func.value if isinstance(func, ast.Attribute) else func
            if site.scope is scope and given and dotted_text(holder) == name:
                for each in self.reach(given[0], Where(scope, site.arms)):
                    yield each.by(How.LITERAL, Flag.BRANCH)

    def bound_to(self, bound: Sequence[Binding]) -> Iterator[Reached]:
        """What bindings bind to, marked as branches where they are several."""
        several = len([each for each in bound if not is_nothing(each.value)]) > 1
        for binding in bound:
            for each in self._bound(binding):
                yield each.by(How.LITERAL, Flag.BRANCH) if several else each

    def _bound(self, binding: Binding) -> Iterator[Reached]:
        where = Where(binding.scope, binding.arms)
        if binding.bound is Bound.PARAMETER:
            yield from self._parameters.given(binding)
        elif binding.bound is Bound.IMPORT:
            yield Reached(where, outside=binding.text)
        elif binding.bound is Bound.DEFINITION:
            yield Reached(where, defines=binding.defines)
        elif binding.value is None:
            yield Reached(where, outside="…")
        elif binding.bound is Bound.ELEMENT:
            for each in self._elements(binding.value, where, binding.index):
                yield each.by(How.CONSTANT)
        else:
            opened = isinstance(binding.value, ast.Call) and last_name(binding.value.func) in OPENS
            for each in self.reach(binding.value, where):
                for part in self.part(each, binding.index):
                    yield part if opened else part.by(How.CONSTANT)

    def part(self, whole: Reached, index: int | None) -> Iterator[Reached]:
        """One part of what several are; all of it without an index."""
        if index is None:
            yield whole
        elif isinstance(whole.node, ast.Tuple | ast.List):
            if index < len(whole.node.elts):
                for each in self.reach(whole.node.elts[index], whole.where):
                    yield each.after(whole)
        else:
            yield replace(whole, index=index)

    def _elements(self, node: ast.expr, where: Where, index: int | None) -> Iterator[Reached]:
        """What a loop over `node` gives, one after another."""
        if isinstance(node, ast.Call) and last_name(node.func) == "enumerate" and node.args:
            node, index = node.args[0], None
        half = {"items": index, "keys": 0, "values": 1}
        looped = node
        if isinstance(node, ast.Call) and last_name(node.func) in half:
            index, looped = half[last_name(node.func)], getattr(node.func, "value", node.func)
        for each in self.reach(looped, where):
            if isinstance(each.node, ast.Dict):
                inside = each.node.values if index == 1 else [*filter(None, each.node.keys)]
                index = None
            elif isinstance(each.node, ast.List | ast.Tuple | ast.Set):
                inside = each.node.elts
            else:
                yield replace(each, node=None, outside=each.outside or "…")
                continue
            for element in inside:
                for inner in self.reach(element, each.where):
                    yield from self.part(inner.after(each), index)

    # Attributes, items and calls

    def _attribute(self, node: ast.Attribute, where: Where) -> Iterator[Reached]:
        text = dotted_text(node)
        place = (node.lineno, node.col_offset)
        if text.startswith("self.") and text.count(".") == 1:
            cls = enclosing_class(where.scope)
            if cls:
                yield from self.members.member(cls, node.attr, where)
                return
        bound = self.bindings(text, where, place) if text else []
        yield from self.bound_to(bound)
        if bound and bound[0].arms == where.arms[: len(bound[0].arms)]:
            return
        for base in self.reach(node.value, where):
            yield from self.members.attribute(base, node.attr)

    def _subscript(self, node: ast.Subscript, where: Where) -> Iterator[Reached]:
        key = node.slice
        if isinstance(key, ast.UnaryOp):
            yield Reached(where, node)
            return
        if isinstance(key, ast.Constant):
            text = dotted_text(node.value)
            bound = self.bindings(item_name(text, key.value), where, (node.lineno, node.col_offset))
            if text and bound:
                yield from self.bound_to(bound)
                return
        for base in self.reach(node.value, where):
            if isinstance(key, ast.Constant):
                yield from self.members.item(base, key.value)
            else:
                yield from self.members.item_by(base, key, where)

    def imported(self, dotted: str) -> Defined | None:
        """What a dotted name means, where it begins with a module of the tree that is imported."""
        if not dotted or not is_of(dotted, self._local):
            return None
        return self.elsewhere.defined(dotted, self.module.path)

    @cached_property
    def _local(self) -> Mapping[str, Part]:
        return self.elsewhere.local(self.module)

    def local_class(self, func: ast.expr, where: Where) -> Scope | None:
        """The class of the file that a call makes one of."""
        if not isinstance(func, ast.Name):
            return None
        bound = self.bindings(func.id, where, (func.lineno, func.col_offset))
        defined = [each.defines for each in bound if each.defines and each.defines.cls]
        return defined[-1] if defined else None

    def _call(self, node: ast.Call, where: Where) -> Iterator[Reached]:
        last = last_name(node.func)
        if last in ("get", "pop", "getattr", "select", "getenv", "setdefault"):
            found = [*self._lookups.got(node, where)]
            if found:
                yield from found
                return
        dotted = self.dotted.of(node.func, where)
        if dotted in _READS_SETTINGS and node.args:
            yield from self._lookups.settings(node, where)
        elif last in OPENS and isinstance(node.func, ast.Attribute) and not _is_module(dotted):
            yield from self.reach(node.func.value, where)
        elif last in _SAME or (last in OPENS and node.args):
            value = node.args[0] if node.args else getattr(node.func, "value", node.func)
            yield from self.reach(value, where)
        elif function := self.local_function(node.func, where):
            yield from self._returned(function, node, where)
        else:
            yield Reached(where, node)

    def local_function(self, func: ast.expr, where: Where) -> Scope | None:
        """The function of the file that a call calls."""
        if isinstance(func, ast.Attribute) and dotted_text(func) == f"self.{func.attr}":
            cls = enclosing_class(where.scope)
            bound = cls.names.get(func.attr, []) if cls else []
        elif isinstance(func, ast.Name):
            bound = self.bindings(func.id, where, (func.lineno, func.col_offset))
        else:
            return None
        defined = [each.defines for each in bound if each.defines and each.defines.function]
        return defined[-1] if defined else None

    def _returned(self, function: Scope, node: ast.Call, where: Where) -> Iterator[Reached]:
        values = [*returns(function)]
        if not values:
            yield Reached(where, node)
        for value in values:
            for each in self.reach(value, Where(function)):
                yield each.by(How.LITERAL, *([Flag.BRANCH] if len(values) > 1 else []))


def _is_module(dotted: str) -> bool:
    """Whether what opens is a function of a module, as `gzip.open` is, and no method."""
    return dotted.partition(".")[0] in _OPENING
