"""Which files are worth being read: by their bytes, before anything is decoded or parsed.

Rules
- It may say yes too often, and never no where reading would find training, a declaration, a comment
  that tries to suppress a finding, or a command that starts a program.
"""

import re
from dataclasses import dataclass
from itertools import chain
from typing import Self

from bot.check.known import KnownCalls
from bot.check.walk import FileKind

_SAYS = rb"(?i:guardrails|warroom)"
# The last parts of the calls without which nothing trains, beside those of the known ones.
_STEPS = frozenset(
    {
        *("apply_gradients", "apply_updates", "backward", "backward_pass", "learn"),
        *("manual_backward", "minimize", "partial_fit", "train", "train_batch", "train_on_batch"),
        *("fine_tune", "fit*"),
    }
)
_STARTS = (
    rb"\.py\b|\bpython|\b(?:accelerate|torchrun|deepspeed|composer|tune|autotrain|axolotl|litgpt"
    rb"|llamafactory-cli|swift|trl|yolo)\s"
)
_SETS_UP = (
    rb"(?m:^\s*[\w.-]*(?:model|dataset|datasets|data|checkpointer|optimizer|_component_|_target_)"
    rb"[\w.-]*['\"]?\s*:)"
)


@dataclass(frozen=True, slots=True)
class Prefilter:
    """What the bytes of a file of each kind hold, where it may be worth reading."""

    _patterns: dict[FileKind, re.Pattern[bytes]]

    @classmethod
    def of(cls, known: KnownCalls) -> Self:
        """The prefilter for these calls."""
        entries = (*chain(*known.exact.values()), *(entry for _, entry in known.patterns))
        named = {entry.call.rpartition(".")[2] for entry in entries if entry.trains}
        steps = rb"|".join(
            name.removesuffix("()").replace("*", r"\w*").encode() for name in sorted(_STEPS | named)
        )
        trains = re.compile(_SAYS + rb"|\b(?:" + steps + rb")\s*\(")
        starts = re.compile(_SAYS + rb"|" + _STARTS)
        either = re.compile(_SAYS + rb"|" + _STARTS + rb"|" + _SETS_UP)
        patterns = dict.fromkeys(FileKind, starts)
        return cls(
            patterns | {FileKind.PYTHON: trains, FileKind.NOTEBOOK: trains, FileKind.YAML: either}
        )

    def passes(self, kind: FileKind, content: bytes) -> bool:
        """Whether a file of that kind and content is worth reading."""
        return bool(self._patterns[kind].search(content))
