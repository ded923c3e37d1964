"""What a file calls that another module of the same tree defines, and what such a module is.

Rules
- A name that a package only passes on is followed to where it is defined.
- What an import passes on is a constant only where it is a text that is written out.
"""

import ast
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace

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

    What is called like one of `libraries` is none where a module of that name lies beside the file.
    """

    def __init__(self, files: ModuleFiles, libraries: Container[str]) -> None:
        self.files = files
        self._libraries = libraries
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
            return name in self._libraries and self.files.shadows(name, path)

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
        stars = (f"{star}.{part.of_it}" for star in module.top.stars)
        passed_on = (self.defined(each, part.path, hops - 1, met) for each in stars)
        return next((each for each in passed_on if each), None)


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
