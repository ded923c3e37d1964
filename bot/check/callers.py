"""Which scripts may start training that stands in another module, and which modules say on what.

Rules
- It may say yes too often. It says no where no import leads to a module with a step of training, or
  where nothing that is imported of such a module is called by a script's own statements.
- No file is asked twice, however many import it.
"""

import re
from collections.abc import Callable, Iterator

from bot.check.modules import ModuleFiles, imports_in
from bot.check.prefilter import Prefilter

# A script's guard, a block of its own statements, a main function, or what a framework starts.
_BEGINS = re.compile(rb"^(?:if|for|while|with|try|match)\b|^(?:async )?def main\b|^@", re.MULTILINE)


class Callers:
    """Answers for a file what it is worth to follow from it; `steps` says where training stands."""

    def __init__(
        self, files: ModuleFiles, prefilter: Prefilter, steps: Callable[[str], bool]
    ) -> None:
        self._files = files
        self._trains = _Leads(
            files, lambda path, content: prefilter.may_train(content) and steps(path)
        )
        self._uses = _Leads(files, lambda _, content: prefilter.uses(content))

    def may_start(self, path: str, content: bytes) -> bool:
        """Whether a script may train by what it calls in other modules."""
        imported = imported_by(self._files, path, content)
        names = [own for own, other in imported if self.leads_to_training(other)]
        if not names:
            return False
        called = "|".join(
            r"\w+" if name == "*" else re.escape(name.partition(".")[0]) for name in names
        )
        calls = re.compile(
            rf"^(?!from |import |def |class |#|\s).*\b(?:{called})\b".encode(), re.MULTILINE
        )
        return bool(_BEGINS.search(content) or calls.search(content))

    def leads_to_training(self, path: str) -> bool:
        """Whether a step of training stands in a module, or in one that it imports."""
        return self._trains.to(path)

    def leads_to_uses(self, path: str) -> bool:
        """Whether a module, or one that it imports, may call anything that the catalogue knows."""
        return self._trains.to(path) or self._uses.to(path)


class _Leads:
    """Whether a module, or one that it imports, is such a one; each is asked once."""

    def __init__(self, files: ModuleFiles, asked: Callable[[str, bytes], bool]) -> None:
        self._files = files
        self._asked = asked
        self._known: dict[str, bool] = {}

    def to(self, path: str) -> bool:
        if path in self._known:
            return self._known[path]
        led_by: dict[str, str | None] = {path: None}
        todo = [path]
        while todo:
            each = todo.pop()
            content = self._files.content(each)
            if self._known.get(each, False) or self._asked(each, content):
                way: str | None = each
                while way is not None:  # so does all that led there
                    self._known[way] = True
                    way = led_by[way]
                return True
            fresh = {other for _, other in imported_by(self._files, each, content)} - led_by.keys()
            led_by |= dict.fromkeys(fresh, each)
            todo += [other for other in fresh if self._known.get(other, True)]
        self._known |= dict.fromkeys(led_by, False)
        return False


def imported_by(files: ModuleFiles, path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """What a file imports of the tree: the name that it has there, and the module's file."""
    for dotted, own in imports_in(content):
        part = files.find(dotted, path)
        if part and part.path != path:
            yield own, part.path
