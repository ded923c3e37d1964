"""mrkdwn as a whole: fences, quotes, lines; and its words alone, for a preview.

Rules
- A fence takes everything up to the next one, as it is; a fence without an end is text.
- Lines that begin with `>` are one quote; after `>>>` everything is.
- mrkdwn has no lists: their lines are lines.
"""

import re
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text.leaves import BREAK, decoded, indented, words
from bot.local_slack.page.text.styles import styled

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_REST = re.compile(r"^(?:>|&gt;){3} ?", re.MULTILINE)
_QUOTED = re.compile(r"(?:>|&gt;) ?")
_QUOTE = Markup("<blockquote>{}</blockquote>")
_PRE = Markup("<pre>{}</pre>")
_EDGE = re.compile(r"<br>|</?(?:blockquote|pre)>")


def mrkdwn(text: str, reader: Reader, *, verbatim: bool = False) -> Markup:
    """`text` as Slack shows it to `reader`; `verbatim` leaves addresses in it as text."""
    parts = _FENCE.split(text.replace("\r\n", "\n"))
    return _Paragraphs(reader, verbatim).shown(parts)


def snippet(text: str, reader: Reader, length: int = 120) -> str:
    """The words of `text` in one line of at most `length` characters; not escaped."""
    shown = _EDGE.sub(" ", mrkdwn(text, reader, verbatim=True))
    line = Markup(shown).striptags()  # noqa: S704 - markup without some of its tags
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Paragraphs:
    """Who reads, and whether addresses stay text."""

    reader: Reader
    verbatim: bool

    def shown(self, parts: list[str], *, quoted: bool = False) -> Markup:
        """Text and the insides of fences in turn; what is quoted as a whole has no quotes in it."""
        shown = []
        for number, part in enumerate(parts):
            if number % 2:
                shown.append(_fence(part))
                continue
            rest = None if quoted else _REST.search(part)
            text = part[: rest.start()] if rest else part
            # A fence and a quote have lines of their own.
            text = text.removeprefix("\n") if number else text
            text = text.removesuffix("\n") if rest or number < len(parts) - 1 else text
            shown.append(self._lines(text.split("\n")) if quoted else self._blocks(text))
            if rest:
                after = [part[rest.end() :], *parts[number + 1 :]]
                shown.append(_QUOTE.format(self.shown(after, quoted=True)))
                break
        return Markup().join(shown)

    def _blocks(self, text: str) -> Markup:
        if not text:
            return Markup()
        shown = []
        for quoted, run in groupby(text.split("\n"), lambda line: bool(_QUOTED.match(line))):
            lines = [_QUOTED.sub("", line, count=1) if quoted else line for line in run]
            shown.append(_QUOTE.format(self._lines(lines)) if quoted else self._lines(lines))
        return Markup().join(shown)

    def _lines(self, lines: list[str]) -> Markup:
        return BREAK.join(
            styled(indented(line), self.reader, verbatim=self.verbatim) for line in lines
        )


def _fence(text: str) -> Markup:
    inside = text.removeprefix("\n").removesuffix("\n")
    return _PRE.format(words(decoded(inside), emoji=False))
