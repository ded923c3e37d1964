"""The modules of a tree that run with a script, since it imports them, or they each other.

Rules
- Nothing is imported to know that: what an import names is looked for as a file, in the folders
  that Python would look in, and beside the module for one that begins with a dot.
- The `__init__` of each package on the way runs as well.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.check.opening import SkippedError, UnreadableError, content_of, decoded
from bot.check.walk import MAX_BYTES

FILES_MOST = 500


def imported(script: Path, folders: Sequence[Path]) -> tuple[Path, ...]:
    """The files that run with `script`, without it, for as many as are looked at."""
    met = {script: None}
    todo = [script]
    while todo and len(met) < FILES_MOST:
        file = todo.pop()
        for name, level in _named(file):
            around = folders if level == 0 else (file.parents[min(level, len(file.parents)) - 1],)
            for folder in around:
                fresh = [each for each in _files(folder, name) if each not in met]
                met |= dict.fromkeys(fresh)
                todo += fresh
    return tuple(each for each in met if each != script)


def _named(file: Path) -> Iterator[tuple[str, int]]:
    """The modules that a file names, each with the dots before it."""
    try:
        tree = ast.parse(decoded(content_of(file, MAX_BYTES), python=True))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, 0) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = f"{node.module}." if node.module else ""
                yield from ((f"{base}{alias.name}", node.level) for alias in node.names)
    except (SkippedError, UnreadableError, SyntaxError, ValueError, RecursionError, MemoryError):
        return  # what can't be read is said of the file where it is looked at


def _files(folder: Path, name: str) -> Iterator[Path]:
    """The files of a module and of the packages on the way to it."""
    for part in name.split("."):
        package, module = folder / part / "__init__.py", folder / f"{part}.py"
        if package.is_file():
            yield package
        elif module.is_file():
            yield module
        folder /= part
