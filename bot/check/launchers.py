"""The commands in files that start others: scripts of the shell, Makefiles, Dockerfiles, workflows.

Rules
- Each text keeps its lines and columns while what isn't of the shell is made blank, so that a place
  in a command is a place in the file.
- A command is started where its step, or a `cd` before it, says; what it names is told from there.
- What documentation shows isn't read: only what is there to be run.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from posixpath import join, normpath

from bot.check.commands import SCRIPTS, launch_of, launches_in
from bot.check.uses import Launch, Span
from bot.check.values import Keys, Value, yaml_values
from bot.check.walk import FileKind

_MAKE_SETTING = re.compile(r"\s*(?:export\s+|override\s+)?([\w.]+)\s*(?:\?|:{1,3}|\+)?=\s*(.*)")
_MAKE_PREFIX = re.compile(r"\t[@+\- \t]*")
_MAKE_VARIABLE = re.compile(r"\$\(([\w.]+)\)")
_DOCKER = re.compile(r"\s*(?:ONBUILD\s+)?(RUN|CMD|ENTRYPOINT|ENV|ARG)\s+", re.IGNORECASE)
_DOCKER_OPTIONS = re.compile(r"(?:--\w+(?:=\S+)?\s+)*")
_WORD_KEYS = frozenset(("command", "args", "entrypoint"))
_RUN_KEYS = _WORD_KEYS | {
    *("run", "script", "before_script", "after_script", "cmd", "commands", "bash", "setup"),
    "inlineScript",
}
_VARIABLE_KEYS = frozenset(("env", "envs", "variables", "environment"))
# A folded text's lines are one: continued, they keep their places.
_FOLDED = "\\\n"
_FOLDER_KEYS = ("working-directory", "workingDirectory", "working_dir", "wdir", "workdir")
_CHANGES_FOLDER = re.compile(r"\s*cd\s+([^\s;&|$]+)\s*")
_HEAD = re.compile(r"([|>])[\d+-]*\s*(?:#.*)?")


def launches_of(kind: FileKind, text: str) -> tuple[Launch, ...]:
    """The commands in a file of that kind. UnreadableError where it isn't what it is called."""
    return _READ[kind](text)


def _makefile(text: str) -> tuple[Launch, ...]:
    lines: list[str] = []
    continued = False
    for line in text.split("\n"):
        setting = _MAKE_SETTING.fullmatch(line)
        if continued:
            shell = line
        elif recipe := _MAKE_PREFIX.match(line):
            shell = " " * recipe.end() + line[recipe.end() :]
        elif setting and not line.startswith("\t"):
            shell = f"{setting[1]}=({setting[2]})" if "(" not in setting[2] else ""
        else:
            shell = ""
        # `$(NAME)` and `${NAME}` are as long as each other.
        lines.append(_MAKE_VARIABLE.sub(r"${\1}", shell))
        continued = line.endswith("\\") and bool(shell)
    return launches_in("\n".join(lines))


def _dockerfile(text: str) -> tuple[Launch, ...]:
    shell: list[str] = []
    launches: list[Launch] = []
    entry: list[tuple[str, Span]] = []
    continued = False
    for number, line in enumerate(text.split("\n"), start=1):
        head = None if continued else _DOCKER.match(line)
        rest = line[head.end() :] if head else ""
        if head and (words := _json_words(rest, number, head.end())):
            given = [*entry, *words] if head[1].upper() == "CMD" else words
            entry = words if head[1].upper() == "ENTRYPOINT" else entry
            launches += _launched(given)
            shell.append("")
        elif head and head[1].upper() in ("ENV", "ARG"):
            shell.append(re.sub(r"^(\w+)\s+(?=\S)", r"\1=", rest))
        elif head:
            start = head.end() + len((_DOCKER_OPTIONS.match(rest) or [""])[0])
            shell.append(" " * start + line[start:])
        elif continued and line.lstrip().startswith("#"):
            shell.append("\\")  # a comment between the lines of a command ends nothing
            continue
        else:
            shell.append(line if continued else "")
        continued = line.rstrip().endswith("\\") and (continued or head is not None)
    return (*launches_in("\n".join(shell)), *launches)


def _json_words(text: str, line: int, before: int) -> list[tuple[str, Span]]:
    """The words of a command in JSON, each with its place in a line; none where it is no JSON."""
    try:
        words = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return []
    places = re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"', text)
    return [
        (word, Span(line, before + place.start() + 1, line, before + place.end() + 1))
        for word, place in zip(words, places, strict=True)
    ]


def _launched(words: Sequence[tuple[str, Span]]) -> Iterator[Launch]:
    """What a command starts that is written word by word, or is one text for a shell."""
    text = next((word for word, _ in words if " " in word.strip()), None)
    launch = launch_of([word for word, _ in words])
    if launch:
        places = tuple(span for _, span in words)[len(words) - len(launch.arguments) :]
        first, last = words[0][1], words[-1][1]
        span = replace(first, end_line=last.end_line, end_column=last.end_column)
        yield replace(launch, span=span, places=places)
    elif text is not None:
        span = next(span for word, span in words if word == text)
        yield from launches_in(text, span.line, span.column + 1)


def _workflow(text: str) -> tuple[Launch, ...]:
    """The commands in the steps of any kind of workflow: by the keys that hold commands."""
    lines = text.split("\n")
    values = yaml_values(text)
    folders = {each.keys[:-1]: str(each.value) for each in values if _last(each) in _FOLDER_KEYS}
    variables = [each for each in values if len(each.keys) > 1 and each.keys[-2] in _VARIABLE_KEYS]
    steps: dict[Keys, list[Value]] = {}
    for value in values:
        if isinstance(value.value, str) and (step := _step(value.keys)) is not None:
            steps.setdefault(step, []).append(value)
    launches: list[Launch] = []
    for step, commands in steps.items():
        known = {
            str(each.keys[-1]): str(each.value)
            for each in variables
            if each.keys[:-2] == step[: len(each.keys) - 2]
        }
        words = [(str(each.value), each.span) for each in commands]
        if started := list(_launched(words)) if len(words) > 1 else []:
            launches += (_from(each, step, folders) for each in started)
            continue
        folder = ""
        for command in commands:
            shell = _written(lines, command)
            launches += (
                _from(_below(each, folder), step, folders) for each in launches_in(*shell, known)
            )
            if change := _CHANGES_FOLDER.fullmatch(shell[0]):
                folder = join(folder, change[1])
    return tuple(launches)


def _last(value: Value) -> str:
    return str(value.keys[-1]) if value.keys else ""


def _step(keys: Keys) -> Keys | None:
    """What a command belongs to: its key, or what is around, where its words stand in two keys."""
    while keys and isinstance(keys[-1], int):
        keys = keys[:-1]
    if not keys or keys[-1] not in _RUN_KEYS:
        return None
    return keys[:-1] if keys[-1] in _WORD_KEYS else keys


def _from(launch: Launch, step: Keys, folders: Mapping[Keys, str]) -> Launch:
    """The launch as it is told from the folder that its step works in."""
    around = (step[:length] for length in range(len(step), -1, -1))
    inside = (each for keys in around for each in (keys, (*keys, "defaults", "run")))
    folder = next((folders[keys] for keys in inside if keys in folders), "")
    return _below(launch, folder)


def _below(launch: Launch, folder: str) -> Launch:
    if not folder or not launch.file.endswith(SCRIPTS):
        return launch
    return replace(launch, file=normpath(join(folder, launch.file)))


def _written(lines: Sequence[str], value: Value) -> tuple[str, int, int]:
    """The text of a value as it stands in the file, with the line and column it begins at."""
    span = value.span
    first = lines[span.line - 1][span.column - 1 :]
    if head := _HEAD.fullmatch(first):
        block = lines[span.line : max(span.end_line - 1, span.line)]
        if span.end_line == len(lines):
            block = lines[span.line :]
        return (_FOLDED if head[1] == ">" else "\n").join(block), span.line + 1, 1
    quoted = first[:1] in ("'", '"')
    if span.line == span.end_line:
        return str(value.value), span.line, span.column + quoted
    rest = lines[span.line : span.end_line - 1]
    last = lines[span.end_line - 1][: span.end_column - 1 - quoted]
    return _FOLDED.join((first[quoted:], *rest, last)), span.line, span.column + quoted


_READ: Mapping[FileKind, Callable[[str], tuple[Launch, ...]]] = {
    FileKind.SHELL: launches_in,
    FileKind.MAKEFILE: _makefile,
    FileKind.DOCKERFILE: _dockerfile,
    FileKind.YAML: _workflow,
}
