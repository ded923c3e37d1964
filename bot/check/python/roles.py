"""Which part a data set or a model plays, by the names around it.

Rules
- The nearest name counts first: what a value is assigned or handed to, then the option that it
  comes from, then what it is called itself.
"""

import re
from collections.abc import Iterable

# Whole words between `_`, of names split at capitals too.
_MODEL_ROLES = (
    ("teacher", {"teacher", "teachers"}),
    ("reward", {"reward", "rewards", "rm", "judge"}),
    ("value", {"value", "critic"}),
    ("reference", {"ref", "reference"}),
    ("embeddings", {"embedding", "embeddings", "embedder", "embed"}),
    ("loss", {"vgg", "lpips", "perceptual", "vgg16", "vgg19", "criterion"}),
    ("served", {"vllm", "served"}),
)
_EVALUATION = frozenset(
    (
        *("eval", "evaluation", "valid", "validation", "val", "test", "testing", "dev"),
        *("holdout",),
    )
)
_TRAINING = {"train", "training"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+")


def words(name: str) -> set[str]:
    """The words of a name: `trainSet_v2` has train, set, v2."""
    return {word.lower() for word in _WORD.findall(name)}


def model_role(names: Iterable[str]) -> str:
    """The role of a model by the first of the names that says one."""
    for name in names:
        own = words(name)
        for role, telling in _MODEL_ROLES:
            if own & telling and not (role == "reward" and "funcs" in own):
                return role
    return ""


def dataset_role(names: Iterable[str]) -> str:
    """`evaluation` where the first name that says anything says so."""
    for name in names:
        own = words(name)
        if own & _TRAINING:
            return ""
        if own & _EVALUATION:
            return "evaluation"
    return ""
