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

from bot.check.commands import SCRIPTS, launch_of, launches_in, may_start
from bot.check.shell import logical_lines
from bot.check.uses import Launch, Span
from bot.check.values import Keys, Value, yaml_values
from bot.check.walk import FileKind

_MAKE_SETTING = re.compile(
    r"\s*(?:export\s+|override\s+)?([\w.]+)\s*(?:\?|:{1,3}|\+)?=\s*(.*)", re.DOTALL
)
_MAKE_PREFIX = re.compile(r"\t[@+\- \t]*")
_MAKE_VARIABLE = re.compile(r"\$\(([\w.]+)\)")
_DOCKER = re.compile(
    r"\s*(?:ONBUILD\s+)?(RUN|CMD|ENTRYPOINT|ENV|ARG)\s+(?:--\w+(?:=\S+)?\s+)*", re.IGNORECASE
)
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
    return _READ[kind](text) if may_start(text) else ()


def _makefile(text: str) -> tuple[Launch, ...]:
    """The commands of the recipes, each in a shell of its own."""
    variables: dict[str, str] = {}
    recipes: list[tuple[str, int]] = []
    for whole, number, _ in logical_lines(text):
        # `$(NAME)` and `${NAME}` are as long as each other.
        line = _MAKE_VARIABLE.sub(r"${\1}", whole)
        if recipe := _MAKE_PREFIX.match(line):
            recipes.append((" " * recipe.end() + line[recipe.end() :], number))
        elif setting := _MAKE_SETTING.fullmatch(line.partition("#")[0].replace("\\\n", " ")):
            variables[setting[1]] = setting[2].strip()
    return tuple(
        launch for shell, number in recipes for launch in launches_in(shell, number, 1, variables)
    )


def _dockerfile(text: str) -> tuple[Launch, ...]:
    """The commands that an image is built by, and that it starts, each in a shell of its own."""
    variables: dict[str, str] = {}
    launches: list[Launch] = []
    entry: list[tuple[str, Span]] = []
    for whole, number, _ in logical_lines(_without_comments(text)):
        head = _DOCKER.match(whole)
        if not head:
            continue
        word, rest = head[1].upper(), whole[head.end() :]
        if word in ("ENV", "ARG"):
            for setting in re.finditer(r"(\w+)(?:=|\s+)(\"[^\"\n]*\"|\S+)", rest):
                variables[setting[1]] = setting[2].strip('"')
        elif words := _json_words(rest, number, head.end()):
            launches += _launched([*entry, *words] if word == "CMD" else words)
            entry = words if word == "ENTRYPOINT" else entry
        else:
            launches += launches_in(" " * head.end() + rest, number, 1, variables)
    return tuple(launches)


def _without_comments(text: str) -> str:
    """The text without the comments between the lines of a command, which end nothing there."""
    lines: list[str] = []
    for line in text.split("\n"):
        inside = bool(lines) and lines[-1].rstrip().endswith("\\")
        lines.append("\\" if inside and line.lstrip().startswith("#") else line)
    return "\n".join(lines)


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
