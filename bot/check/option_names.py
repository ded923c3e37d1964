"""What an option or a key says that it holds, by nothing but its name.

It is asked where nobody knows better: of the options of a program whose code isn't here, and of the
keys of a training configuration.
"""

import re
from dataclasses import dataclass

from bot.check.uses import Kind

_NAME = r"(?:_?(?:names?|ids?|paths?|dirs?|files?|repos?|uris?|urls?|or|mixer|mixture|list))*"
_DATASET = re.compile(
    r"(?:(?P<part>train|training|pretraining|eval|evaluation|valid|validation|val|test|dev)_)?"
    rf"(?:datasets?|data){_NAME}"
)
_FILE = re.compile(
    r"(?P<part>train|training|eval|evaluation|valid|validation|val|test|dev)_?(?:files?|paths?|sets?)"
    r"|(?:data)?set_?path"
)
_MODEL = re.compile(
    r"(?:(?P<role>teacher|reward|ref|reference|critic|value|embedding)_)?"
    r"(?:(?:base|pretrained|pretrain|source|init|student|policy|actor)_)*"
    rf"(?:models?|checkpointer|checkpoint(?=_(?:dir|path|name))|hf_model){_NAME}"
)
_TOKENIZER = re.compile(rf"tokenizer{_NAME}")
_HUB = re.compile(r"(?:hub_model_id|push_to_hub_model_id|hub_repo_id|hub_model_name|push_to_repo)")
_ROLES = {"ref": "reference", "critic": "value", "embedding": "embeddings"}
_TRAINING_PARTS = ("train", "training", "pretraining")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name says: the kind, the role and the export of a use."""

    kind: Kind
    role: str = ""
    export: str = ""


def named(name: str) -> Named | None:
    """What the value of an option of that name is; None where the name says nothing."""
    plain = name.lstrip("-").replace("-", "_").lower()
    if data := _DATASET.fullmatch(plain) or _FILE.fullmatch(plain):
        part = data["part"]
        return Named(Kind.DATASET, "evaluation" if part and part not in _TRAINING_PARTS else "")
    if model := _MODEL.fullmatch(plain):
        role = model["role"] or ""
        return Named(Kind.MODEL, _ROLES.get(role, role))
    if _TOKENIZER.fullmatch(plain):
        return Named(Kind.MODEL, "tokenizer")
    return Named(Kind.EXPORT, export="hub") if _HUB.fullmatch(plain) else None
