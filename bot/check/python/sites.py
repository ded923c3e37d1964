"""What a call site makes: a use, with the argument that it comes from."""

import ast
from dataclasses import dataclass

from bot.check.python.bindings import argument_of
from bot.check.python.module import CallSite, Module
from bot.check.python.reached import Argument, Name, Where
from bot.check.uses import Flag, Kind, Use


@dataclass(frozen=True, slots=True)
class FoundUse:
    """A use, with the argument that it comes from and the option it needs beside that.

    `line` is where the call stands that makes it.
    """

    use: Use
    line: int
    argument: Argument | None = None
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call in its module, with the dotted name of what it calls."""

    module: Module
    site: CallSite
    dotted: str

    @property
    def node(self) -> ast.Call:
        """The call itself."""
        return self.site.node

    @property
    def where(self) -> Where:
        """Where its arguments stand."""
        return Where(self.site.scope, self.site.arms)

    @property
    def target(self) -> str:
        """The last part of the name that its value is given to."""
        return self.site.target.rpartition(".")[2]

    def uses(self, kind: Kind, name: Name, role: str, *flags: Flag) -> FoundUse:
        """What it uses under a name."""
        told = name.call if name.call and (name.text is None or name.within) else self.dotted
        own = name.flags | frozenset(flags)
        if any(self.module.branches[branch].arms > 1 for branch, _ in self.site.arms):
            own |= {Flag.BRANCH}
        use = Use(kind, name.text, name.how, name.span, told, role, within=name.within, flags=own)
        return FoundUse(use, self.node.lineno, name.argument)


def argument_by(call: ast.Call, arguments: tuple[int | str, ...]) -> ast.expr | None:
    """What a call hands over at the first of the positions and keywords that it uses."""
    for each in arguments:
        found = (
            argument_of(call, 0, each, "")
            if isinstance(each, int)
            else argument_of(call, 0, -1, each)
        )
        if found is not None and not (isinstance(found, ast.Constant) and found.value is None):
            return found
    return None
