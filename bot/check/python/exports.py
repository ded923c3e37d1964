"""Where what a file trains goes to: files, registries, the Hub, storage.

Rules
- Only explicit calls count, and a trainer that is told to push. Trackers, logs, tokenizers and the
  state of an optimizer are none.
- What a trainer saves or pushes without a target goes where its arguments say.
- An address of a storage is one, whatever writes there.
"""

import ast
import re
from collections.abc import Iterator

from bot.check.known import KnownCall, KnownCalls
from bot.check.python.bindings import argument_of
from bot.check.python.copied import STARTS, Copied
from bot.check.python.module import CallSite, Module, last_name
from bot.check.python.names import Names
from bot.check.python.reached import Name, Where
from bot.check.python.resolve import Resolver
from bot.check.python.roles import words
from bot.check.python.sites import FoundUse, argument_by
from bot.check.python.targets import Targets, as_hub, is_trainer
from bot.check.python.weights import MODELS, is_weights, names_in
from bot.check.uses import Flag, How, Kind, Use

_STORAGE = re.compile(r"(?i)(s3[an]?|gs|gcs|abfss?|az|adl|wasbs?|hdfs|dbfs|oss|r2|https?)://")
_SETTING = re.compile(r"(?i:.*(args?|arguments|opts?|flags|cfg|config|conf|hparams))|[A-Z][A-Z_]+")
_WRITES_OBJECTS = (
    "torch.save", "torch.jit.save", "joblib.dump", "pickle.dump", "cloudpickle.dump", "dill.dump",
)  # fmt: skip
_TOKENIZERS = frozenset(["tokenizer", "processor", "extractor", "tok"])
_DATA = frozenset(["dataset", "datasets", "ds", "data"])
_KEEPS = frozenset(
    (
        *("keras", "tensorflow", "tf_keras", "stable_baselines3", "sb3_contrib", "gensim"),
        *("sentence_transformers", "paddle"),
    )
)


class Exports:
    """Reads the exports of one file."""

    def __init__(self, resolver: Resolver, names: Names, known: KnownCalls) -> None:
        self._module: Module = resolver.module
        self._resolver = resolver
        self._names = names
        self._known = known
        self._targets = Targets(resolver, names)
        self._copied = Copied(resolver, names)
        self._methods = {scope.name for scope in resolver.module.scopes if scope.method_of}

    def found(self) -> Iterator[FoundUse]:
        """The exports in the order of the calls."""
        pushed: set[str | None] = set()
        for site in self._module.calls:
            dotted = self._resolver.dotted.of(site.node.func, Where(site.scope, site.arms))
            if self._is_own(site, dotted):
                continue
            entries = [each for each in self._known.of(dotted) if each.uses is Kind.EXPORT]
            for entry in entries:
                for found in self._export(site, dotted, entry):
                    if found.use.export == "hub":
                        pushed.add(found.use.name)
                    yield found
            if not entries and last_name(site.node.func) == "save":
                yield from self._saved(site, dotted)
        yield from self._by_commands()
        for found in self._told_to_push():
            if not pushed or (found.use.how is How.LITERAL and found.use.name not in pushed):
                yield found

    def _is_own(self, site: CallSite, dotted: str) -> bool:
        """Whether a call is of a function of the file, whose own calls tell what it does."""
        func = site.node.func
        if not isinstance(func, ast.Attribute):
            return dotted.startswith(".")
        receiver = dotted.rpartition(".")[0]
        if receiver in ("self", "super()", "cls") or receiver.startswith("."):
            return receiver == "super()" or func.attr in self._methods
        return False

    def _export(self, site: CallSite, dotted: str, entry: KnownCall) -> Iterator[FoundUse]:
        func = site.node.func
        receiver = dotted.rpartition(".")[0]
        holder = func.value if isinstance(func, ast.Attribute) else func
        about = words(receiver.rpartition(".")[2]) | words(last_name(holder))
        role = entry.role
        if about & _TOKENIZERS and not about & {"model"}:
            return
        if entry.call.startswith("*.") and entry.export in ("hub", "file") and not role:
            is_data = receiver.startswith("datasets.") or bool(about & _DATA)
            role = "dataset" if is_data and not is_trainer(receiver, holder) else ""
        if dotted in _WRITES_OBJECTS and not is_weights(site, self._resolver):
            return
        if dotted == "wandb.Artifact" and not self._is_model_artifact(site):
            return
        for name in self._targets.of(site, dotted, entry):
            yield self._use(site, dotted, name, entry.export, role)

    def _by_commands(self) -> Iterator[FoundUse]:
        """What goes elsewhere by the commands that the script starts."""
        for site in self._module.calls:
            dotted = self._resolver.dotted.of(site.node.func, Where(site.scope, site.arms))
            if dotted in STARTS:
                for name, export in self._copied.of(site):
                    yield self._use(site, dotted, name, export, "")

    def _told_to_push(self) -> Iterator[FoundUse]:
        """What a trainer pushes since its arguments say so."""
        for site in self._module.calls:
            push = argument_of(site.node, 0, -1, "push_to_hub")
            where = Where(site.scope, site.arms)
            if push is None or not self._is_true(push, where):
                continue
            dotted = self._resolver.dotted.of(site.node.func, where)
            if not dotted.endswith(("Config", "Arguments")):
                continue
            named = argument_of(site.node, 0, -1, "hub_model_id")
            folder = argument_of(site.node, 0, 0, "output_dir")
            names = self._names.of(named, where) if named is not None else []
            if not names and folder is not None:
                names = [as_hub(each) for each in self._names.of(folder, where)]
            for name in names or [self._targets.unknown(site)]:
                yield self._use(site, dotted, name, "hub", "")

    def _is_true(self, node: ast.expr, where: Where) -> bool:
        values = [each.node for each in self._resolver.reach(node, where)]
        return any(isinstance(value, ast.Constant) and value.value is True for value in values)

    def _saved(self, site: CallSite, dotted: str) -> Iterator[FoundUse]:
        """`model.save(path)` of libraries that keep models so."""
        func = site.node.func
        if not isinstance(func, ast.Attribute):
            return
        receiver = dotted.rpartition(".")[0]
        root = receiver.split(".")[0]
        named = words(last_name(func.value)) & MODELS
        if root not in _KEEPS and not (named and self._imports(_KEEPS)):
            return
        node = argument_by(site.node, (0, "filepath", "path"))
        if node is not None:
            for name in self._names.of(node, Where(site.scope, site.arms)):
                yield self._use(site, dotted, name, "file", "")

    def _imports(self, roots: frozenset[str]) -> bool:
        return any(
            binding.text.split(".")[0] in roots
            for bound in self._module.top.names.values()
            for binding in bound
        )

    def _is_model_artifact(self, site: CallSite) -> bool:
        kind = argument_of(site.node, 0, 1, "type")
        return kind is not None and any(
            words(each.text or "") & {"model", "checkpoint", "weights"}
            for each in self._names.of(kind, Where(site.scope, site.arms))
        )

    def _use(self, site: CallSite, dotted: str, name: Name, export: str, role: str) -> FoundUse:
        flags = name.flags
        needs = ""
        tests = [self._module.branches[branch].test for branch, _ in site.arms]
        if any(test is not None and _asks_settings(test) for test in tests):
            flags |= {Flag.CONDITIONAL}
            needs = self._needed(site)
        if export == "file" and name.text and _STORAGE.match(name.text):
            export = "storage"
        call = name.call if name.text is None and name.call else dotted
        use = Use(
            Kind.EXPORT, name.text, name.how, name.span, call, role, export, name.within, flags
        )
        return FoundUse(use, site.node.lineno, name.argument, needs)

    def _needed(self, site: CallSite) -> str:
        """The option without which a call isn't made, where it is a plain one."""
        for branch, arm in reversed(site.arms):
            test = self._module.branches[branch].test
            if arm == 0 and isinstance(test, ast.Attribute):
                where = Where(self._module.branches[branch].scope)
                for each in self._resolver.reach(test, where):
                    if each.argument:
                        return each.argument.name
        return ""


def _asks_settings(test: ast.expr) -> bool:
    """Whether a question is one to a setting, by the names in it: arguments, or a constant."""
    return any(_SETTING.fullmatch(name) for name in names_in(test))
