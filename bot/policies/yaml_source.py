"""YAML as plain data, with the place of everything in it.

Rules
- Scalars are read as YAML 1.2 does: NO is a word, 12:30:00 is a word, 010 is ten.
- A key twice, an anchor, an alias, a tag or a second document is refused: what is written must
  mean one thing to every reader.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.policies.errors import ConfigError, Place, Problem

KeyPath = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass
class Source:
    """A file's data; `place` says where a path in it stands."""

    file: str
    data: Any = None
    _lines: list[str] = field(default_factory=list)
    _places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    _keys: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: KeyPath, *, key: bool = False) -> Place:
        """Where the value at `path` stands (or its key); the nearest thing around it otherwise."""
        for length in range(len(path), -1, -1):
            around = path[:length]
            if key and around in self._keys:
                return self._at(self._keys[around])
            if around in self._places:
                return self._at(self._places[around])
        return self._at((0, 0))

    def problem(self, path: KeyPath, message: str, *, key: bool = False) -> Problem:
        """A problem with what stands at `path`."""
        return Problem(self.place(path, key=key), message)

    def _at(self, mark: tuple[int, int]) -> Place:
        line, column = mark
        source = self._lines[line] if line < len(self._lines) else ""
        return Place(self.file, line + 1, column + 1, source)


def read(path: Path) -> Source:
    """The data of a file. ConfigError names what it has that can't be taken."""
    source = Source(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        message = f"{path} does not exist; WARROOM_CONFIG names the folder it is looked for in"
        raise ConfigError([source.problem((), message)]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([source.problem((), f"can't be read as UTF-8: {error}")]) from error
    source._lines = text.splitlines()  # noqa: SLF001 - a source is filled here and nowhere else
    try:
        node = _only_document(source, text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = source._at((mark.line, mark.column) if mark else (0, 0))  # noqa: SLF001 - as above
        raise ConfigError([Problem(place, f"no valid YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([source.problem((), f"no valid YAML: {error}")]) from error
    problems: list[Problem] = []
    source.data = _value(source, node, (), problems)
    if problems:
        raise ConfigError(problems)
    return source


def _only_document(source: Source, text: str) -> yaml.Node:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        refused = _refused(event)
        if refused:
            mark = event.start_mark
            place = source._at((mark.line, mark.column) if mark else (0, 0))  # noqa: SLF001 - the same module's
            raise ConfigError([Problem(place, refused)])
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        raise ConfigError([source.problem((), "the file is empty")])
    return node


def _refused(event: yaml.Event) -> str | None:
    if isinstance(event, yaml.AliasEvent):
        return "found an alias; write the value out, since what stands elsewhere may change"
    if getattr(event, "anchor", None):
        return "found an anchor; write each value out where it is needed"
    if getattr(event, "tag", None) not in (None, "!"):
        return f"found the tag {getattr(event, 'tag', '')}; plain values only"
    return None


def _value(source: Source, node: yaml.Node, path: KeyPath, problems: list[Problem]) -> Any:  # noqa: ANN401 - YAML is anything
    source._places[path] = (node.start_mark.line, node.start_mark.column)  # noqa: SLF001 - filled here
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(source, node, path, problems))
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(source, item, (*path, number), problems)
            for number, item in enumerate(node.value)
        ]
    return _scalar(str(node.value), plain=getattr(node, "style", None) is None)


def _pairs(
    source: Source, node: yaml.MappingNode, path: KeyPath, problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = str(key_node.value)
        mark = (key_node.start_mark.line, key_node.start_mark.column)
        if key in seen:
            problems.append(Problem(source._at(mark), f"{key!r} stands here a second time"))  # noqa: SLF001 - filled here
        seen.add(key)
        source._keys[(*path, key)] = mark  # noqa: SLF001 - filled here
        yield key, _value(source, value_node, (*path, key), problems)


def _scalar(text: str, *, plain: bool) -> str | int | float | bool | None:
    if not plain:  # quoted, or a block: a word whatever it looks like
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
