"""What a parameter of a function is: what the command line or the file's own calls hand over.

Rules
- A framework that calls the function goes before, then the file's calls, then the default.
- A parameter that nobody in the file hands over, without a default, is from outside.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.check.python.bindings import argument_of, has_stars, is_nothing
from bot.check.python.module import Binding, CallSite, Scope, last_name
from bot.check.python.reached import Name, Reached, Where
from bot.check.uses import How

if TYPE_CHECKING:
    from bot.check.python.names import Names
    from bot.check.python.resolve import Resolver


@dataclass(frozen=True, slots=True)
class Handed:
    """A call in another file of a function in this one, and that file's names."""

    function: Scope
    call: ast.Call
    where: Where
    names: "Names"

    def to(self, binding: Binding, before: int) -> list[Name] | None:
        """What the call hands over to a parameter; None where it hands over nothing."""
        given = argument_of(self.call, before, binding.index or 0, binding.text)
        return None if given is None else self.names.of(given, self.where)

    def texts(self) -> Iterator[Name]:
        """All names that the call hands over."""
        for each in (*self.call.args, *(keyword.value for keyword in self.call.keywords)):
            yield from self.names.of(each, self.where)


class Parameters:
    """Answers for one file what its parameters are."""

    def __init__(self, resolver: "Resolver") -> None:
        self._resolver = resolver

    def given(self, binding: Binding) -> Iterator[Reached]:
        """What a parameter may be."""
        scope, where = binding.scope, Where(binding.scope)
        function = scope.function
        if function is None:
            yield Reached(where, outside=binding.text)
            return
        given = [*self._resolver.arguments.of_parameter(scope, binding)]
        if given:
            yield from given
            return
        handed = [*self._handed_over(scope, binding), *self._from_elsewhere(scope, binding)]
        yield from handed
        if handed:
            return
        if binding.value is not None and not is_nothing(binding.value):
            for each in self._resolver.reach(binding.value, Where(scope.parent or scope)):
                yield each.by(How.DEFAULT)
        else:
            yield Reached(where, outside=binding.text)

    def _handed_over(self, scope: Scope, binding: Binding) -> Iterator[Reached]:
        """What the file's own calls of a function give to a parameter."""
        for site, handed in self.callers(scope):
            found = argument_of(site.node, handed, binding.index or 0, binding.text)
            where = Where(site.scope, site.arms)
            if found is not None:
                yield from self._resolver.reach(found, where)
            elif has_stars(site.node):
                yield Reached(where, outside=binding.text)
            elif binding.value is not None:
                for each in self._resolver.reach(binding.value, Where(scope.parent or scope)):
                    yield each.by(How.DEFAULT)

    def _from_elsewhere(self, scope: Scope, binding: Binding) -> Iterator[Reached]:
        """What calls in other files give to a parameter, as they are known there."""
        cls = scope.method_of
        where = Where(scope)
        for handed in self._resolver.handed:
            if handed.function is (cls if cls and scope.name == "__init__" else scope):
                names = handed.to(binding, 1 if cls else 0)
                if names is None and has_stars(handed.call):
                    yield Reached(where, outside=binding.text)
                for name in names or ():
                    argument = name.argument
                    if name.text is None:
                        yield Reached(where, outside=name.call, argument=argument)
                    else:
                        node = ast.copy_location(ast.Constant(name.text), scope.node)
                        yield Reached(where, node, name.how, name.flags, argument=argument)

    def callers(self, scope: Scope) -> Iterator[tuple[CallSite, int]]:
        """The calls of a function, with how many of its parameters they don't hand over."""
        cls = scope.method_of
        name = cls.name if cls and scope.name == "__init__" else scope.name
        function = scope.function
        static = function is not None and any(
            last_name(each) == "staticmethod" for each in function.decorator_list
        )
        before = 1 if cls and not static else 0
        for site in self._resolver.module.calls_by_name.get(name, ()):
            inside = cls is not None and scope.name != "__init__"
            if inside == isinstance(site.node.func, ast.Attribute) and site.scope is not scope:
                yield site, before
