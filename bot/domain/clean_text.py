"""Outside text made fit to be read: nothing in it rings, hides or reorders what is around it."""

import unicodedata

_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_HARMFUL = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """`text` without control, direction and invisible characters; line ends stay."""
    return "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _HARMFUL
    )
