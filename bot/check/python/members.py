"""What stands behind a dot or in brackets: of classes, of what they make, of mappings and settings.

Rules
- A class of the file says what it keeps; of a library's, only what is handed over is known.
- An item of a mapping that is written out counts as a constant.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.check.python.arguments import PARSING
from bot.check.python.bindings import argument_of, has_stars
from bot.check.python.module import Scope, last_name
from bot.check.python.reached import Reached, Where
from bot.check.uses import Flag, How

if TYPE_CHECKING:
    from bot.check.python.resolve import Resolver


class Members:
    """Answers for one file what is reached through a dot or by a key."""

    def __init__(self, resolver: "Resolver") -> None:
        self._resolver = resolver

    def member(self, cls: Scope, name: str, where: Where) -> Iterator[Reached]:
        """What a class of the file, or one of its bases, keeps under a name."""
        seen: list[Scope] = []
        todo = [cls]
        while todo:
            scope = todo.pop()
            if scope in seen or scope.cls is None:
                continue
            seen.append(scope)
            bound = scope.attributes.get(name) or scope.names.get(name)
            if bound:
                yield from self._resolver.bound_to(bound)
                return
            bases = [each for base in scope.cls.bases for each in self._resolver.reach(base, where)]
            todo += [each.defines for each in bases if each.defines]
        yield Reached(where, outside=f"self.{name}")

    def attribute(self, base: Reached, name: str) -> Iterator[Reached]:
        """What `base.name` is."""
        if base.settings:
            yield replace(base, key=f"{base.key}.{name}".strip("."))
        elif base.defines and base.defines.cls:
            for each in self.member(base.defines, name, base.where):
                yield each.after(replace(base, how=How.LITERAL))
        elif isinstance(base.node, ast.Dict):
            yield from self.item(base, name)
        elif isinstance(base.node, ast.Constant) and name == "value":
            yield base  # of a member of an enumeration
        elif base.outside.endswith("flags.FLAGS"):
            yield from self._resolver.arguments.flag(name, base.where)
        elif isinstance(base.node, ast.Call):
            yield from self._of_call(base, base.node, name)
        else:
            yield replace(base, node=None, outside=f"{base.outside or '…'}.{name}")

    def _of_call(self, base: Reached, call: ast.Call, name: str) -> Iterator[Reached]:
        """An attribute of what a call gives: of a parser, of a class, of a namespace."""
        if last_name(call.func) in PARSING:
            yield from self._resolver.arguments.given(name, base)
            return
        cls = self._resolver.local_class(call.func, base.where)
        index = 0
        if cls:
            yield from self._of_instance(base, call, cls, name)
            return
        if name not in ("output_dir", "save_dir"):
            index = -1
        value = argument_of(call, 0, index, name)
        if value is not None:
            yield from (each.by(How.LITERAL) for each in self._resolver.reach(value, base.where))
        elif has_stars(call):
            for keyword in (each for each in call.keywords if each.arg is None):
                for each in self._resolver.reach(keyword.value, base.where):
                    yield from self.attribute(each, name)
        else:
            yield replace(
                base, node=None, outside=f"{self._resolver.dotted.of(call, base.where)}.{name}"
            )

    def _of_instance(
        self, base: Reached, call: ast.Call, cls: Scope, name: str
    ) -> Iterator[Reached]:
        fields = [*cls.names] if cls.cls and "__init__" not in cls.names else []
        index = fields.index(name) if name in fields else -1
        value = argument_of(call, 0, index, name) if fields or not cls.attributes else None
        if value is not None:
            yield from self._resolver.reach(value, base.where)
            return
        how = How.DEFAULT if self._resolver.arguments.is_dataclass(cls) else How.CONSTANT
        for each in self.member(cls, name, base.where):
            yield from self._resolver.arguments.field_default(each, how)

    def item_by(self, base: Reached, key: ast.expr, where: Where) -> Iterator[Reached]:
        """An item by a key that is no literal: by the key's values, else any of the items."""
        if not isinstance(base.node, ast.Dict):
            yield replace(base, node=None, outside=f"{base.outside or '…'}[]")
            return
        keys = [*self._resolver.reach(key, where)]
        for each in keys:
            if isinstance(each.node, ast.Constant):
                for item in self.item(base, each.node.value):
                    yield item.after(each)
        if not any(isinstance(each.node, ast.Constant) for each in keys):
            for value in base.node.values:
                for item in self._resolver.reach(value, base.where):
                    yield item.by(How.CONSTANT, Flag.BRANCH)

    def item(self, base: Reached, key: object) -> Iterator[Reached]:
        """What `base[key]` is."""
        if isinstance(base.node, ast.Dict):
            for each, value in zip(base.node.keys, base.node.values, strict=True):
                if isinstance(each, ast.Constant) and each.value == key:
                    yield from (
                        found.by(How.CONSTANT) for found in self._resolver.reach(value, base.where)
                    )
                elif each is None:
                    for inner in self._resolver.reach(value, base.where):
                        yield from self.item(inner, key)
        elif isinstance(base.node, ast.Tuple | ast.List | ast.Call) and isinstance(key, int):
            yield from self._resolver.part(base, key)
        elif isinstance(key, str):
            yield from self.attribute(base, key)
        else:
            yield replace(base, node=None, outside=f"{base.outside or '…'}[{key}]")
