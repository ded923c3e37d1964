"""A parsed file, walked: its module gets its scopes, bindings and calls.

Rules
- It is walked with a stack of our own: no nesting ends the interpreter.
- A name is bound behind its value, so that a value never means itself.
"""

import ast
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from bot.check.python.module import (
    Arms,
    Binding,
    Bound,
    Branch,
    CallSite,
    Function,
    Module,
    Scope,
    called_later,
    is_entry_guard,
    last_name,
    named_by_text,
    parameters,
    target_name,
)

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SIGNS: tuple[type[ast.AST], ...] = (ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
# What holds nothing to walk to.
_LEAVES = frozenset(
    (
        *(ast.Load, ast.Store, ast.Del, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.arg),
        *(each for kind in _SIGNS for each in kind.__subclasses__()),
    )
)


def fill(module: Module, shadowed: Callable[[str], bool], *, imported: bool) -> None:
    """Walks a module that was parsed, and keeps in it what stands there."""
    _Walk(module, shadowed, imported=imported).run()


class _At(NamedTuple):
    """A node that is still to be walked, and where it stands."""

    node: ast.AST
    scope: Scope
    arms: Arms = ()
    target: str = ""


class _Walk:
    """Fills a module: its scopes, bindings, calls and branches, in the order of the text."""

    def __init__(self, module: Module, shadowed: Callable[[str], bool], *, imported: bool) -> None:
        self.module = module
        self.imported = imported
        self.shadowed = shadowed
        self.stack: list[_At] = []
        module.scopes.append(module.top)

    def run(self) -> None:
        module = self.module
        self._push(module.tree.body, _At(module.tree, module.top))
        while self.stack:
            at = self.stack.pop()
            step = _STEPS.get(type(at.node))
            if step:
                step(self, at.node, at)
            else:
                self._inside(at.node, at)

    def _push(self, nodes: Iterable[ast.AST], at: _At) -> None:
        scope, arms, target = at.scope, at.arms, at.target
        mentioned = scope.mentions
        fresh = []
        for node in nodes:
            if isinstance(node, ast.Name):
                mentioned.add(node.id)
            elif type(node) not in _LEAVES:
                if isinstance(node, ast.Attribute):
                    mentioned.add(node.attr)
                fresh.append(_At(node, scope, arms, target))
        fresh.reverse()
        self.stack += fresh

    def _inside(self, node: ast.AST, at: _At) -> None:
        """Walks on through all that a node holds."""
        children: list[ast.AST] = []
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                children += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                children.append(value)
        self._push(children, at)

    def _import(self, name: str, dotted: str, at: _At) -> None:
        place = (getattr(at.node, "lineno", 0), getattr(at.node, "col_offset", 0))
        if self.shadowed(dotted.partition(".")[0]):
            dotted = f".{dotted}"
        binding = Binding(Bound.IMPORT, at.scope, place, at.arms, text=dotted)
        at.scope.names[name].append(binding)

    def _define(self, name: str, inner: Scope, at: _At) -> None:
        place = (getattr(at.node, "lineno", 0), getattr(at.node, "col_offset", 0))
        binding = Binding(Bound.DEFINITION, at.scope, place, at.arms, defines=inner)
        at.scope.names[name].append(binding)

    def _assign(self, target: ast.expr, at: _At, bound: Bound, value: ast.expr | None) -> None:
        """Binds a target: a name, an attribute, an item by its key, or several of them.

        It is bound behind its value; in a comprehension, for all of it.
        """
        place = (target.lineno, target.col_offset)
        if isinstance(at.node, _COMPREHENSIONS):
            place = (at.node.lineno, at.node.col_offset)
        elif value is not None and value.end_lineno is not None:
            place = (value.end_lineno, value.end_col_offset or 0)
        todo: list[tuple[ast.expr, ast.expr | None, int | None]] = [(target, value, None)]
        while todo:
            to, what, index = todo.pop()
            if isinstance(to, ast.Tuple | ast.List):
                parts = what.elts if isinstance(what, ast.Tuple | ast.List) else None
                same = parts is not None and bound is Bound.VALUE and len(parts) == len(to.elts)
                for number, each in enumerate(to.elts):
                    part = parts[number] if parts and same else what
                    todo.append((each, part, None if same else number))
                continue
            name = target_name(to)
            if not name:
                continue
            binding = Binding(bound, at.scope, place, at.arms, what, index)
            cls = at.scope.method_of
            if cls and name.startswith("self."):
                cls.attributes[name.removeprefix("self.")].append(binding)
            is_global = re.split(r"[.\[]", name, maxsplit=1)[0] in at.scope.of_module
            (self.module.top if is_global else at.scope).names[name].append(binding)

    def assign(self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, at: _At) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is None:
            return
        for target in targets:
            self._assign(target, at, Bound.VALUE, node.value)
        name = target_name(targets[0]) or " ".join(map(ast.unparse, targets[:1]))
        self._push([node.value], at._replace(target=name))
        for target in targets:
            self._inside(target, at)

    def augmented(self, node: ast.AugAssign, at: _At) -> None:
        self._assign(node.target, at, Bound.OPAQUE, None)
        self._push([node.value], at)

    def loop(self, node: ast.For | ast.AsyncFor, at: _At) -> None:
        self._assign(node.target, at, Bound.ELEMENT, node.iter)
        self._push([node.iter, *node.body, *node.orelse], at)

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, at: _At
    ) -> None:
        for each in node.generators:
            self._assign(each.target, at, Bound.ELEMENT, each.iter)
        self._inside(node, at)

    def with_(self, node: ast.With | ast.AsyncWith, at: _At) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._assign(item.optional_vars, at, Bound.VALUE, item.context_expr)
        self._push([*(item.context_expr for item in node.items), *node.body], at)

    def imports(self, node: ast.Import, at: _At) -> None:
        for alias in node.names:
            dotted = alias.name if alias.asname else alias.name.split(".")[0]
            self._import(alias.asname or dotted, dotted, at)

    def imports_from(self, node: ast.ImportFrom, at: _At) -> None:
        origin = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                shadowed = self.shadowed(origin.partition(".")[0])
                place = (node.lineno, node.col_offset)
                self.module.top.stars[f".{origin}" if shadowed else origin] = place
            else:
                dotted = f"{origin}{alias.name}" if not node.module else f"{origin}.{alias.name}"
                self._import(alias.asname or alias.name, dotted, at)

    def class_(self, node: ast.ClassDef, at: _At) -> None:
        inner = self._scope(node, at)
        self._define(node.name, inner, at)
        self._push([*node.decorator_list, *node.bases, *node.keywords], at)
        self._push(node.body, _At(node, inner))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, at: _At) -> None:
        inner = self._scope(node, at)
        self._parameters(node, inner, at)
        self._define(node.name, inner, at)
        self._push(node.decorator_list, at)
        self._push(node.body, _At(node, inner))

    def lambda_(self, node: ast.Lambda, at: _At) -> None:
        inner = self._scope(node, at)
        self._parameters(node, inner, at)
        inner.mentions = at.scope.mentions  # it runs where it is handed to
        self._push([node.body], _At(node, inner))

    def _scope(self, node: ast.AST, at: _At) -> Scope:
        inner = Scope(node, at.scope, at.arms)
        self.module.scopes.append(inner)
        return inner

    def _parameters(self, node: Function | ast.Lambda, inner: Scope, at: _At) -> None:
        self._push([*node.args.defaults, *filter(None, node.args.kw_defaults)], at)
        place = (node.lineno, node.col_offset)
        for number, (name, default) in enumerate(parameters(node.args)):
            binding = Binding(Bound.PARAMETER, inner, place, (), default, number, text=name)
            inner.names[name].append(binding)

    def branch(self, node: ast.If, at: _At) -> None:
        self._push([node.test], at)
        if is_entry_guard(node.test):
            self.module.guarded = True
            self._push(node.orelse if self.imported else node.body, at)
            return
        if last_name(node.test) == "TYPE_CHECKING":
            self._push([*node.body, *node.orelse], at)
            return
        bodies = [node.body, node.orelse] if node.orelse else [node.body]
        self._arms(node, at, bodies, closed=bool(node.orelse), test=node.test)

    def match(self, node: ast.Match, at: _At) -> None:
        self._push([node.subject], at)
        bodies = [case.body for case in node.cases]
        self._arms(node, at, bodies, closed=False, test=node.subject)

    def try_(self, node: ast.Try | ast.TryStar, at: _At) -> None:
        self._push([*node.body, *node.orelse, *node.finalbody], at)
        self._arms(node, at, [handler.body for handler in node.handlers], closed=False)

    def _arms(
        self,
        node: ast.AST,
        at: _At,
        bodies: list[list[ast.stmt]],
        *,
        closed: bool,
        test: ast.expr | None = None,
    ) -> None:
        number = len(self.module.branches)
        count = len(bodies)
        self.module.branches[number] = Branch(count if closed else 0, count, at.scope, test)
        for arm, body in reversed([*enumerate(bodies)]):
            inside = _At(node, at.scope, (*at.arms, (number, arm)))
            self._push(body, inside)

    def global_(self, node: ast.Global, at: _At) -> None:
        at.scope.of_module.update(node.names)

    def call(self, node: ast.Call, at: _At) -> None:
        plain = named_by_text(node)
        self.module.calls.append(CallSite(plain, at.scope, at.arms, at.target))
        if later := called_later(node):
            self.module.calls.append(CallSite(later, at.scope, at.arms, at.target))
        for each in reversed(node.keywords):
            self._push([each.value], at._replace(target=each.arg or at.target))
        self._push([node.func, *node.args], at)

    def statement(self, node: ast.Expr, at: _At) -> None:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            self.module.texts.append(value)
        else:
            self._push([value], at._replace(target=""))


_STEPS: dict[type[ast.AST], Callable[[_Walk, Any, _At], None]] = {
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.assign,
    ast.NamedExpr: _Walk.assign,
    ast.AugAssign: _Walk.augmented,
    ast.For: _Walk.loop,
    ast.AsyncFor: _Walk.loop,
    ast.ListComp: _Walk.comprehension,
    ast.SetComp: _Walk.comprehension,
    ast.DictComp: _Walk.comprehension,
    ast.GeneratorExp: _Walk.comprehension,
    ast.With: _Walk.with_,
    ast.AsyncWith: _Walk.with_,
    ast.Import: _Walk.imports,
    ast.ImportFrom: _Walk.imports_from,
    ast.FunctionDef: _Walk.function,
    ast.AsyncFunctionDef: _Walk.function,
    ast.ClassDef: _Walk.class_,
    ast.Lambda: _Walk.lambda_,
    ast.If: _Walk.branch,
    ast.Match: _Walk.match,
    ast.Try: _Walk.try_,
    ast.TryStar: _Walk.try_,
    ast.Call: _Walk.call,
    ast.Global: _Walk.global_,
    ast.Expr: _Walk.statement,
}
