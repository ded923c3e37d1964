"""Whether running a file changes a model's weights by learning.

Rules
- It takes a step of training and an entry from which it is reached: a script's own statements, a
  function that a framework starts, or one called `main`. A library's class with such a step doesn't
  train.
- A step is a trainer's `train`, a model's `fit`, gradients with what applies them, or a known call.
- What is reached is told by names: a function is reached where reached code names it.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from bot.check.known import KnownCalls
from bot.check.python.module import CallSite, Module, Scope, last_name
from bot.check.python.reached import Where
from bot.check.python.resolve import Resolver
from bot.check.python.roles import words

_FITS = frozenset(
    (
        *("fit", "fit_generator", "fit_one_cycle", "fine_tune", "partial_fit", "train_on_batch"),
        *("train_batch", "learn"),
    )
)
_GRADIENTS = frozenset(("backward", "manual_backward", "backward_pass"))
_APPLIES = frozenset(("apply_gradients", "apply_updates", "minimize"))
_NO_OPTIMIZER = frozenset(
    (
        *("scheduler", "sched", "lr", "profiler", "prof", "env", "envs", "environment", "writer"),
        *("logger", "progress", "bar", "pbar", "timer", "simulation", "sim", "world", "warmup"),
    )
)
_TRAINERS = frozenset(("trainer", "finetuner", "learner", "recipe"))
_LEARNING = frozenset(
    (
        *("sklearn", "keras", "tensorflow", "torch", "lightning", "pytorch_lightning", "xgboost"),
        *("lightgbm", "catboost", "fastai", "sentence_transformers", "setfit", "autogluon"),
        *("flaml", "statsmodels", "prophet", "darts", "pycaret", "ray", "sagemaker"),
        *("transformers", "skorch", "implicit", "surprise", "hmmlearn", "pyspark"),
        *("stable_baselines3", "sb3_contrib", "jax", "flax", "tf_keras", "spacy", "gensim"),
        *("tpot", "autokeras", "torch_geometric", "trl", "peft", "snapml", "cuml", "mxnet"),
        *("paddle",),
    )
)
_PREPARES = ("sklearn.preprocessing", "sklearn.decomposition", "sklearn.feature", "sklearn.impute")
_PREPARING = frozenset(
    (
        *("scaler", "vectorizer", "tokenizer", "pca", "imputer", "le", "labelencoder"),
        *("binarizer", "bpe"),
    )
)
# Decorators by which a framework starts a function without a call in the file.
_STARTED = frozenset(
    (
        *("flow", "task", "dag", "step", "pipeline", "component", "local_entrypoint", "command"),
        *("main",),
    )
)
# What another file starts, or a package's entry point, by the name that everybody gives it.
_MAIN = "main"
_ALWAYS_CALLED = frozenset(
    ["__init__", "__call__", "__enter__", "__post_init__", "__iter__", "__next__", "__getitem__"]
)
_IN_PLACE = frozenset(("add_", "sub_", "copy_", "addcmul_"))
# Without a call whose name ends so nothing trains, unless by one that is known to.
STEPS = _FITS | _GRADIENTS | _APPLIES | {"train"}


class Training:
    """Answers for one file whether it trains: as a script, or by what another file has `called`.

    A module that trains when it is imported is a script itself, and held to that.
    """

    def __init__(
        self,
        module: Module,
        resolver: Resolver,
        known: KnownCalls,
        called: Sequence[Scope] | None = None,
    ) -> None:
        self._module = module
        self._resolver = resolver
        self._known = known
        self._called = called

    def trains(self) -> bool:
        """Whether a step of training is reached from an entry."""
        candidates = [site for site in self._module.calls if self._may_train(site)]
        if not candidates:
            return False
        reached = [site for site in candidates if self._is_reached(site.scope)]
        if any(self._is_step(site) for site in reached):
            return True
        if not any(last_name(site.node.func) in _GRADIENTS for site in reached):
            return False
        return any(self._steps(site) for site in reached) or self._descends()

    def _may_train(self, site: CallSite) -> bool:
        last = last_name(site.node.func)
        return last in STEPS or last == "step" or self._known.may_train(last)

    def _is_step(self, site: CallSite) -> bool:
        """Whether a call alone is a step of training."""
        func = site.node.func
        last = last_name(func)
        dotted = self._resolver.dotted.of(func, Where(site.scope, site.arms))
        if any(each.trains for each in self._known.of(dotted)):
            return True
        if not isinstance(func, ast.Attribute):
            return False
        receiver = dotted.rpartition(".")[0]
        own = words(receiver.rpartition(".")[2]) | words(last_name(func.value))
        if last in ("train", "fit") and own & _TRAINERS:
            return not receiver.startswith(("tokenizers.", "sentencepiece."))
        if last == "apply_updates" or (last == "apply_gradients" and self._learns):
            return True
        if last == "minimize":
            return bool(own & {"optimizer", "opt", "adam", "sgd"}) and "scipy" not in dotted
        return last in _FITS and self._learns and self._fits(site, receiver, own)

    def _fits(self, site: CallSite, receiver: str, own: set[str]) -> bool:
        if last_name(site.node.func) == "learn":
            return bool(own & {"model", "agent", "learner"})
        if receiver.startswith((*_PREPARES, "scipy", "numpy", "np")) or own & _PREPARING:
            return False
        handed = [*site.node.args, *(each.value for each in site.node.keywords)]
        return bool(handed) or bool(own & {"trainer", "tuner"}) or "Trainer()" in receiver

    def _steps(self, site: CallSite) -> bool:
        func = site.node.func
        if last_name(func) != "step" or not isinstance(func, ast.Attribute):
            return False
        receiver = words(
            last_name(func.value) or last_name(getattr(func.value, "value", func.value))
        )
        return not receiver & _NO_OPTIMIZER

    def _descends(self) -> bool:
        """Whether reached code changes something by its gradient with its own hands."""
        return any(
            any(
                isinstance(inner, ast.Attribute) and inner.attr == "grad"
                for inner in ast.walk(value)
            )
            for scope in self._module.scopes
            if scope in self._reached
            for value in _updates(scope)
        )

    @cached_property
    def _learns(self) -> bool:
        """Whether the file imports something that learns."""
        return self._resolver.elsewhere.imports_any(self._module, _LEARNING)

    def _is_reached(self, scope: Scope) -> bool:
        return _with_code(scope) in self._reached

    def runs(self, scope: Scope) -> bool:
        """Whether code of a scope runs: what is reached, and all that a module does by itself."""
        return _with_code(scope) in self._reached | {self._module.top}

    @cached_property
    def _reached(self) -> set[Scope]:
        """The scopes whose code runs when the file is started, or something in it is called."""
        by_name: dict[str, list[Scope]] = {}
        for scope in self._module.scopes:
            by_name.setdefault(scope.name, []).append(scope)
        todo = [*self._called] if self._called is not None else self._entries()
        reached = {*todo}
        while todo:
            scope = todo.pop()
            inside = scope.cls is not None
            named = scope.mentions
            following = [each for name in named for each in by_name.get(name, ())]
            if inside:
                methods = (each for each in self._module.scopes if each.parent is scope)
                following = [each for each in methods if each.name in _ALWAYS_CALLED]
                following += [each for name in named for each in by_name.get(name, ()) if each.cls]
            fresh = {each for each in following if each.name and each not in reached}
            reached |= fresh
            todo += fresh
        return reached

    def _entries(self) -> list[Scope]:
        started = (scope for scope in self._module.scopes if is_started(scope))
        return [self._module.top, *started]


def is_started(scope: Scope) -> bool:
    """Whether a function is an entry by itself: a framework or another file starts it."""
    function = scope.function
    if function is None or scope.parent is None or scope.parent.cls:
        return False
    if scope.name == _MAIN and isinstance(scope.parent.node, ast.Module):
        return True
    called = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
    return any(last_name(each) in _STARTED for each in called)


def _with_code(scope: Scope) -> Scope:
    """The scope by whose name a scope is reached: a lambda runs where it is handed to."""
    while isinstance(scope.node, ast.Lambda) and scope.parent:
        scope = scope.parent
    return scope


def _updates(scope: Scope) -> Iterator[ast.AST]:
    """What a scope's code changes in place, each with what it is changed by."""
    todo: list[ast.AST] = [*ast.iter_child_nodes(scope.node)]
    while todo:
        each = todo.pop()
        if isinstance(each, ast.AugAssign):
            yield each.value
        elif isinstance(each, ast.Call) and last_name(each.func) in _IN_PLACE:
            yield each
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            todo += ast.iter_child_nodes(each)
