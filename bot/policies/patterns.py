"""Patterns of names that another system gives: which of several counts for a name.

Rules
- `*` stands for any text, also for none. Nothing else is special.
- A pattern takes the legs of a matrix too, which GitHub calls by its values in brackets behind the
  name: `Guardrails` takes `Guardrails (3.11, ubuntu-latest)`.
- Blanks at the ends of a name don't count: nobody sees them.
- Names keep the case that the other system gives them. One in another case is taken all the same,
  where no pattern has its very case: a mistyped letter is no silent miss.
- Of several patterns that take a name the most specific one counts: the name itself, else the one
  with the most letters, then the one with the fewest `*`, then the one in the same case, then the
  one that stands first.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import combinations

ANY = "*"
_ANIES = re.compile(r"\*+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Another language of patterns, by what is seldom in a name.
_FOREIGN = re.compile(
    r"^\^|\$$|[?\\]|\.[*+]|\[[^\]]*(?:[^\]\s]-[^\]\s]|[!^])[^\]]*\]|\{[^}]*,[^}]*\}|^/.*/[a-z]*$"
    r"|\([^)]*\|[^)]*\)"
)

Rank = tuple[bool, int, int, bool]


def most_specific(patterns: Iterable[str], name: str) -> str | None:
    """The pattern that takes `name`, and of several the one that counts; None where none does."""
    ranked = [(rank, pattern) for pattern in patterns if (rank := _rank(pattern, name))]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def nearest(patterns: Iterable[str], name: str) -> str | None:
    """The pattern that `name` was probably to be taken by; None where none is like it."""
    bare = _bare(_folded(name))
    known = {_bare(_folded(pattern.replace(ANY, ""))): pattern for pattern in patterns}
    near = get_close_matches(bare, known, n=1)
    return known[near[0]] if near else None


def unusable(pattern: str) -> str | None:
    """Why a pattern can't take any name that there is, or nothing: "found …, need …"."""
    if pattern != pattern.strip():
        return f"found blanks at an end of {pattern!r}, need the name without"
    if _CONTROL.search(pattern):
        return f"found a control character in {pattern!r}, need a name in one line"
    return None


def doubts(policies: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is seldom meant in a mapping from patterns to policies: the pattern, and why."""
    for pattern in policies:
        if foreign := _FOREIGN.search(pattern):
            plain = f"{foreign[0]!r} stands for itself: the only wildcard is `*`, any text"
            yield pattern, f"{plain}. Write `*` in its place, also where names really have it"
    for first, second in combinations(policies, 2):
        if _spelt(first) == _spelt(second):
            words = "are the same but for case and repeated `*`"
            if _ANIES.sub(ANY, first) == _ANIES.sub(ANY, second):
                yield second, f"never counts: {first!r} above takes the same names"
            elif policies[first] != policies[second]:
                yield second, f"{first!r} and {second!r} {words}, and mean different policies"


def _rank(pattern: str, name: str) -> Rank | None:
    """How specifically a pattern takes a name; None where it doesn't."""
    if not _takes(_folded(pattern), _folded(name)):
        return None
    letters, anies = len(pattern.replace(ANY, "")), len(_ANIES.findall(pattern))
    return (_folded(pattern) == _folded(name), letters, -anies, _takes(pattern, name))


def _takes(pattern: str, name: str) -> bool:
    """Itself, with the values of a matrix, or with as many of them as GitHub shows."""
    return any(
        _fits(f"{pattern}{leg}", spelt)
        for spelt in (name, name.strip())
        for leg in ("", " (*)", " (*...")
    )


def _fits(pattern: str, name: str) -> bool:
    """In one pass, whatever stands in the two: they come from outside."""
    first, *rest = pattern.split(ANY)
    if not rest:
        return name == pattern
    *between, last = rest
    at, end = len(first), len(name) - len(last)
    if not name.startswith(first) or not name.endswith(last) or at > end:
        return False
    for part in between:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _spelt(pattern: str) -> str:
    return _ANIES.sub(ANY, _folded(pattern))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _bare(name: str) -> str:
    """A name without the values of a matrix."""
    return re.sub(r" \(.*\)$", "", name)
