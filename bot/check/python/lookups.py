"""What calls look up: `cfg.get("key", default)`, `getattr`, the environment, files of settings."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.check.python.bindings import is_nothing
from bot.check.python.module import last_name
from bot.check.python.reached import Reached, Where
from bot.check.uses import How

if TYPE_CHECKING:
    from bot.check.python.resolve import Resolver


class Lookups:
    """Answers for one file what is looked up by a key or a path."""

    def __init__(self, resolver: "Resolver") -> None:
        self._resolver = resolver

    def got(self, node: ast.Call, where: Where) -> Iterator[Reached]:
        """`x.get("key", default)`, `getattr(x, "key", default)`, `OmegaConf.select(x, "key")`."""
        by_function = last_name(node.func) in ("getattr", "select")
        arguments = node.args if by_function else [getattr(node.func, "value", None), *node.args]
        holder, key, default = [*arguments, None, None, None][:3]
        if not isinstance(holder, ast.expr) or not isinstance(key, ast.Constant):
            return
        if not isinstance(key.value, str):
            return
        for base in self._resolver.reach(holder, where):
            found = [*self._resolver.members.item(base, key.value)]
            missing = not found or all(
                each.outside or (each.settings and not each.settings.under(each.key))
                for each in found
            )
            if default is not None and missing and not is_nothing(default):
                yield from (each.by(How.DEFAULT) for each in self._resolver.reach(default, where))
            else:
                yield from found

    def settings(self, node: ast.Call, where: Where) -> Iterator[Reached]:
        """The file of settings that a call reads, by the path that it names."""
        for opened in self._resolver.reach(node.args[0], where):
            path = opened.node.value if isinstance(opened.node, ast.Constant) else None
            file = (
                self._resolver.settings.find(path, self._resolver.module.path)
                if isinstance(path, str)
                else None
            )
            if file:
                yield Reached(where, settings=file).after(opened)
            else:
                outside = str(path or opened.outside or "…")
                yield Reached(where, outside=outside, argument=opened.argument, overrides=True)
