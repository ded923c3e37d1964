"""YAML as plain data, with the place of everything in it.

Rules
- Scalars are read as YAML 1.2 does: NO is a word, 12:30:00 is a word, 010 is ten.
- A key twice, an anchor, an alias, a tag or a second document is refused: what is written must
  mean one thing to every reader.
- A file is UTF-8 and has something in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from bot.yaml.problems import ConfigError, Place, Problem, shown
from bot.yaml.scalars import scalar

KeyPath = tuple[str | int, ...]
Mark = tuple[int, int]

# Our files need five levels; without a limit, a few thousand brackets end the interpreter's stack.
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's data; `place` says where a path in it stands."""

    file: str
    lines: tuple[str, ...] = ()
    data: Any = None
    places: Mapping[KeyPath, Mark] = field(default_factory=dict)
    keys: Mapping[KeyPath, Mark] = field(default_factory=dict)

    def place(self, path: KeyPath, *, key: bool = False) -> Place:
        """Where the value at `path` stands (or its key); the nearest thing around it otherwise."""
        for length in range(len(path), -1, -1):
            around = path[:length]
            if key and around in self.keys:
                return _place(self.file, self.lines, self.keys[around])
            if around in self.places:
                return _place(self.file, self.lines, self.places[around])
        return Place(self.file)

    def place_within(self, path: KeyPath, line: int, column: int) -> Place:
        """Where a place within the text at `path` stands in the file, both counted from 1.

        Of a text in quotes or a block as well: its characters are found one after another, past
        whatever else stands between them.
        """
        text = str(self.value(path))
        before = text.split("\n")[: line - 1]
        offset = sum(len(each) + 1 for each in before) + column - 1
        start_line, start_column = self.places[path]
        most = len(text.split()) + text.count("\n") + 3  # lines: a block may have a word on each
        raw = "\n".join(self.lines[start_line : start_line + most])
        at = start_column
        if raw[at : at + 1] in ("|", ">"):
            at = raw.find("\n", at) + 1
        elif raw[at : at + 1] in ("'", '"'):
            at += 1
        for sign in text[:offset].split():
            for letter in sign:
                at = raw.find(letter, at) + 1
        wanted = text[offset : offset + 1].strip()
        if wanted:
            at = max(raw.find(wanted, at), at)
        whole = raw[:at].split("\n")
        return _place(self.file, self.lines, (start_line + len(whole) - 1, len(whole[-1])))

    def value(self, path: KeyPath) -> Any:  # noqa: ANN401 - YAML is anything
        """What stands at `path`. KeyError, IndexError or TypeError where nothing does."""
        found = self.data
        for part in path:
            found = found[part]
        return found

    def problem(self, path: KeyPath, message: str, *, key: bool = False) -> Problem:
        """A problem with what stands at `path`, or with its key."""
        return Problem(self.place(path, key=key), message)

    def unshown(self) -> "YamlFile":
        """A copy with the places, but without the lines: they may hold a secret."""
        return replace(self, lines=())


def read(path: Path, called: str | None = None) -> YamlFile:
    """The data of a file. ConfigError names all that it has and that can't be taken.

    Places in it have its bare name, unless it is `called` otherwise.
    """
    name = called or path.name
    return read_text(name, _text(path, name))


def read_text(name: str, text: str) -> YamlFile:
    """The data of a text that is called `name`. ConfigError names all that can't be taken."""
    reader = _Reader(name, tuple(text.splitlines()))
    try:
        node = _composed(reader, text)
    except yaml.YAMLError as error:
        raise ConfigError([reader.problem(*_syntax(text, error))]) from error
    if node is None and not reader.problems:
        raise ConfigError([Problem(Place(name), "the file is empty, need its keys")])
    data = reader.value(node, ()) if node else None
    if reader.problems:
        raise ConfigError(reader.problems)
    return YamlFile(name, reader.lines, data, reader.places, reader.keys)


def _composed(reader: "_Reader", text: str) -> yaml.Node | None:
    """The document, by the reader in C where there is one: it is six times as fast.

    What that can't read is read again in Python, whose words for what is wrong are the better ones.
    """
    for loader in dict.fromkeys((getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)):
        try:
            reader.refuse(text, loader)
            return None if reader.problems else yaml.compose(text, Loader=loader)
        except yaml.YAMLError:
            if loader is yaml.SafeLoader:
                raise
            reader.problems.clear()
    return None


def _text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        message = "found no such file, need one there, or WARROOM_CONFIG naming another folder"
        raise ConfigError([Problem(Place(str(path)), message)]) from error
    except OSError as error:
        message = f"can't be read ({error.strerror}), need a readable file"
        raise ConfigError([Problem(Place(str(path)), message)]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _mark(raw[: error.start].decode("utf-8-sig", "replace"))
        message = f"found the byte 0x{raw[error.start]:02x}, need a file saved as UTF-8"
        raise ConfigError([Problem(Place(name, line + 1, column + 1), message)]) from error


def _syntax(text: str, error: yaml.YAMLError) -> tuple[Mark, str]:
    if isinstance(error, ReaderError):
        message = f"found the character U+{ord(text[error.position]):04X}, need printable text"
        return _mark(text[: error.position]), message
    if not isinstance(error, yaml.MarkedYAMLError):
        return (0, 0), f"found no valid YAML: {error}, need valid YAML"
    mark = error.problem_mark or error.context_mark
    place = (mark.line, mark.column) if mark else (0, 0)
    if "'\\t'" in str(error.problem):
        return place, "found a tab, need spaces"
    context = f" {error.context}" if error.context else ""
    return place, f"found no valid YAML{context}: {error.problem}, need valid YAML"


def _mark(before: str) -> Mark:
    lines = f"{before}|".splitlines()
    return len(lines) - 1, len(lines[-1]) - 1


def _place(file: str, lines: tuple[str, ...], mark: Mark) -> Place:
    line, column = mark
    return Place(file, line + 1, column + 1, lines[line] if line < len(lines) else "")


@dataclass(slots=True)
class _Reader:
    """Walks a document once and notes where everything stands and what can't be taken."""

    file: str
    lines: tuple[str, ...]
    places: dict[KeyPath, Mark] = field(default_factory=dict)
    keys: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, mark: Mark, message: str) -> Problem:
        return Problem(_place(self.file, self.lines, mark), message)

    def refuse(self, text: str, loader: type[yaml.SafeLoader]) -> None:
        """Notes what is valid YAML and yet refused."""
        depth = documents = 0
        for event in yaml.parse(text, Loader=loader):
            start = event.start_mark
            mark = (start.line, start.column) if start else (0, 0)
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH or documents > 1:
                found = "a second document" if documents > 1 else f"more than {MAX_DEPTH} levels"
                need = "one a file" if documents > 1 else "fewer"
                self.problems.append(self.problem(mark, f"found {found}, need {need}"))
                return
            if refused := _refused(event):
                self.problems.append(self.problem(mark, refused))

    def value(self, node: yaml.Node, path: KeyPath) -> Any:  # noqa: ANN401 - YAML is anything
        """The plain value of `node`, which stands at `path`."""
        self.places[path] = (node.start_mark.line, node.start_mark.column)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        plain = isinstance(node, yaml.ScalarNode) and not node.style  # C: "", Python: None
        return scalar(node.value) if plain else node.value

    def _pairs(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        for key_node, value_node in node.value:
            mark = (key_node.start_mark.line, key_node.start_mark.column)
            key = key_node.value
            if not isinstance(key, str) or not key:
                self.problems.append(
                    self.problem(mark, f"found {shown(key)} as a key, need a word")
                )
                continue
            here = (*path, key)
            if here in self.keys:
                first = self.keys[here][0] + 1
                message = f"found {key!r} a second time, need it once: it stands in line {first}"
                self.problems.append(self.problem(mark, message))
            self.keys.setdefault(here, mark)
            value = self.value(value_node, here)
            if value is None and value_node.value == "":
                # The two readers don't agree on where nothing stands: it is behind the colon.
                self.places[here] = (key_node.end_mark.line, key_node.end_mark.column + 1)
            yield key, value


def _refused(event: yaml.Event) -> str | None:
    if isinstance(event, yaml.AliasEvent):
        return "found an alias, need the value written out: what stands elsewhere may change"
    if getattr(event, "anchor", None):
        return "found an anchor, need each value written out where it is used"
    if getattr(event, "tag", None):
        return f"found the tag {getattr(event, 'tag', '')}, need a plain value"
    return None
