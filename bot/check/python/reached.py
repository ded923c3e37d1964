"""What an expression of a script comes down to, as values."""

import ast
from dataclasses import dataclass, replace

from bot.check.configs import SettingsFile
from bot.check.python.module import Arms, Scope
from bot.check.uses import Flag, How, Span

_ORDER = (How.LITERAL, How.CONSTANT, How.DEFAULT, How.CONFIG, How.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Where:
    """Where an expression stands, for what its names mean there."""

    scope: Scope
    arms: Arms = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """What a script takes from its command line: an option, or a word at a position."""

    name: str
    span: Span
    aliases: tuple[str, ...] = ()
    position: int = -1
    default: ast.expr | None = None
    where: Where | None = None  # of the default


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing that an expression may be: a node, a class, a place in settings, or from outside.

    `outside` is the dotted name of what another file or the command line gives; with `overrides`
    the command line sets it by that name without its first part.
    """

    where: Where
    node: ast.expr | None = None
    how: How = How.LITERAL
    flags: frozenset[Flag] = frozenset()
    index: int | None = None  # which part of what the node gives
    defines: Scope | None = None
    argument: Argument | None = None
    settings: SettingsFile | None = None
    key: str = ""
    outside: str = ""
    overrides: bool = False

    def by(self, how: How, *flags: Flag) -> "Reached":
        """The same, known by `how` at best."""
        return replace(self, how=weaker(self.how, how), flags=self.flags | frozenset(flags))

    def after(self, before: "Reached") -> "Reached":
        """The same, reached by way of `before`."""
        argument = self.argument or before.argument
        flags = self.flags | before.flags
        return replace(self, how=weaker(self.how, before.how), flags=flags, argument=argument)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a text, or None where it is unknown; `named` says whether it is one at all."""

    text: str | None
    how: How
    span: Span
    flags: frozenset[Flag] = frozenset()
    call: str = ""
    within: str = ""
    argument: Argument | None = None
    named: bool = True


def weaker(one: How, other: How) -> How:
    """The one of two ways of knowing that says less."""
    return max(one, other, key=_ORDER.index)
