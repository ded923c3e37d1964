"""Which files are worth being read: by their bytes, before anything is decoded or parsed.

Rules
- It may say yes too often, and never no where reading would find training, a declaration, a comment
  that tries to suppress a finding, or a command that starts a program.
"""

import re
import unicodedata

from bot.check.known import KnownCalls
from bot.check.python.training import STEPS
from bot.check.walk import FileKind

_SAYS = ("guardrails", "warroom")
_STARTS = re.compile(
    rb"\.py\b|\.sh\b|\bpython|\b(?:accelerate|torchrun|deepspeed|composer|tune|autotrain|axolotl|litgpt"
    rb"|llamafactory-cli|swift|trl|yolo)\s"
)
_SETS_UP = re.compile(
    rb"^\s*[\w.-]*(?:model|datasets?|data|checkpointer|optimizer|_component_|_target_)"
    rb"[\w.-]*['\"]?\s*:",
    re.MULTILINE,
)
_TRAINS_BY = re.compile(
    rb"optim|learning_rate|\blr\b|epochs|max_steps|train_steps|batch_size|do_train"
    rb"|gradient_accumulation_steps"
)


# An encoding in which the letters of a name may be other bytes.
_ENCODED = re.compile(
    rb"(?:[^\n]*\n)?[ \t\f]*#[^\n]*coding[:=][ \t]*"
    rb"(?!utf-?8|latin|iso-8859|ascii|us-ascii|cp125)([-\w.]+)",
    re.IGNORECASE,
)


def _hides_names(content: bytes) -> bool:
    """Whether it names such an encoding, of those that there are: no other is run by Python."""
    named = _ENCODED.match(content)
    if not named:
        return False
    try:
        b" ".decode(named[1].decode("ascii"))
    except LookupError:
        return False
    except UnicodeError:
        pass  # It is one whose letters are longer than a byte.
    return True


def _as_named(content: bytes) -> bytes:
    """The content with its names as Python reads them: some letters stand for others."""
    return unicodedata.normalize("NFKC", content.decode("utf-8", "replace")).encode()


class Prefilter:
    """What the bytes of a file of each kind hold, where it may be worth reading."""

    def __init__(self, known: KnownCalls) -> None:
        named = {entry.call.rpartition(".")[2] for entry in known.entries if entry.trains}
        steps = {name.removesuffix("()") for name in STEPS | named}
        # Looked for first: to find a word takes a tenth of what it takes to find a pattern.
        words = {max(name.split("*"), key=len) for name in steps}
        self._words = tuple(
            word.encode()
            for word in sorted(words)
            if not any(other in word for other in words - {word})
        )
        calls = "|".join(name.replace("*", r"\w*") for name in sorted(steps))
        self._calls = re.compile(rf"\b(?:{calls})(?:[\"']\s*\))?\s*\(".encode())

        ends = {entry.call.removesuffix("()").rpartition(".")[::2] for entry in known.entries}
        names = "|".join(name.replace("*", r"\w*") for _, name in sorted(ends) if name != "*")
        # Of whatever a module has, the module's name.
        owners = "|".join(of.rpartition(".")[2] for of, name in sorted(ends) if name == "*" and of)
        self._used = re.compile(rf"\b(?:(?:{names})\s*\(|(?:{owners or names})\b)".encode())

    def uses(self, content: bytes) -> bool:
        """Whether a Python file may call anything that the catalogue knows."""
        return bool(self._used.search(content))

    def may_train(self, content: bytes) -> bool:
        """Whether a step of training may stand in a Python file."""
        if _hides_names(content):
            return True
        if not content.isascii():
            content = _as_named(content)
        may_call = any(word in content for word in self._words)
        return may_call and bool(self._calls.search(content))

    def passes(self, kind: FileKind, content: bytes) -> bool:
        """Whether a file of that kind and content is worth reading."""
        lowered = content.lower()
        if any(word.encode() in lowered for word in _SAYS):
            return True
        if kind in (FileKind.PYTHON, FileKind.NOTEBOOK):
            return self.may_train(content)
        if _STARTS.search(content):
            return True
        configures = kind is FileKind.YAML and _TRAINS_BY.search(content)
        return bool(configures and _SETS_UP.search(content))
