"""A notebook as one text of Python, and where each of its lines stands in the file.

Rules
- The cells of code count, one after another; outputs don't, and words only for a declaration.
- A line that is a magic is no Python: it does nothing here. What is handed to a shell is a command.
- A cell that can't be parsed by itself is left out: a notebook's other cells run without it.
- A line of a cell is a line of the file, unless all of the cell stands in one.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.check import blocks
from bot.check.commands import launches_in
from bot.check.uses import Block, FileReading, Launch, Span
from bot.check.values import Keys, Value, json_values

_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w, ]+=\s*[%!]|\S.*\?\s*$)")
_COMMAND = re.compile(r"\s*(?:[\w, ]+=\s*)?(?:!|%(?:sx|system|run)\s)")
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|script|shell)\b")
_OTHER_CELL = re.compile(r"\s*%%(?!time|capture|prun)")
# A magic that runs the rest of its line; what stands in its place is as long.
_TIMED = re.compile(r"(\s*)%(?:time|timeit|prun)(?=\s)(?!\s+-)")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a cell: the JSON text it stands in, from which character of what that means."""

    text: str
    raw: str
    first: int
    line: int
    column: int

    def place(self, column: int) -> tuple[int, int]:
        """Where a column of this line stands in the file."""
        wanted = self.first + column - 1
        passed = 0
        for match in _ESCAPE.finditer(self.raw):
            if match.start() - passed >= wanted:
                break
            passed += len(match[0]) - 1
        return self.line, self.column + wanted + passed


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a notebook holds, as far as it is read."""

    text: str
    launches: tuple[Launch, ...]  # of the text's lines
    blocks: tuple[Block, ...]  # of the file's
    _lines: tuple[_Line, ...]

    def in_file(self, reading: FileReading) -> FileReading:
        """What was read in the text, with the places it has in the file."""
        unreadable = reading.unreadable
        return replace(
            reading,
            uses=tuple(replace(each, span=self._span(each.span)) for each in reading.uses),
            options=tuple(replace(each, span=self._span(each.span)) for each in reading.options),
            launches=tuple(
                replace(
                    each,
                    span=self._span(each.span),
                    places=tuple(self._span(span) for span in each.places),
                )
                for each in (*reading.launches, *self.launches)
            ),
            ignored=tuple(self._span(span) for span in reading.ignored),
            nearly=reading.nearly and self._span(reading.nearly),
            unreadable=unreadable and replace(unreadable, span=self._span(unreadable.span)),
            blocks=self.blocks,
        )

    def _span(self, span: Span) -> Span:
        if not self._lines:
            return Span(1)
        first = self._lines[min(span.line, len(self._lines)) - 1]
        last = self._lines[min(max(span.end_line, span.line), len(self._lines)) - 1]
        end = span.end_column or span.column
        return Span(*first.place(span.column), *last.place(end))


def notebook(text: str) -> Notebook:
    """A notebook's cells. UnreadableError where the text is no JSON."""
    file = text.split("\n")
    cells: dict[Keys, list[_Line]] = {}
    kinds: dict[Keys, str] = {}
    for value in json_values(text, _is_of_cell):
        number, key = _cell(value.keys)
        if key == "cell_type":
            kinds[number] = str(value.value)
        elif key in ("source", "input"):
            cells.setdefault(number, []).extend(_lines(value, file))
    code = [lines for number, lines in cells.items() if kinds.get(number, "code") == "code"]
    words = [lines for number, lines in cells.items() if kinds.get(number, "code") != "code"]
    python = _parsed([lines for lines in code if not _OTHER_CELL.match(_text(lines[:1]))])
    shell = [lines for lines in code if _SHELL_CELL.match(_text(lines[:1]))]
    lines = tuple(line for cell in python for line in cell)
    commands = tuple(line for cell in shell for line in cell)
    launches = launches_in("\n".join((*_commands(lines), *(line.text for line in commands))))
    declared = (*_blocks(code, at_top=True), *_blocks(words, at_top=False))
    return Notebook(_python(lines), launches, declared, (*lines, *commands))


def code_in(content: bytes) -> bytes:
    """The texts of a notebook's bytes, each in lines of its own: roughly, and quickly."""
    return content.replace(b"\\n", b"\n").replace(b'"', b"\n")


def _is_of_cell(keys: Keys) -> bool:
    return _cell(keys)[1] in ("source", "input", "cell_type")


def _cell(keys: Keys) -> tuple[Keys, str | int]:
    """The cell that a value belongs to, and under which key: format 3 has them in worksheets."""
    before = 3 if keys[:1] == ("worksheets",) else 1
    if len(keys) not in (before + 2, before + 3) or keys[before - 1] != "cells":
        return (), ""
    return keys[: before + 1], keys[before + 1]


def _lines(value: Value, file: list[str]) -> Iterator[_Line]:
    """The lines of one JSON text: it has no end of a line in it but as an escape."""
    span = value.span
    raw = file[span.line - 1][span.column : span.end_column - 2]
    first = 0
    lines = str(value.value).split("\n")
    for number, line in enumerate(lines):
        if line or number < len(lines) - 1:
            yield _Line(line, raw, first, span.line, span.column + 1)
        first += len(line) + 1


def _text(lines: Iterable[_Line]) -> str:
    return "\n".join(line.text for line in lines)


def _python(lines: Iterable[_Line]) -> str:
    """The lines with nothing done where there is no Python."""
    continued = False
    python: list[str] = []
    for line in lines:
        magic = _MAGIC.match(line.text)
        timed = None if continued else _TIMED.match(line.text)
        if timed:
            rest = line.text[timed.end() :]
            python.append(f"{timed[1]}{'0;'.ljust(timed.end() - timed.end(1))}{rest}")
        elif magic or continued:
            python.append(f"{magic[1]}pass" if magic and not continued else "")
            continued = line.text.rstrip().endswith("\\")
        else:
            python.append(line.text)
    return "\n".join(python)


def _commands(lines: Iterable[_Line]) -> Iterator[str]:
    """The lines with nothing but what is handed to a shell, in its place."""
    continued = False
    for line in lines:
        command = _COMMAND.match(line.text)
        if command and not continued:
            yield " " * command.end() + line.text[command.end() :]
        else:
            yield line.text if continued else ""
        continued = bool(command or continued) and line.text.rstrip().endswith("\\")


def _parsed(cells: list[list[_Line]]) -> list[list[_Line]]:
    """The cells that can be parsed; all of them, where they can be together."""
    if _parses(_python(line for cell in cells for line in cell)):
        return cells
    return [cell for cell in cells if _parses(_python(cell))]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _blocks(cells: list[list[_Line]], *, at_top: bool) -> Iterator[Block]:
    """The declarations in cells, with the lines of the file before them."""
    for cell in cells:
        for block in (blocks.at_top if at_top else blocks.whole)(_text(cell)):
            inside = block.text.split("\n")[block.span.line - 1 :]
            own = cell[block.span.line - 1 :][: len(inside)]
            line, column = own[0].place(block.span.column)
            in_one = own[0].line == own[-1].line
            padding = 0 if in_one else own[0].column - 1
            text = "\n".join(["\n" * (line - 2), *(" " * padding + each for each in inside)])
            last, end = own[-1].place(len(own[-1].text.rstrip()) + 1)
            yield Block(text if line > 1 else "\n".join(inside), Span(line, column, last, end))
