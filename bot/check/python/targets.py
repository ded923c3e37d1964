"""Where an export goes: what a call names, a trainer's arguments say, or a bucket is called."""

import ast
import re
from dataclasses import replace

from bot.check.known import KnownCall
from bot.check.python.bindings import argument_of
from bot.check.python.module import CallSite, dotted_text, last_name
from bot.check.python.names import Names
from bot.check.python.reached import Name, Reached, Where
from bot.check.python.resolve import Resolver
from bot.check.python.sites import argument_by
from bot.check.uses import Flag, How

_TRAINER = re.compile(r"(?i)trainer(\(\))?$")


class Targets:
    """Answers for one file where its exports go."""

    def __init__(self, resolver: Resolver, names: Names) -> None:
        self._module = resolver.module
        self._resolver = resolver
        self._names = names

    def of(self, site: CallSite, dotted: str, entry: KnownCall) -> list[Name]:
        """The targets that a call names; one that is unknown where it names none."""
        receiver, _, last = dotted.rpartition(".")
        where = Where(site.scope, site.arms)
        func = site.node.func
        trainer = func.value if isinstance(func, ast.Attribute) else None
        if trainer is None or not is_trainer(receiver, trainer):
            trainer = None
        if trainer is not None and last == "push_to_hub":
            return self._pushed_by(trainer, where, func)
        node = argument_by(site.node, entry.arguments)
        if node is None and trainer is not None and last in ("save_model", "save_pretrained"):
            kept = self._by_arguments(trainer, where, "output_dir", func)
            return kept or [self.unknown(site)]
        if node is None:
            return [self._in_bucket(site, where)]
        names = self._names.of(node, where) or [self.unknown(site, node)]
        if last == "save_checkpoint" and not any(each.text or each.argument for each in names):
            return [self.unknown(site)]  # it is handed what to save
        if entry.scheme:
            key = argument_of(site.node, 0, 2, entry.key)
            rest = self._names.of(key, where) if key is not None else []
            path = f"/{rest[0].text}" if len(rest) == 1 and rest[0].text else ""
            names = [
                replace(each, text=f"{entry.scheme}{each.text.removeprefix(entry.scheme)}{path}")
                if each.text
                else each
                for each in names
            ]
        return names

    def _in_bucket(self, site: CallSite, where: Where) -> Name:
        """The target of `bucket.blob(NAME).upload_from_filename(…)`, and of what has none."""
        func = site.node.func
        if isinstance(func, ast.Attribute) and func.attr.startswith("upload_from"):
            for blob in self._resolver.reach(func.value, where):
                if isinstance(blob.node, ast.Call) and blob.node.args:
                    names = self._names.of(blob.node.args[0], blob.where)
                    bucket = self._bucket(blob.node.func, blob.where)
                    if names and names[0].text:
                        text = f"gs://{bucket}/{names[0].text}" if bucket else names[0].text
                        return replace(names[0], text=text)
        return self.unknown(site)

    def _bucket(self, blob: ast.expr, where: Where) -> str:
        """The bucket that `bucket.blob` is of."""
        if not isinstance(blob, ast.Attribute):
            return ""
        for each in self._resolver.reach(blob.value, where):
            if isinstance(each.node, ast.Call) and each.node.args:
                names = self._names.of(each.node.args[0], each.where)
                return (names[0].text or "") if names else ""
        return ""

    def _pushed_by(self, trainer: ast.expr, where: Where, use: ast.expr) -> list[Name]:
        """Where a trainer pushes to: as its arguments say, else by the folder they name."""
        named = self._by_arguments(trainer, where, "hub_model_id", use)
        if any(each.text for each in named):
            return named
        folder = [as_hub(each) for each in self._by_arguments(trainer, where, "output_dir", use)]
        if any(each.text for each in folder):
            return folder
        asked = [each for each in named if each.argument]
        return [*asked, *folder] or [
            Name(None, How.UNKNOWN, self._module.span(use), call="push_to_hub")
        ]

    def _by_arguments(
        self, trainer: ast.expr, where: Where, attribute: str, use: ast.expr
    ) -> list[Name]:
        """What the arguments of a trainer say for `attribute`."""
        found: list[Name] = []
        for made in self._resolver.reach(trainer, where):
            arguments = self._arguments_of(made)
            if arguments is not None:
                found += self._names.of_attribute(arguments, attribute, made.where, use)
        return [each for each in found if each.text or each.argument]

    def _arguments_of(self, trainer: Reached) -> ast.expr | None:
        call = trainer.node
        if not isinstance(call, ast.Call):
            return None
        given = argument_of(call, 0, -1, "args") or argument_of(call, 0, -1, "config")
        if given is not None:
            return given
        for each in (*call.args, *(keyword.value for keyword in call.keywords)):
            dotted = self._resolver.dotted.of(each, trainer.where)
            if dotted.endswith(("Config()", "Arguments()")) or last_name(each).endswith("_args"):
                return each
        return None

    def unknown(self, site: CallSite, node: ast.expr | None = None) -> Name:
        """A target that can't be known, told by what stands in its place."""
        at = node or site.node.func
        call = dotted_text(at) or last_name(site.node.func)
        return Name(None, How.UNKNOWN, self._module.span(at), call=call)


def is_trainer(dotted: str, holder: ast.expr) -> bool:
    """Whether what has a method is a trainer, by its class or by what it is called here."""
    return bool(_TRAINER.search(dotted) or _TRAINER.search(dotted_text(holder)))


def as_hub(name: Name) -> Name:
    """The name on the Hub that a trainer makes of a folder: its last part."""
    text = name.text.rstrip("/").rpartition("/")[2] if name.text else name.text
    return replace(name, text=text, flags=name.flags | {Flag.DERIVED})
