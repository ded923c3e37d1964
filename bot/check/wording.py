"""Words of findings, for a reader."""

import re
from collections.abc import Iterator, Sequence

from bot.check.uses import Flag, Kind, Use

_KEY = re.compile(r"[\w.\[\]]+: ")


def sentence(words: str) -> str:
    """Words of a problem; a key that leads them stays as it is written."""
    end = "" if words.endswith((".", "?", "…")) else "."
    if _KEY.match(words):
        return f"{words}{end}"
    return f"{words[:1].upper()}{words[1:]}{end}"


def listed(words: Sequence[str]) -> str:
    """Words in one line."""
    return ", ".join(words) if words else "nothing"


def told(uses: Sequence[Use]) -> Iterator[str]:
    """What a file uses, in a phrase for each kind."""
    phrases = {Kind.DATASET: "learns from", Kind.MODEL: "starts from", Kind.EXPORT: "exports to"}
    for kind, phrase in phrases.items():
        names = dict.fromkeys(
            use.name or f"what {use.call} says"
            for use in uses
            if use.kind is kind and Flag.OPTIONAL not in use.flags
        )
        if names:
            yield f"{phrase} {listed(tuple(names))}"
