"""The single values in a text of YAML, JSON or TOML, each with its keys and its place.

Rules
- Nothing recurses over what somebody nested, and what is nested deeper than any file of settings
  is refused, as is more than a person writes.
- An alias and a merged key give the values of what they name; a tag is passed over.
"""

import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from bot.check.opening import UnreadableError
from bot.check.uses import Span
from bot.yaml.scalars import Scalar, scalar

Keys = tuple[str | int, ...]

MAX_DEPTH = 64
MAX_VALUES = 50_000
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|[^\s"\[\]{},:]+', re.DOTALL)
_TOML_LINE = re.compile(
    r"""\s*(?:\[\[?\s*(?P<table>[^\]\n]{1,200}?)\s*\]\]?
        |(?P<key>[\w."'-]{1,200}?)\s*=\s*(?P<value>\S.*)?)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """A text, a number, true, false or null."""

    keys: Keys
    value: Scalar
    span: Span  # quotes included


@dataclass(slots=True)
class Lines:
    """Where each line of a text begins, to say where an offset in it stands."""

    text: str
    _starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def span(self, start: int, end: int) -> Span:
        """The piece of the text between two offsets."""
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, end)
        before, behind = self._starts[first - 1], self._starts[last - 1]
        return Span(first, start - before + 1, last, end - behind + 1)


@dataclass(slots=True)
class _Collection:
    """A mapping or a list that isn't closed yet."""

    keys: Keys
    is_list: bool
    anchor: str | None
    first: int  # how many values there were before it
    number: int = 0
    key: str | None = None


@dataclass(slots=True)
class _Building:
    """Puts values under their keys, as a reader comes by what opens, closes and stands there."""

    values: list[Value] = field(default_factory=list)
    open: list[_Collection] = field(default_factory=list)
    anchors: dict[str, list[Value]] = field(default_factory=dict)  # keys relative to the anchor
    wanted: Callable[[Keys], bool] | None = None

    def begin(self, span: Span, anchor: str | None = None, *, is_list: bool) -> None:
        if len(self.open) == MAX_DEPTH:
            raise UnreadableError(f"found more than {MAX_DEPTH} levels, need fewer", span)
        self.open.append(_Collection(self._next(span), is_list, anchor, len(self.values)))

    def end(self) -> None:
        closed = self.open.pop()
        if closed.anchor:
            depth = len(closed.keys)
            self.anchors[closed.anchor] = [
                Value(each.keys[depth:], each.value, each.span)
                for each in self.values[closed.first :]
            ]

    def single(self, value: Scalar, span: Span, anchor: str | None = None) -> None:
        around = self.open[-1] if self.open else None
        if around and not around.is_list and around.key is None:
            around.key = str(value)
            return
        keys = self._next(span)
        if self.wanted and not self.wanted(keys):
            return
        if len(self.values) == MAX_VALUES:
            raise UnreadableError(f"found more than {MAX_VALUES} values, need fewer", span)
        self.values.append(Value(keys, value, span))
        if anchor:
            self.anchors[anchor] = [Value((), value, span)]

    def again(self, anchor: str, span: Span) -> None:
        around = self._next(span)
        known = self.anchors.get(anchor, [])
        if len(self.values) + len(known) > MAX_VALUES:
            raise UnreadableError(f"found more than {MAX_VALUES} values, need fewer", span)
        self.values += [Value((*around, *each.keys), each.value, each.span) for each in known]

    def _next(self, span: Span) -> Keys:
        if not self.open:
            return ()
        around = self.open[-1]
        if not around.is_list and around.key is None:
            raise UnreadableError("found a key that is no word, need one", span)
        part = around.number if around.is_list else str(around.key)
        around.number += 1
        around.key = None
        return (*around.keys, part)


def yaml_values(text: str) -> list[Value]:
    """What stands in a YAML text. UnreadableError where it is none."""
    building = _Building()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            _take(event, building)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        span = Span(mark.line + 1, mark.column + 1) if mark else Span(1)
        why = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise UnreadableError(f"found no valid YAML: {why}", span) from error
    return building.values


def _take(event: yaml.Event, building: _Building) -> None:
    start, end = event.start_mark, event.end_mark
    span = Span(1)
    if start and end:
        span = Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    if isinstance(event, yaml.ScalarEvent):
        plain = not event.style  # C: "", Python: None
        building.single(scalar(event.value) if plain else event.value, span, event.anchor)
    elif isinstance(event, yaml.CollectionStartEvent):
        is_list = isinstance(event, yaml.SequenceStartEvent)
        building.begin(span, event.anchor, is_list=is_list)
    elif isinstance(event, yaml.CollectionEndEvent):
        building.end()
    elif isinstance(event, yaml.AliasEvent):
        building.again(str(event.anchor), span)


def json_values(text: str, wanted: Callable[[Keys], bool] | None = None) -> list[Value]:
    """What stands in a JSON text at `wanted` keys. UnreadableError where it is no JSON."""
    lines = Lines(text)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        place = lines.span(error.pos, error.pos)
        raise UnreadableError(f"found no valid JSON: {error.msg}", place) from error
    except RecursionError as error:
        raise UnreadableError(f"found more than {MAX_DEPTH} levels, need fewer", Span(1)) from error
    building = _Building(wanted=wanted)
    for match in _JSON_TOKEN.finditer(text):
        span = lines.span(*match.span())
        if match[0] in ("[", "{"):
            building.begin(span, is_list=match[0] == "[")
        elif match[0] in ("]", "}"):
            building.end()
        else:
            building.single(json.loads(match[0]), span)
    return building.values


def toml_values(text: str) -> list[Value]:
    """What stands in a TOML text. UnreadableError where it is none."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        span = Span(int(at[1]), int(at[2])) if at else Span(1)
        raise UnreadableError(f"found no valid TOML: {error}", span) from error
    # The reader gives no places: a key is looked for behind the head of its table.
    places: dict[str, Span] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        match = _TOML_LINE.match(line)
        if match and match["table"]:
            table = f"{match['table']}."
        elif match and match["value"]:
            key = re.sub(r"[\"']", "", f"{table}{match['key']}")
            end = len(line.rstrip()) + 1
            places.setdefault(key, Span(number, match.start("value") + 1, number, end))
    return list(_toml(data, (), places))


def _toml(data: object, keys: Keys, places: Mapping[str, Span]) -> Iterator[Value]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _toml(value, (*keys, key), places)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _toml(value, (*keys, number), places)
    else:
        value = data if isinstance(data, str | int | float | bool) else str(data)
        words = [part for part in keys if isinstance(part, str)]
        around = (".".join(words[:length]) for length in range(len(words), 0, -1))
        yield Value(keys, value, next((places[key] for key in around if key in places), Span(1)))
