"""What a file calls that another module of the same tree defines, and what such a module is.

Rules
- A name that a package only passes on is followed to where it is defined.
- What an import passes on is a constant only where it is a text that is written out.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.check.known import KnownCalls
from bot.check.modules import ModuleFiles, Part
from bot.check.opening import UnreadableError, decoded
from bot.check.python.module import Bound, Module, Scope
from bot.check.python.parsing import parse
from bot.check.uses import Unreadable

MAX_HOPS = 5
MAX_KEPT = 64


@dataclass(frozen=True, slots=True)
class Defined:
    """What another module defines under a name: functions and classes, or a text."""

    module: Module
    scopes: tuple[Scope, ...] = ()
    text: ast.Constant | None = None


class Elsewhere:
    """The modules of a tree, each parsed once, as they are when they are imported.

    What is called like a library of the `known` calls is none where a module of that name lies
    beside the file.
    """

    def __init__(self, files: ModuleFiles, known: KnownCalls) -> None:
        self.files = files
        self._known = known
        self._parsed: dict[str, Module | None] = {}

    def module(self, path: str) -> Module | None:
        """A module as it is when it is imported; None where it can't be read."""
        if path not in self._parsed:
            if len(self._parsed) >= MAX_KEPT:
                self._parsed.clear()
            self._parsed[path] = self._read(path)
        return self._parsed[path]

    def _read(self, path: str) -> Module | None:
        try:
            text = decoded(self.files.content(path), python=True)
        except UnreadableError:
            return None  # it is said of the file where it is looked at
        module = self.parsed(path, text, imported=True)
        return None if isinstance(module, Unreadable) else module

    def parsed(self, path: str, text: str, *, imported: bool = False) -> Module | Unreadable:
        """The file of that path and text, as a script or as it is `imported`."""

        def shadowed(name: str) -> bool:
            return name in self._known.libraries and self.files.shadows(name, path)

        return parse(path, text, imported=imported, shadowed=shadowed)

    def local(self, module: Module) -> Mapping[str, Part]:
        """What a module imports of the tree, by its dotted name."""
        names = {
            binding.text
            for scope in module.scopes
            for bound in scope.names.values()
            for binding in bound
            if binding.bound is Bound.IMPORT
        }
        names |= module.top.stars.keys()
        parts = {name: self.files.find(name, module.path) for name in sorted(names)}
        return {name: part for name, part in parts.items() if part}

    def defined(
        self, dotted: str, from_: str, hops: int = MAX_HOPS, met: set[Part] | None = None
    ) -> Defined | None:
        """What a dotted name means that the file `from_` imports of the tree.

        What was `met` on the way is looked at once: modules may pass on all of each other.
        """
        met = set() if met is None else met
        part = self.files.find(dotted, from_)
        if part in met:
            return None
        if part:
            met.add(part)
        module = self.module(part.path) if part and part.of_it else None
        if not part or not module or not hops:
            return None
        first, _, rest = part.of_it.partition(".")
        name = first.removesuffix("()")
        for binding in reversed(module.top.names.get(name, ())):
            if binding.defines:
                scopes = tuple(_meant(binding.defines, rest))
                return Defined(module, scopes) if scopes else None
            if binding.bound is Bound.IMPORT:
                further = ".".join(
                    each for each in (binding.text + first[len(name) :], rest) if each
                )
                return self.defined(further, part.path, hops - 1, met)
            value = binding.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and not rest:
                return Defined(module, text=value)
        stars = (star for star in reversed(module.top.stars) if self._gives(star, name, part.path))
        passed_on = (
            self.defined(below(star, part.of_it), part.path, hops - 1, met) for star in stars
        )
        return next((each for each in passed_on if each), None)

    def by_star(self, name: str, module: Module, met: set[str] | None = None) -> str:
        """What a name means that a module has by `from … import *`; empty where none gives it.

        The last module of the tree that gives it goes before, then the library of whose calls one
        is known by that name. What a module only passes on from a library is named as there.
        """
        met = set() if met is None else met
        libraries: list[str] = []
        for star in reversed(module.top.stars):
            other = self._starred(star, module.path)
            if other is None:
                libraries.append(star)
            elif other.path not in met and _has(other, name):
                met.add(other.path)
                if origin := self._given(name, star, other, met):
                    return origin
        return self._known.best(below(star, name) for star in libraries)

    def _given(self, name: str, star: str, module: Module, met: set[str]) -> str:
        """What a module gives under a name, for the one that imports all of it as `star`."""
        for binding in reversed(module.top.names.get(name, ())):
            passed_on = binding.bound is Bound.IMPORT and not binding.text.startswith(".")
            if passed_on and not self.files.find(binding.text, module.path):
                return binding.text
            return below(star, name)
        origin = self.by_star(name, module, met)
        of_tree = origin and self.files.find(origin, module.path)
        return below(star, name) if of_tree else origin

    def _starred(self, star: str, from_: str) -> Module | None:
        part = self.files.find(star, from_)
        return self.module(part.path) if part and not part.of_it else None

    def _gives(self, star: str, name: str, from_: str) -> bool:
        module = self._starred(star, from_)
        return module is None or _has(module, name)

    def imports_any(self, module: Module, libraries: frozenset[str]) -> bool:
        """Whether a module imports one of some libraries, or has its names by way of another."""
        met: dict[str, Module] = {module.path: module}
        todo = [module]
        while todo:
            each = todo.pop()
            texts = (
                binding.text
                for scope in each.scopes
                for bound in scope.names.values()
                for binding in bound
                if binding.bound is Bound.IMPORT
            )
            if any(text.partition(".")[0] in libraries for text in (*texts, *each.top.stars)):
                return True
            for star in each.top.stars:
                other = self._starred(star, each.path)
                if other and other.path not in met:
                    met[other.path] = other
                    todo.append(other)
        return False


def below(module: str, name: str) -> str:
    """The dotted name of what a module has."""
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _has(module: Module, name: str) -> bool:
    """Whether `from … import *` of a module may give a name: by its `__all__`, else if it's public.

    An `__all__` that is computed may have any.
    """
    bound = module.top.names.get("__all__", ())
    listed: set[object] = set()
    for binding in bound:
        if not isinstance(binding.value, ast.List | ast.Tuple):
            return True
        listed |= {each.value for each in binding.value.elts if isinstance(each, ast.Constant)}
    return name in listed if bound else not name.startswith("_")


def _meant(defined: Scope, rest: str) -> Iterator[Scope]:
    """The function or the class that a name means, or a method of that class."""
    if not rest:
        yield defined
    elif "." not in rest and defined.cls:
        yield from (each.defines for each in defined.names.get(rest, ()) if each.defines)


def copy_of(module: Module) -> Module:
    """The module, so that other calls may be looked at in it."""
    return replace(module, calls=[*module.calls])


def is_of(dotted: str, names: Mapping[str, Part]) -> bool:
    """Whether what is called belongs to what is imported under one of these names."""
    return any(dotted == name or dotted.startswith((f"{name}.", f"{name}()")) for name in names)
