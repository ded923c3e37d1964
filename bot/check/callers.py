"""Which scripts may start training that stands in another module: by their bytes, as a prefilter.

Rules
- It may say yes too often. It says no where no import leads to a module with a step of training, or
  where nothing that is imported of such a module is called by a script's own statements.
- No file is asked twice, however many import it.
"""

import re
from collections.abc import Iterator

from bot.check.modules import ModuleFiles, imports_in
from bot.check.prefilter import Prefilter
from bot.check.walk import FileKind

# A script's guard, a block of its own statements, a main function, or what a framework starts.
_BEGINS = re.compile(rb"^(?:if|for|while|with|try|match)\b|^(?:async )?def main\b|^@", re.MULTILINE)


class Callers:
    """Answers for one file whether what it imports of the tree may train."""

    def __init__(self, files: ModuleFiles, prefilter: Prefilter) -> None:
        self._files = files
        self._prefilter = prefilter
        self._trains: dict[str, bool] = {}

    def may_start(self, path: str, content: bytes) -> bool:
        """Whether a script may train by what it calls in other modules."""
        names = [own for own, other in self._imported(path, content) if self._may_train(other)]
        if not names:
            return False
        called = "|".join(re.escape(name.partition(".")[0]) for name in names)
        calls = re.compile(
            rf"^(?!from |import |def |class |#|\s).*\b(?:{called})\b".encode(), re.MULTILINE
        )
        return bool(_BEGINS.search(content) or calls.search(content))

    def _imported(self, path: str, content: bytes) -> Iterator[tuple[str, str]]:
        """What a file imports of the tree: the name that it has there, and the module's file."""
        for dotted, own in imports_in(content):
            part = self._files.find(dotted, path)
            if part and part.path != path:
                yield own, part.path

    def _may_train(self, path: str) -> bool:
        """Whether a step of training stands in a module, or in one that it imports."""
        if path in self._trains:
            return self._trains[path]
        met = {path}
        todo = [path]
        may = False
        while todo and not may:
            each = todo.pop()
            content = self._files.content(each)
            may = self._trains.get(each, False) or self._prefilter.passes(FileKind.PYTHON, content)
            fresh = {other for _, other in self._imported(each, content)} - met
            met |= fresh
            todo += [other for other in fresh if self._trains.get(other, True)]
        self._trains |= {path: True} if may else dict.fromkeys(met, False)
        return may
