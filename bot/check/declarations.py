"""Which declaration holds for a file: its own block, and `guardrails.yaml` beside it and above.

Rules
- The nearest wins, key by key; what a nearer one doesn't say comes from the one above it.
- Nothing above the folder that is checked is read.
- A key that can't be read declares nothing; it is found, once for each place.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.check.declaration import BLOCK, KEYS, Declaration, Pii, Reach
from bot.check.uses import Block, FileReading, Span
from bot.yaml.problems import ConfigError, Place, Problem
from bot.yaml.reader import read_text

FILE_NAME = "guardrails.yaml"
SIZE_MOST = 100_000  # bytes; a declaration has ten keys


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place declares, and what is wrong with it."""

    path: str
    values: dict[str, Any]
    places: dict[str, tuple[str, Span]]
    problems: tuple[Problem, ...] = ()
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Declared:
    """What holds for one file; None where nothing is declared for it anywhere.

    `own` says whether the file declares something itself, `problems` what is wrong with that. What
    isn't `readable` says nothing for certain, whatever stands above it.
    """

    declaration: Declaration | None
    own: bool = False
    problems: tuple[Problem, ...] = ()
    readable: bool = True


class Declarations:
    """The declarations below a folder, each `guardrails.yaml` read once, when it is needed.

    `apart` are files of that name that declare nothing: the rules of the check.
    """

    def __init__(self, root: Path, apart: frozenset[str] = frozenset()) -> None:
        self._root = root
        self._apart = apart
        self._layers: dict[str, Layer | None] = {}

    def of(self, reading: FileReading) -> Declared:
        """What holds for a file."""
        own = [_of_block(reading.path, block) for block in reading.blocks]
        problems = [problem for layer in own for problem in layer.problems]
        for second in reading.blocks[1:]:
            place = _place(reading.path, second.span)
            problems.append(Problem(place, "found a second guardrails block, need one a file"))
        layers = [*self._above(reading.path), *own[:1]]
        if not layers:
            return Declared(None)
        readable = all(layer.readable for layer in layers)
        return Declared(_merged(layers), bool(own), tuple(problems), readable)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files that were read so far."""
        layers = sorted(self._layers.items())
        return tuple(problem for _, layer in layers if layer for problem in layer.problems)

    def _above(self, path: str) -> list[Layer]:
        """The files that hold for `path`, the farthest first."""
        folders = [""]
        for part in path.split("/")[:-1]:
            folders.append(f"{folders[-1]}{part}/")
        return [layer for folder in folders if (layer := self._layer(f"{folder}{FILE_NAME}"))]

    def _layer(self, path: str) -> Layer | None:
        if path in self._apart:
            return None
        if path not in self._layers:
            self._layers[path] = _of_file(self._root, path)
        return self._layers[path]


def _of_file(root: Path, path: str) -> Layer | None:
    file = root / path
    if not file.is_file():
        return None
    try:
        size = file.stat().st_size
        text = file.read_bytes().decode("utf-8-sig") if size <= SIZE_MOST else None
    except (OSError, UnicodeDecodeError) as error:
        why = f"can't be read ({error}), need a file in UTF-8"
    else:
        if text is not None:
            return _read(path, text)
        why = f"found {size:,} bytes, need at most {SIZE_MOST:,}"
    return Layer(path, {}, {}, (Problem(Place(path, 1, 1), why),), readable=False)


def _of_block(path: str, block: Block) -> Layer:
    return _read(path, block.text)


def _read(path: str, text: str) -> Layer:
    """The declaration in a text, in which it stands by itself or below `guardrails`."""
    try:
        source = read_text(path, text)
    except ConfigError as error:
        return Layer(path, {}, {}, error.problems, readable=False)
    below = isinstance(source.data, dict) and list(source.data) == ["guardrails"]
    problems: list[Problem] = []
    if below:
        values = (BLOCK.read(source, (), problems) or {}).get("guardrails", {})
    else:
        values = KEYS.read(source, (), problems) or {}
    inside = ("guardrails",) if below else ()
    places = {key: (path, span_of(source.place((*inside, key)))) for key in values}
    return Layer(path, values, places, tuple(problems))


def span_of(place: Place) -> Span:
    """From a place to the end of its line; of a whole file, its beginning."""
    line, column = max(place.line, 1), max(place.column, 1)
    return Span(line, column, line, max(len(place.source.rstrip()), place.column) + 1)


def _place(path: str, span: Span) -> Place:
    return Place(path, span.line, span.column)


def _merged(layers: list[Layer]) -> Declaration:
    values: dict[str, Any] = {}
    places: dict[str, tuple[str, Span]] = {}
    for layer in layers:
        values |= layer.values
        places |= layer.places
    if "pii" in values:
        values["pii"] = Pii(values["pii"])
    if "export" in values:
        values["export"] = Reach(values["export"])
    return Declaration(**values, places=places)
