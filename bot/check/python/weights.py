"""Whether what a call writes is a model: asked of what writes anything, as `torch.save` does."""

import ast

from bot.check.python.module import CallSite
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
_NO_WEIGHTS = frozenset(
    (
        *("optimizer", "optim", "scheduler", "tokenizer", "scaler", "vocab", "stats", "metrics"),
        *("history",),
    )
)
MODELS = frozenset(("model", "net", "agent", "learner", "network"))


def is_weights(site: CallSite, resolver: Resolver) -> bool:
    """Whether what is written is a model, or holds its weights."""
    node = argument_by(site.node, (0, "obj", "value"))
    if node is None:
        return False
    todo: list[tuple[ast.expr, Where]] = [(node, Where(site.scope, site.arms))]
    for each, where in todo:
        about = set().union(*(words(name) for name in _names_of(each)))
        if "state_dict" in _names_of(each) and not _only_of_optimizer(each):
            return True
        if about & _WEIGHTS and not about & _NO_WEIGHTS:
            return True
        if len(todo) < 8 and isinstance(each, ast.Name):  # noqa: PLR2004 - a few are enough
            reached = resolver.reach(each, where)
            todo += [(one.node, one.where) for one in reached if one.node is not None]
        elif isinstance(each, ast.Dict):
            keys = (key for key in each.keys if isinstance(key, ast.Constant))
            if any(words(str(key.value)) & (_WEIGHTS - {"state"}) for key in keys):
                return True
            todo += [(value, where) for value in each.values][:8]
        elif isinstance(each, ast.Call):
            made = resolver.dotted.of(each, where)
            if made.split(".")[0] in ("sklearn", "xgboost", "lightgbm", "catboost"):
                return True
    return False


def _names_of(node: ast.expr) -> list[str]:
    """The names in an expression, each alone."""
    if isinstance(node, ast.Dict):
        return []
    found: list[str] = []
    todo: list[ast.AST] = [node]
    while todo and len(found) < 40:  # noqa: PLR2004 - more says no more
        each = todo.pop()
        if isinstance(each, ast.Name):
            found.append(each.id)
        elif isinstance(each, ast.Attribute):
            found.append(each.attr)
        todo += ast.iter_child_nodes(each)
    return found


def _only_of_optimizer(node: ast.expr) -> bool:
    about = set().union(*(words(name) for name in _names_of(node)))
    return bool(about & {"optimizer", "optim", "opt", "scheduler", "sched"}) and not about & MODELS
