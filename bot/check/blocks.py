"""Declarations inside of code: `guardrails:` in the comments or the docstring at a file's top.

Rules
- Only the top of a file declares: comments and the docstring before the first statement.
- A block keeps its place: whatever is not of it is made blank, so that a line and a column in the
  block are those in the file.
- A comment that asks to be left alone is no declaration: it is noted, and found.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from bot.check.uses import Block, Span

_QUOTES = re.compile(r"""\s*[rRuU]?("{3}|'{3})""")
_KEY = re.compile(r"(?P<indent>\s*)guardrails:(?P<rest>\s.*|)$")
_HEAD = re.compile(r"\s*([\w-]{5,20}) ?:(?:\s|$)")
_SUPPRESSING = re.compile(
    r"(?:#|//|<!--)\s*(?:(?:noqa|nosec|type\s*:\s*ignore|pragma)\b[\s:\[=(-]*(?:warroom|guardrails)\b"
    r"|(?:warroom|guardrails)\b[\s:=-]*(?:check\b)?[\s:=\[(-]*"
    r"(?:ignore|disable|off|skip|allow|suppress|noqa|nocheck|none)\b)",
    re.IGNORECASE,
)
_OTHER = "."


def at_top(text: str) -> tuple[Block, ...]:
    """The blocks in the comments and the docstring at the top of a file."""
    comments, docstring = _top(text.split("\n"))
    blocks = (*_blocks(comments), *_blocks(docstring))
    return tuple(sorted(blocks, key=lambda block: block.span))


def nearly(text: str) -> Span | None:
    """Where a block would begin at the top of a file, if its key had no slip in it."""
    for lines in _top(text.split("\n")):
        for number, line in enumerate(lines, start=1):
            head = None if _KEY.match(line) else _HEAD.match(line)
            if head and get_close_matches(head[1].lower(), ("guardrails",), cutoff=0.85):
                return Span(number, head.start(1) + 1, number, head.end(1) + 1)
    return None


def whole(text: str) -> tuple[Block, ...]:
    """The blocks in a text that is nothing but words or comments, as a cell of a notebook is."""
    return tuple(_blocks([_uncommented(line) for line in text.split("\n")]))


def suppressing(text: str) -> tuple[Span, ...]:
    """The comments that try to suppress what a check finds."""
    if "warroom" not in text.lower() and "guardrails" not in text.lower():
        return ()
    return tuple(
        Span(number, start.start() + 1, number, len(line.rstrip()) + 1)
        for number, line in enumerate(text.split("\n"), start=1)
        if (start := _SUPPRESSING.search(line))
    )


def _uncommented(line: str) -> str:
    """The line with a blank for the sign that makes it a comment."""
    return re.sub(r"^(\s*)#", r"\1 ", line.removeprefix("\ufeff"))


def _top(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines of the top: those of its comments, and those of its docstring.

    A line of the one stands among the other's as a word at the margin: no block goes on past it.
    """
    comments: list[str] = []
    docstring: list[str] = []
    quotes = ""
    had_docstring = False
    for line in lines:
        if quotes:
            words, ended, _ = line.partition(quotes)
            quotes = "" if ended else quotes
            comments.append(_OTHER)
            docstring.append(words)
        elif not line.strip("\ufeff \t\r\f"):
            comments.append("")
            docstring.append("")
        elif line.lstrip("\ufeff \t\f").startswith("#"):
            comments.append(_uncommented(line))
            docstring.append(_OTHER)
        elif not had_docstring and (opening := _QUOTES.match(line)):
            had_docstring = True
            start = opening.end()
            words, ended, _ = line[start:].partition(opening[1])
            quotes = "" if ended else opening[1]
            comments.append(_OTHER)
            docstring.append(" " * start + words)
        else:
            break
    return comments, docstring


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    number = 0
    while number < len(lines):
        first = lines[number]
        key = _KEY.match(first)
        if not key or _SUPPRESSING.search(f"#{first}"):
            number += 1
            continue
        end = number + 1
        while end < len(lines) and _belongs(lines[end], len(key["indent"].expandtabs())):
            end += 1
        while not lines[end - 1].strip():
            end -= 1
        inside = [line.rstrip() for line in lines[number:end]]
        span = Span(number + 1, len(key["indent"]) + 1, end, len(inside[-1]) + 1)
        yield Block("\n".join(["", *[""] * (number - 1), *inside] if number else inside), span)
        number = end


def _belongs(line: str, indent: int) -> bool:
    """Whether a line is of the block whose key stands behind `indent` blanks."""
    words = line.expandtabs()
    return not words.strip() or len(words) - len(words.lstrip()) > indent
