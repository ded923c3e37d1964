"""One file, from its bytes to what it says and does.

Rules
- Whatever lies there ends as a reading: what can't be read says why, and nothing is run.
- What doesn't pass the prefilter isn't decoded: it does nothing that is looked for.
"""

from dataclasses import replace
from pathlib import Path

from bot.check import blocks
from bot.check.configs import MAX_BYTES as MAX_SETTINGS_BYTES
from bot.check.configs import SettingsFiles, settings_in
from bot.check.known import KnownCalls
from bot.check.launchers import launches_of
from bot.check.notebook import code_in, notebook
from bot.check.opening import SkippedError, UnreadableError, content_of, decoded
from bot.check.prefilter import Prefilter
from bot.check.python.read import read_python
from bot.check.python.tree import Tree
from bot.check.recipes import recipe_uses
from bot.check.uses import FileReading, Span, Unreadable
from bot.check.walk import MAX_BYTES, FileKind, SourceFile

_CALLS = (FileKind.PYTHON, FileKind.NOTEBOOK)  # what may call what another module defines


class Reader:
    """Reads the files below one folder, with the files of settings that they name."""

    def __init__(self, root: Path, known: KnownCalls) -> None:
        self._known = known
        self._settings = SettingsFiles(root)
        self._prefilter = Prefilter(known)
        self._tree = Tree.of(self._settings, known, self._prefilter)

    def glance(self, file: SourceFile) -> FileReading | None:
        """What a file says that isn't worth reading, or can't be; None where it is to be read."""
        try:
            content = content_of(file.place, MAX_BYTES)
        except SkippedError as error:
            return FileReading(file.path, trains=False, skipped=error.why)
        if self._prefilter.passes(file.kind, content):
            return None
        if file.kind is FileKind.NOTEBOOK:
            content = code_in(content)
        if file.kind in _CALLS and self._tree.callers.may_start(file.path, content):
            return None
        return FileReading(file.path, trains=False)

    def read(self, file: SourceFile) -> FileReading:
        """What a file that is worth reading says and does."""
        try:
            content = content_of(file.place, MAX_BYTES)
            text = decoded(content, python=file.kind is FileKind.PYTHON)
            return self._read(file, text)
        except SkippedError as error:
            return FileReading(file.path, trains=False, skipped=error.why)
        except UnreadableError as error:
            return FileReading(file.path, trains=False, unreadable=error.unreadable)
        except (RecursionError, MemoryError):
            unreadable = Unreadable("found more nested than can be read", Span(1, 1, 1, 1))
            return FileReading(file.path, trains=False, unreadable=unreadable)

    def _read(self, file: SourceFile, text: str) -> FileReading:
        if file.kind is FileKind.PYTHON:
            return self._python(file.path, text)
        if file.kind is FileKind.NOTEBOOK:
            cells = notebook(text)
            return cells.in_file(self._python(file.path, cells.text))
        if file.kind is FileKind.YAML:
            return _yaml(file.path, text)
        return FileReading(
            file.path,
            trains=False,
            launches=launches_of(file.kind, text),
            blocks=blocks.at_top(text),
            ignored=blocks.suppressing(text),
        )

    def _python(self, path: str, text: str) -> FileReading:
        return read_python(path, text, self._known, self._settings, self._tree)


def _yaml(path: str, text: str) -> FileReading:
    """A training configuration, a workflow, or neither."""
    reading = FileReading(
        path, trains=False, blocks=blocks.at_top(text), ignored=blocks.suppressing(text)
    )
    if len(text) > MAX_SETTINGS_BYTES:
        why = f"larger than {MAX_SETTINGS_BYTES // 1_000_000} MB of settings"
        return FileReading(path, trains=False, skipped=why)
    try:
        uses = recipe_uses(settings_in(path, text), text)
        launches = () if uses else launches_of(FileKind.YAML, text)
    except UnreadableError as error:
        # No finding: much that ends with .yaml is a template of YAML, and nothing runs it as it is.
        why = f"{error.unreadable.why}, in line {error.unreadable.span.line}"
        return FileReading(path, trains=False, skipped=why)
    return replace(reading, trains=bool(uses), uses=uses, launches=launches)
