"""Whether what a call writes is a model: asked of what writes anything, as `torch.save` does."""

import ast
from itertools import islice

from bot.check.python.module import CallSite, last_name
from bot.check.python.reached import Where
from bot.check.python.resolve import Resolver
from bot.check.python.roles import words
from bot.check.python.sites import argument_by

_WEIGHTS = frozenset(
    (
        *("state", "model", "models", "net", "network", "weights", "ckpt", "checkpoint"),
        *("checkpoints", "params", "parameters", "ema", "lora", "adapter", "encoder", "decoder"),
        *("policy", "actor", "critic", "generator", "discriminator", "classifier", "clf"),
        *("regressor", "pipeline", "pipe", "estimator", "forest", "booster", "bst", "netg"),
        *("netd", "g", "d", "gan", "vae", "unet", "transformer", "agent", "module", "learner"),
        *("qnetwork", "dqn", "backbone", "head"),
    )
)
NO_WEIGHTS = frozenset(
    (
        *(
            "optimizer",
            "optim",
            "opt",
            "sched",
            "scheduler",
            "tokenizer",
            "scaler",
            "vocab",
            "stats",
            "metrics",
        ),
        *("history",),
    )
)
_LEARNS = frozenset(("sklearn", "xgboost", "lightgbm", "catboost"))
_MOST = 8  # expressions that are looked into
_MOST_KEYS = 50
_MOST_NODES = 200
MODELS = frozenset(("model", "net", "agent", "learner", "network"))


def is_weights(site: CallSite, resolver: Resolver) -> bool:
    """Whether what is written is a model, or holds its weights."""
    node = argument_by(site.node, (0, "obj", "value"))
    if node is None or _is_apart(node):
        return False
    todo: list[tuple[ast.expr, Where]] = [(node, Where(site.scope, site.arms))]
    for each, where in todo:
        if _says_weights(each, resolver.dotted.of(each, where)):
            return True
        if isinstance(each, ast.Dict):
            todo += [(value, where) for value in each.values[:_MOST]]
        elif isinstance(each, ast.Name) and len(todo) < _MOST:
            reached = resolver.reach(each, where)
            todo += [(one.node, one.where) for one in reached if one.node is not None]
    return False


def _says_weights(node: ast.expr, dotted: str) -> bool:
    """Whether an expression says by its names that it is a model, or its weights."""
    if isinstance(node, ast.Dict):
        keys = [str(key.value) for key in node.keys[:_MOST_KEYS] if isinstance(key, ast.Constant)]
        return any(words(key) & (_WEIGHTS - {"state"}) for key in keys)
    if isinstance(node, ast.Call) and dotted.split(".", maxsplit=1)[0] in _LEARNS:
        return True
    names = names_in(node)
    about = set().union(*map(words, names))
    return not _is_apart(node) and ("state_dict" in names or bool(about & _WEIGHTS))


def _is_apart(node: ast.expr) -> bool:
    """Whether an expression says that it belongs to an optimizer or the like, and to no model."""
    about = set().union(*map(words, names_in(node)))
    return bool(about & NO_WEIGHTS) and not about & MODELS


def names_in(node: ast.expr) -> list[str]:
    """The names in an expression, each alone; of a large one, the first."""
    if isinstance(node, ast.Dict):
        return []
    nodes = islice(ast.walk(node), _MOST_NODES)
    return [name for each in nodes if isinstance(each, ast.expr) and (name := last_name(each))]
