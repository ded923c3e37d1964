"""The data sets and models that a file's calls name, by the catalogue of known calls.

Rules
- A name that can't be known is a use; an object in the place of a name is none.
- What loads a tokenizer or a bare configuration isn't told where something else explains the name.
- What was saved before and is loaded again afterwards is no base.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.check.known import KnownCall, KnownCalls
from bot.check.python.bindings import argument_of
from bot.check.python.module import CallSite, Module, last_name
from bot.check.python.names import Names
from bot.check.python.reached import Argument, Name, Where
from bot.check.python.resolve import Resolver
from bot.check.python.roles import dataset_role, model_role, words
from bot.check.python.texts import in_words
from bot.check.uses import Flag, How, Kind, Use

_FORMATS = frozenset(
    (
        *("json", "csv", "parquet", "text", "arrow", "pandas", "imagefolder", "audiofolder"),
        *("videofolder", "webdataset", "xml", "sql", "generator"),
    )
)
_TOKENIZERS = frozenset(["tokenizer", "tokenizers", "processor", "extractor"])
# Readers of what may as well be no data to train on: only names that are known count.
_ANY_FILE = ("numpy.", "pandas.", "polars.", "xgboost.", "lightgbm.")
_NO_DATASET = frozenset(("FakeData", "fetch_file"))
_DATA_ENDINGS = (
    ".csv",
    ".tsv",
    ".jsonl",
    ".txt",
    ".parquet",
    ".arrow",
    ".npz",
    ".npy",
    ".tfrecord",
)
_NO_DATA = frozenset(
    (
        *("config", "requirements", "vocab", "label", "labels", "log", "readme", "template"),
        *("prompt", "secret"),
    )
)
_WEIGHTS = frozenset(("weights", "pretrained"))


@dataclass(frozen=True, slots=True)
class FoundUse:
    """A use, with the argument that it comes from."""

    use: Use
    argument: Argument | None = None
    needs: str = ""


class Calls:
    """Reads the data sets and models of one file."""

    def __init__(self, resolver: Resolver, names: Names, known: KnownCalls) -> None:
        self._module: Module = resolver.module
        self._resolver = resolver
        self._names = names
        self._known = known

    def found(self) -> Iterator[FoundUse]:
        """The uses in the order of the calls."""
        for site in self._module.calls:
            where = Where(site.scope, site.arms)
            dotted = self._resolver.dotted.of(site.node.func, where)
            for entry in self._known.of(dotted):
                if entry.uses is Kind.DATASET:
                    yield from self._dataset(site, dotted, entry)
                elif entry.uses is Kind.MODEL:
                    yield from self._model(site, dotted, entry)
            yield from self._by_hand(site, dotted)

    # Data

    def _dataset(self, site: CallSite, dotted: str, entry: KnownCall) -> Iterator[FoundUse]:
        if not entry.arguments:
            name = _class_name(dotted, entry.call)
            if name not in _NO_DATASET and not name.startswith(("_", "load_state", "utils")):
                role = entry.role or self._dataset_role(site, None)
                yield FoundUse(
                    self._use(site, Kind.DATASET, self._called(site, name), dotted, role)
                )
            return
        node = argument_by(site.node, entry.arguments)
        for each, part in self._parts(site, node, entry):
            at_hand = each.text is not None or each.named
            if (dotted.startswith(_ANY_FILE) or entry.names_only) and not at_hand:
                continue
            role = entry.role or dataset_role([part]) or self._dataset_role(site, node)
            optional = [Flag.OPTIONAL] if entry.optional else []
            use = self._use(site, Kind.DATASET, each, dotted, role, *optional)
            yield FoundUse(use, each.argument)

    def _parts(
        self, site: CallSite, node: ast.expr | None, entry: KnownCall
    ) -> Iterator[tuple[Name, str]]:
        """The names at an argument, each with the part of the data it is; a format's are files."""
        where = Where(site.scope, site.arms)
        for each in self._named(site, node, entry):
            if not (entry.files and each.text in _FORMATS):
                yield each, ""
                continue
            for keyword in site.node.keywords:
                if keyword.arg in entry.files:
                    yield from self._files(keyword.value, where)

    def _files(self, node: ast.expr, where: Where) -> Iterator[tuple[Name, str]]:
        """Files, each with the key it has in a mapping of them."""
        for reached in self._resolver.reach(node, where):
            mapping = reached.node
            if not isinstance(mapping, ast.Dict):
                yield from ((file, "") for file in self._names.of(node, where))
                return
            for key, value in zip(mapping.keys, mapping.values, strict=True):
                part = str(key.value) if isinstance(key, ast.Constant) else ""
                yield from ((file, part) for file in self._names.of(value, reached.where))

    def _named(self, site: CallSite, node: ast.expr | None, entry: KnownCall) -> Iterator[Name]:
        """The names at an argument; an unknown one where it gives none."""
        where = Where(site.scope, site.arms)
        if node is None:
            yield from self._in_mapping(site, entry, where)
            return
        nothing = Name(None, How.UNKNOWN, self._module.span(node), call=in_words(node))
        yield from self._names.of(node, where) or [nothing]

    def _in_mapping(self, site: CallSite, entry: KnownCall, where: Where) -> Iterator[Name]:
        """The names that a call hands over by `**mapping`."""
        mapping = next((each.value for each in site.node.keywords if each.arg is None), None)
        for key in entry.arguments if mapping is not None else ():
            if isinstance(key, str) and mapping is not None:
                yield from self._names.of_attribute(mapping, key, where, mapping)

    def _dataset_role(self, site: CallSite, node: ast.expr | None) -> str:
        telling = []
        for keyword in site.node.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "split" and isinstance(value, str):
                telling.append(value)
            elif keyword.arg in ("train", "is_train") and isinstance(value, bool):
                telling.append("train" if value else "test")
        target = site.target.rpartition(".")[2]
        last = last_name(node) if node is not None else ""
        return dataset_role([*telling, target, last])

    def _by_hand(self, site: CallSite, dotted: str) -> Iterator[FoundUse]:
        """What has no entry in the catalogue since more than the call's name decides."""
        where = Where(site.scope, site.arms)
        node = site.node
        if dotted == "open" and node.args and not _writes(node):
            for each in self._names.of(node.args[0], where):
                text = (each.text or "").lower()
                if text.endswith(_DATA_ENDINGS) and not words(text) & _NO_DATA:
                    role = self._dataset_role(site, None)
                    yield FoundUse(self._use(site, Kind.DATASET, each, dotted, role), each.argument)
        elif dotted == "torch.load" and node.args:
            yield from self._loaded(site, dotted)
        elif dotted.endswith((".instantiate", ".CheckpointClient")) and node.args:
            yield from self._instantiated(site, dotted)
        elif chosen := _chosen(node.func):
            base, name = chosen
            family = self._resolver.dotted.of(base, where)
            for entry in self._known.of(f"{family}.x"):
                if entry.uses is Kind.MODEL and not entry.arguments:
                    for each in self._names.of(name, where):
                        yield from self._architecture(site, each, family)

    def _loaded(self, site: CallSite, dotted: str) -> Iterator[FoundUse]:
        """`torch.load`: of data where the names around say so, else weights that are named."""
        node = site.node.args[0]
        target = words(site.target.rpartition(".")[2]) | words(last_name(node))
        for each in self._names.of(node, Where(site.scope, site.arms)):
            about = target | words((each.text or "").rpartition("/")[2])
            if about & {"data", "dataset", "traindata", "corpus", "samples", "train", "features"}:
                role = self._dataset_role(site, None)
                yield FoundUse(self._use(site, Kind.DATASET, each, dotted, role), each.argument)

    def _instantiated(self, site: CallSite, dotted: str) -> Iterator[FoundUse]:
        """`instantiate(cfg.dataset)`: what a configuration says in full, by its key."""
        node = site.node.args[0]
        for reached in self._resolver.reach(node, Where(site.scope, site.arms)):
            key = reached.key or reached.outside.partition(".")[2]
            if dotted.endswith("CheckpointClient"):
                key = key or "checkpointer"
            if not key or not (reached.settings or reached.overrides):
                continue
            last = words(key.rpartition(".")[2].replace("[]", ""))
            name = Name(None, How.UNKNOWN, self._module.span(node), call=key, named=True)
            name = replace(name, argument=Argument(key, self._module.span(node)))
            if last & {"dataset", "datasets", "data", "datamodule"}:
                role = dataset_role([key])
                yield FoundUse(self._use(site, Kind.DATASET, name, dotted, role), name.argument)
            elif last & {"checkpointer"}:
                role = model_role([key])
                yield FoundUse(self._use(site, Kind.MODEL, name, dotted, role), name.argument)

    # Models

    def _model(self, site: CallSite, dotted: str, entry: KnownCall) -> Iterator[FoundUse]:
        if not entry.arguments:
            name = dotted.rpartition(".")[2]
            if not name.endswith("_Weights") and name[:1] != "_":
                yield from self._architecture(site, self._called(site, name), dotted)
            return
        node = argument_by(site.node, entry.arguments)
        receiver = dotted.rpartition(".")[0]
        if receiver in ("cls", "self", "super()") or "Scheduler" in receiver:
            return
        is_class = receiver.rpartition(".")[2]
        if "GenerationConfig" in is_class or "Dataset" in is_class or "datasets" in dotted:
            return
        for each in self._named(site, node, entry):
            if entry.names_only and each.text is None and not each.named:
                continue
            if each.text in _PLAIN_WORDS:
                continue
            role = entry.role or self._model_role(site, node, is_class, each)
            optional = [Flag.OPTIONAL] if role == "architecture" else []
            use = self._use(site, Kind.MODEL, each, dotted, role, *optional)
            yield FoundUse(use, each.argument)

    def _model_role(self, site: CallSite, node: ast.expr | None, is_class: str, name: Name) -> str:
        if words(is_class) & _TOKENIZERS:
            return "tokenizer"
        if is_class.endswith("Config"):
            return "architecture"
        own = words(is_class)
        if site.target.rpartition(".")[2] in ("tokenizer", "processor") and not own & {"model"}:
            return "tokenizer"
        option = name.argument.name if name.argument else ""
        role = model_role(
            [site.target.rpartition(".")[2], last_name(node) if node is not None else "", option]
        )
        return "" if role == "loss" else role

    def _architecture(self, site: CallSite, name: Name, dotted: str) -> Iterator[FoundUse]:
        """A library's architecture: with weights it is a base model, without it is only a shape."""
        given = {each.arg: each.value for each in site.node.keywords if each.arg in _WEIGHTS}
        first = site.node.args[0] if site.node.args else None
        if isinstance(first, ast.Constant) and first.value is True:
            given["pretrained"] = first
        trained = "applications" in dotted
        for value in given.values():
            trained = not (isinstance(value, ast.Constant) and not value.value)
        role, flags = "architecture", [Flag.OPTIONAL]
        if trained:
            told = model_role([site.target.rpartition(".")[2]])
            role, flags = ("loss" if told == "loss" or (name.text or "")[:3] == "vgg" else told), []
        yield FoundUse(self._use(site, Kind.MODEL, name, dotted, role, *flags), name.argument)

    # Both

    def _called(self, site: CallSite, name: str) -> Name:
        return Name(name, How.LITERAL, self._module.span(site.node.func))

    def _use(
        self, site: CallSite, kind: Kind, name: Name, call: str, role: str, *flags: Flag
    ) -> Use:
        told = name.call or call if name.text is None or name.within else call
        own = name.flags | frozenset(flags)
        if in_branch(self._module, site):
            own |= {Flag.BRANCH}
        return Use(kind, name.text, name.how, name.span, told, role, within=name.within, flags=own)


_PLAIN_WORDS = frozenset((".", "./", "auto"))


def argument_by(call: ast.Call, arguments: tuple[int | str, ...]) -> ast.expr | None:
    """What a call hands over at the first of the positions and keywords that it uses."""
    for each in arguments:
        if isinstance(each, int):
            found = argument_of(call, 0, each, "")
        else:
            found = argument_of(call, 0, -1, each)
        if found is not None and not (isinstance(found, ast.Constant) and found.value is None):
            return found
    return None


def in_branch(module: Module, site: CallSite) -> bool:
    """Whether a call stands in one of several arms."""
    return any(module.branches[branch].arms > 1 for branch, _ in site.arms)


def _class_name(dotted: str, pattern: str) -> str:
    """The part of a dotted name that the pattern leaves open."""
    parts = dotted.split(".")
    behind = len(pattern.rpartition("*")[2].strip(".").split(".")) if pattern[-1] != "*" else 0
    return parts[-1 - behind] if "*" in pattern else parts[-1]


def _writes(call: ast.Call) -> bool:
    mode = argument_of(call, 0, 1, "mode")
    return isinstance(mode, ast.Constant) and any(each in str(mode.value) for each in "wax+")


def _chosen(func: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """`models.__dict__[name]` and `getattr(models, name)`: a module, and the name in it."""
    if isinstance(func, ast.Subscript) and isinstance(func.value, ast.Attribute):
        return (func.value.value, func.slice) if func.value.attr == "__dict__" else None
    if isinstance(func, ast.Call) and last_name(func.func) == "getattr" and len(func.args) > 1:
        return func.args[0], func.args[1]
    return None
