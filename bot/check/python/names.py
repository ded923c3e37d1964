"""The names that an expression gives: texts put together of what is known, or unknown ones.

Rules
- A text that is put together counts as a constant at best, and is derived; where a part is unknown,
  all of it is.
- None, '' and numbers are no names. Of a list or a mapping, each value is one.
"""

import ast
from collections.abc import Iterator
from itertools import product

from bot.check.known import KnownCall
from bot.check.python.reached import Argument, Name, Reached, Where, weaker
from bot.check.python.resolve import Resolver
from bot.check.python.sites import Call, argument_by
from bot.check.python.texts import Parts, parts_of
from bot.check.uses import Flag, How, Span

MAX_ALTERNATIVES = 8
MAX_NAMES = 64
MAX_DEPTH = 12
MAX_LENGTH = 1_000


class Names:
    """Answers for one file what names its expressions give."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._module = resolver.module
        self._meant: list[ast.expr] = []
        self._depth = 0

    def of(self, node: ast.expr, where: Where, use: ast.expr | None = None) -> list[Name]:
        """The names that `node` may give; unknown ones stand where it is used."""
        at = self._module.span(use or node)
        if self._depth >= MAX_DEPTH:
            return [Name(None, How.UNKNOWN, at, call=self._module.words(node))]
        self._depth += 1
        found: list[Name] = []
        for reached in self._resolver.reach(node, where):
            found += self._of(reached, at)
        self._depth -= 1
        return list(dict.fromkeys(found))[:MAX_NAMES]

    def of_attribute(self, node: ast.expr, name: str, where: Where, use: ast.expr) -> list[Name]:
        """The names that `node.name` may give, where that isn't written but meant."""
        meant = ast.copy_location(ast.Attribute(node, name, ast.Load()), node)
        self._meant.append(meant)  # it is known by its identity for as long as the file is read
        return self.of(meant, where, use)

    def at(self, call: Call, entry: KnownCall) -> list[Name]:
        """The names that a call hands over where the catalogue says; unknown where it does so."""
        node = argument_by(call.node, entry.arguments)
        if node is not None:
            nothing = Name(
                None, How.UNKNOWN, self._module.span(node), call=self._module.words(node)
            )
            return self.of(node, call.where) or [nothing]
        stars = [each for each in call.node.args if isinstance(each, ast.Starred)]
        if stars:
            return [
                self._unknown(
                    Reached(call.where, stars[0]), self._module.span(stars[0]), named=False
                )
            ]
        mapping = next((each.value for each in call.node.keywords if each.arg is None), None)
        keys = [each for each in entry.arguments if isinstance(each, str)]
        if mapping is None:
            return []
        return [
            name for key in keys for name in self.of_attribute(mapping, key, call.where, mapping)
        ]

    def by_key(self, node: ast.expr, where: Where, whole: str = "") -> Iterator[Name]:
        """The keys of settings that `node` may be, as unknown names; `whole` is all of them."""
        span = self._module.span(node)
        for reached in self._resolver.reach(node, where):
            key = reached.key or reached.outside.partition(".")[2].replace("[]", "") or whole
            if key and (reached.settings or reached.overrides):
                argument = Argument(key, span)
                yield Name(None, How.UNKNOWN, span, call=key, argument=argument)

    def _of(self, reached: Reached, at: Span) -> Iterator[Name]:
        node = reached.node
        if node is None:
            yield from self._from_outside(reached, at)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and node.value.strip():
                span = self._module.span(node)
                text = node.value
                yield Name(text, reached.how, span, reached.flags, argument=reached.argument)
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            for element in node.elts:
                yield from self._inside(element, reached, at)
        elif isinstance(node, ast.Dict):
            for value in node.values:
                yield from self._inside(value, reached, at)
        elif (parts := parts_of(node, reached.where)) is not None:
            yield from self._joined(node, parts, reached, at)
        else:
            yield self._unknown(reached, at, named=False)

    def _inside(self, node: ast.expr, outer: Reached, at: Span) -> Iterator[Name]:
        for each in self._resolver.reach(node, outer.where):
            yield from self._of(each.after(outer), at)

    def _from_outside(self, reached: Reached, at: Span) -> Iterator[Name]:
        if reached.settings:
            for setting in reached.settings.under(reached.key):
                if isinstance(setting.value, str) and setting.value:
                    within = f"{setting.file}:{setting.span.line}"
                    how = weaker(reached.how, How.CONFIG)
                    argument = Argument(setting.key, at) if reached.overrides else None
                    flags = reached.flags
                    yield Name(setting.value, how, at, flags, setting.key, within, argument)
            if any(setting.value for setting in reached.settings.under(reached.key)):
                return
        defined = self._resolver.imported(reached.outside)
        if defined and defined.text:
            within = f"{defined.module.path}:{defined.text.lineno}"
            how = weaker(reached.how, How.CONSTANT)
            yield Name(str(defined.text.value), how, at, reached.flags, within=within)
        elif reached.defines is None:
            yield self._unknown(reached, at, named=True)

    def _unknown(self, reached: Reached, at: Span, *, named: bool) -> Name:
        """A name that can't be known; `named` unless what is there is an object of some kind."""
        argument = reached.argument
        call = reached.outside or reached.key
        if reached.overrides and argument is None:
            key = reached.key or reached.outside.partition(".")[2]
            argument = Argument(key, at) if key else None
        if argument:
            call = argument.name
        elif reached.node is not None:
            call = self._module.words(reached.node)
        known_place = bool(argument or reached.settings or reached.overrides) or (
            call.startswith("os.") or _is_arguments(call)
        )
        return Name(
            None,
            How.UNKNOWN,
            at,
            reached.flags,
            call,
            argument=argument,
            named=named and known_place,
        )

    def _joined(self, node: ast.expr, parts: Parts, reached: Reached, at: Span) -> Iterator[Name]:
        """Texts put together: each combination of what their parts may be."""
        alternatives = [self._part(each, where) for each, where in parts.nodes]
        span = self._module.span(node)
        for count, combination in enumerate(product(*alternatives)):
            if count >= MAX_ALTERNATIVES:
                return
            how = How.CONSTANT
            flags = reached.flags | {Flag.DERIVED}
            argument = reached.argument
            for each in combination:
                how, flags = weaker(how, each.how), flags | each.flags
                argument = argument or each.argument
            texts = [each.text for each in combination if each.text is not None]
            if len(texts) < len(combination):
                unknown = next(each for each in combination if each.text is None)
                call, argument = self._module.words(node), unknown.argument
                yield Name(None, How.UNKNOWN, at, flags, call, argument=argument)
                continue
            text = parts.join(texts) if sum(map(len, texts)) <= MAX_LENGTH else ""
            if 0 < len(text) <= MAX_LENGTH:
                yield Name(text, weaker(how, reached.how), span, flags, argument=argument)

    def _part(self, node: ast.expr, where: Where) -> list[Name]:
        """What one part of a text may be; a number is a part too."""
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool | None):
            return [Name(str(node.value), How.LITERAL, self._module.span(node))]
        found = self.of(node, where)
        if found:
            return found
        numbers = [
            Name(str(each.node.value), each.how, self._module.span(each.node), each.flags)
            for each in self._resolver.reach(node, where)
            if isinstance(each.node, ast.Constant)
            and isinstance(each.node.value, int | float | str)
        ]
        return numbers or [
            Name(None, How.UNKNOWN, self._module.span(node), call=self._module.words(node))
        ]


def _is_arguments(text: str) -> bool:
    """Whether a name looks like what a command line or a configuration gave."""
    first, _, rest = text.partition(".")
    return bool(rest) and first.lower().endswith(
        ("args", "arguments", "opt", "opts", "options", "flags", "cfg", "config", "hparams", "conf")
    )
