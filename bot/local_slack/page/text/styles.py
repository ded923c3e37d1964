"""One line of mrkdwn: styles, code, references, addresses.

Rules
- A style begins and ends at a word's edge: `2*3*4`, `snake_case` and `src/*/test/*` are text.
- Twice the same mark is no mark: `**x**` is text.
- Nothing but entities is parsed in code.
- An address in the text becomes a link without the punctuation after it, unless it is verbatim.
- The work is in proportion to the length, whatever stands in the line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text.leaves import decoded, link, linkable, words
from bot.local_slack.page.text.references import reference

_STYLES = {
    "*": Markup("<b>{}</b>"),
    "_": Markup("<i>{}</i>"),
    "~": Markup("<s>{}</s>"),
}
_PIECE = re.compile(
    r"(?P<code>(?<![^\W_])(?<!`)`[^`]+`(?!`|[^\W_]))"
    r"|(?P<reference><[^<>]+>)"
    r"|(?P<address>(?<![^\W_])https?://(?:(?!&[lg]t;)[^\s<>|`])+)"
    r"|(?P<mark>[*_~])",
    re.IGNORECASE,
)
_AFTER_ADDRESS = ".,;:!?*_~'\""
_GLUE = "/\\"
_CODE = Markup("<code>{}</code>")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A mark, or what is already rendered, or text as it was typed."""

    text: str | Markup
    opens: bool = False
    closes: bool = False


def styled(line: str, reader: Reader, *, verbatim: bool) -> Markup:
    """The line with everything that Slack finds in it."""
    pieces = list(_pieces(line, reader, verbatim=verbatim))
    return _Line(pieces).shown(0, len(pieces))


class _Line:
    """The pieces of a line, and where styles can end."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._ends: dict[str, list[int]] = {mark: [] for mark in _STYLES}
        for at, piece in enumerate(pieces):
            if piece.closes:
                self._ends[piece.text].append(at)

    def shown(self, start: int, end: int) -> Markup:
        """The pieces from `start` up to `end`."""
        shown: list[Markup] = []
        typed: list[str] = []
        while start < end:
            piece, close = self._pieces[start], self._close(start, end)
            if close is None and not isinstance(piece.text, Markup):
                typed.append(piece.text)
            else:
                shown.append(_text(typed))
                typed.clear()
                shown.append(self._rendered(start, close))
            start = (close or start) + 1
        return Markup().join([*shown, _text(typed)])

    def _rendered(self, at: int, close: int | None) -> Markup:
        text = self._pieces[at].text
        if close is None:
            return Markup(text)  # noqa: S704 - a code, a reference or an address, rendered before
        return _STYLES[text].format(self.shown(at + 1, close))

    def _close(self, at: int, end: int) -> int | None:
        if not self._pieces[at].opens:
            return None
        ends = self._ends[self._pieces[at].text]
        found = bisect_right(ends, at)
        return ends[found] if found < len(ends) and ends[found] < end else None


def _text(typed: list[str]) -> Markup:
    return words(decoded("".join(typed)))


def _pieces(line: str, reader: Reader, *, verbatim: bool) -> Iterator[_Piece]:
    at = 0
    while found := _PIECE.search(line, at):
        start, end = found.span()
        if start > at:
            yield _Piece(line[at:start])
        if found.lastgroup == "address":
            end = _address_end(line, start, end)
        if found.lastgroup == "mark":
            yield _mark(line, start)
        else:
            typed, kind = line[start:end], str(found.lastgroup)
            yield _Piece(_atom(kind, typed, reader, verbatim=verbatim) or typed)
        at = end
    yield _Piece(line[at:])


def _atom(kind: str, typed: str, reader: Reader, *, verbatim: bool) -> Markup | None:
    """What is never looked into; None for text."""
    if kind == "code":
        return _CODE.format(words(decoded(typed[1:-1]), emoji=False))
    if kind == "reference":
        return reference(typed[1:-1], reader)
    address = decoded(typed)
    if verbatim or not linkable(address):
        return None
    return link(address, words(address, emoji=False))


def _address_end(line: str, start: int, end: int) -> int:
    """Where the address ends and the sentence goes on."""
    address = line[start:end]
    unopened = address.count(")") - address.count("(")
    while line[end - 1] in _AFTER_ADDRESS or (line[end - 1] == ")" and unopened > 0):
        unopened -= line[end - 1] == ")"
        end -= 1
    return end


def _mark(line: str, at: int) -> _Piece:
    mark = line[at]
    before = line[at - 1] if at else " "
    after = line[at + 1] if at + 1 < len(line) else " "
    return _Piece(
        mark,
        opens=not _glued(before, mark) and not after.isspace() and after != mark,
        closes=not _glued(after, mark) and not before.isspace() and before != mark,
    )


def _glued(beside: str, mark: str) -> bool:
    return beside.isalnum() or beside == mark or beside in _GLUE
