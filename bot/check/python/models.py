"""The models that a call loads, and what they are for.

Rules
- A tokenizer and a bare configuration are told by their roles, and so are a teacher, a reward, …
- A library's architecture is a base model where it comes with weights; without, it is a shape.
- A class that loads itself, by `cls` or `super()`, loads what its callers name.
"""

import ast
from collections.abc import Iterator

from bot.check.known import KnownCall, KnownCalls
from bot.check.python.module import last_name
from bot.check.python.names import Names
from bot.check.python.reached import Name
from bot.check.python.resolve import Resolver
from bot.check.python.roles import model_role, words
from bot.check.python.sites import Call, FoundUse, argument_by
from bot.check.python.weights import MODELS, NO_WEIGHTS
from bot.check.uses import Flag, How, Kind

_TOKENIZERS = frozenset(("tokenizer", "tokenizers", "processor", "extractor"))
_NO_MODELS = ("GenerationConfig", "Scheduler", "Dataset")
_READS_WEIGHTS = frozenset(("torch.load", "safetensors.torch.load_file", "safetensors.torch.load"))
_RESUMES = frozenset(("resume", "resumed", "checkpoint", "checkpoints", "ckpt", "last", "snapshot"))
_PLACES = frozenset((".", "./", "auto"))


class Models:
    """Reads the models of one file, call by call."""

    def __init__(self, resolver: Resolver, names: Names, known: KnownCalls) -> None:
        self._resolver = resolver
        self._names = names
        self._known = known

    def of(self, call: Call, entry: KnownCall) -> Iterator[FoundUse]:
        """What a call of the catalogue loads."""
        receiver, _, last = call.dotted.rpartition(".")
        cls = receiver.rpartition(".")[2]
        if not entry.arguments:
            if not last.endswith("_Weights") and last[:1] != "_":
                yield self._shape(call, Name(last, How.LITERAL, call.module.span(call.node.func)))
            return
        if receiver in ("cls", "self", "super()") or any(each in cls for each in _NO_MODELS):
            return
        for name in self._names.at(call, entry):
            sure = name.text is not None or name.named
            if name.text not in _PLACES and (sure or not entry.names_only):
                role = entry.role or self._role(call, cls, entry, name)
                optional = [Flag.OPTIONAL] if role == "architecture" else []
                yield call.uses(Kind.MODEL, name, role, *optional)

    def _role(self, call: Call, cls: str, entry: KnownCall, name: Name) -> str:
        if words(cls) & _TOKENIZERS:
            return "tokenizer"
        if cls.endswith("Config"):
            return "architecture"
        if call.target in ("tokenizer", "processor") and "model" not in words(cls):
            return "tokenizer"
        node = argument_by(call.node, entry.arguments)
        handed = last_name(node) if node is not None else ""
        role = model_role([call.target, handed, name.argument.name if name.argument else ""])
        return "" if role == "loss" else role

    def _shape(self, call: Call, name: Name) -> FoundUse:
        """A library's architecture, with weights or without."""
        weights = argument_by(call.node, ("weights", "pretrained"))
        first = call.node.args[0] if call.node.args else None
        if weights is None and isinstance(first, ast.Constant) and first.value is True:
            weights = first
        trained = weights is not None or "applications" in call.dotted
        if isinstance(weights, ast.Constant) and not weights.value:
            trained = False
        if not trained or argument_is_none(call.node, "weights"):
            return call.uses(Kind.MODEL, name, "architecture", Flag.OPTIONAL)
        role = "loss" if (name.text or "").startswith("vgg") else model_role([call.target])
        return call.uses(Kind.MODEL, name, role)

    def unlisted(self, call: Call) -> Iterator[FoundUse]:
        """What a call loads of which more than its name decides."""
        if call.dotted.endswith((".instantiate", ".CheckpointClient")) and call.node.args:
            whole = "checkpointer" if call.dotted.endswith(".CheckpointClient") else ""
            for name in self._names.by_key(call.node.args[0], call.where, whole):
                if "checkpointer" in words(name.call.rpartition(".")[2]):
                    yield call.uses(Kind.MODEL, name, model_role([name.call]))
        elif last_name(call.node.func) == "load_state_dict" and call.node.args:
            yield from self._weights(call, call.node.args[0])
        elif call.dotted == "torch.load" and words(call.target) & MODELS:
            yield from self._weights(call, call.node)
        elif chosen := _chosen(call.node.func):
            module, node = chosen
            family = self._resolver.dotted.of(module, call.where)
            for entry in self._known.of(f"{family}.x"):
                if entry.uses is Kind.MODEL and not entry.arguments:
                    yield from (
                        self._shape(call, each) for each in self._names.of(node, call.where)
                    )

    def _weights(self, call: Call, node: ast.expr) -> Iterator[FoundUse]:
        """The file of weights that a model takes over; what is resumed is no base of its own."""
        if words(last_name(getattr(call.node.func, "value", node))) & NO_WEIGHTS:
            return
        while isinstance(node, ast.Subscript):
            node = node.value
        for loaded in self._resolver.reach(node, call.where):
            made = loaded.node
            if not isinstance(made, ast.Call) or not made.args:
                continue
            if self._resolver.dotted.of(made.func, loaded.where) not in _READS_WEIGHTS:
                continue
            for name in self._names.of(made.args[0], loaded.where):
                option = name.argument.name if name.argument else ""
                if not words(f"{name.text or name.call} {option}") & _RESUMES:
                    yield call.uses(Kind.MODEL, name, model_role([call.target]))


def argument_is_none(call: ast.Call, name: str) -> bool:
    """Whether it is written out that there is none."""
    return any(
        each.arg == name and isinstance(each.value, ast.Constant) and each.value.value is None
        for each in call.keywords
    )


def _chosen(func: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """`models.__dict__[name]` and `getattr(models, name)`: a module, and the name in it."""
    if isinstance(func, ast.Subscript) and isinstance(func.value, ast.Attribute):
        return (func.value.value, func.slice) if func.value.attr == "__dict__" else None
    if isinstance(func, ast.Call) and last_name(func.func) == "getattr" and len(func.args) > 1:
        return func.args[0], func.args[1]
    return None
