"""The modules of a tree that its files import: which file is meant, and what of it.

Rules
- Nothing is imported to know that. A module is looked for beside the file that names it, then in
  each folder above it up to the root, and in `src` there; as Python does, not in a package for a
  name without dots before it.
- A file counts only where it is a plain one and lies below the root, wherever links lead.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bot.check.opening import SkippedError, content_of

MAX_BYTES = 1_000_000
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]{0,4000}\)|[^\n#]*)"
    rb"|import[ \t]+([^\n#]+))",
    re.MULTILINE,
)
_NAME = re.compile(rb"([.\w]+)(?:\s+as\s+(\w+))?|\*")


@dataclass(frozen=True, slots=True)
class Part:
    """A module's file, relative to the root, and what of it is meant: `fit`, `Fitter().fit`."""

    path: str
    of_it: str = ""


@dataclass(slots=True)
class ModuleFiles:
    """Finds the files of modules below a root, and asks for each once."""

    root: Path
    _files: dict[PurePosixPath, bool] = field(default_factory=dict)
    _folders: dict[PurePosixPath, tuple[PurePosixPath, ...]] = field(default_factory=dict)
    _begins: dict[tuple[PurePosixPath, str], bool] = field(default_factory=dict)

    def find(self, dotted: str, from_: str) -> Part | None:
        """What a dotted name means that the file `from_` imports; None where it isn't here."""
        bare = dotted.lstrip(".")
        level = len(dotted) - len(bare)
        parts = bare.split(".")
        here = PurePosixPath(from_)
        folders = here.parents[level - 1 : level] if level else self._searched(here.parent)
        called = (at for at, part in enumerate(parts) if not part.isidentifier())
        most = next(called, len(parts))
        for folder in folders:
            if not level and not self._may_begin(folder, parts[0]):
                continue
            for count in range(most, -1 if level else 0, -1):
                base = folder.joinpath(*parts[:count])
                for file in (base / "__init__.py", base.parent / f"{base.name}.py"):
                    if self._is_file(file) and file != here:
                        return Part(file.as_posix(), ".".join(parts[count:]))
        return None

    def shadows(self, name: str, from_: str) -> bool:
        """Whether a module beside a script goes before the library that is called so."""
        folder = PurePosixPath(from_).parent
        beside = (folder / f"{name}.py", folder / name / "__init__.py")
        return not self._is_file(folder / "__init__.py") and any(
            self._is_file(each) and each != PurePosixPath(from_) for each in beside
        )

    def content(self, path: str) -> bytes:
        """The bytes of a module's file; none where they can't be read."""
        try:
            return content_of(self.root / path, MAX_BYTES)
        except SkippedError:
            return b""

    def _searched(self, folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
        """The folders that a name without dots is looked for in, from a file in one."""
        if folder not in self._folders:
            around = (each for each in (folder, *folder.parents) if not self._is_package(each))
            self._folders[folder] = tuple(each / below for each in around for below in (".", "src"))
        return self._folders[folder]

    def _may_begin(self, folder: PurePosixPath, name: str) -> bool:
        """Whether anything in a folder is called so: most names are a library's."""
        key = (folder, name)
        if key not in self._begins:
            place = self.root / folder / name
            self._begins[key] = place.is_dir() or place.with_suffix(".py").is_file()
        return self._begins[key]

    def _is_package(self, folder: PurePosixPath) -> bool:
        return self._is_file(folder / "__init__.py")

    def _is_file(self, file: PurePosixPath) -> bool:
        if file not in self._files:
            self._files[file] = self._lies_below(self.root / file)
        return self._files[file]

    def _lies_below(self, file: Path) -> bool:
        if not file.is_file():
            return False
        return Path(os.path.realpath(file)).is_relative_to(os.path.realpath(self.root))


def imports_in(content: bytes) -> Iterator[tuple[str, str]]:
    """What the bytes of a file import: each dotted name, and the name that it has there.

    That is `*` where all names of a module are imported.
    """
    for match in _IMPORT.finditer(content):
        origin = match[1].decode("ascii", "replace") if match[1] else ""
        for name in _NAME.finditer(match[2] or match[3]):
            if not name[1]:  # all that a module has
                if match[1]:
                    yield origin, "*"
                continue
            text = name[1].decode("ascii", "replace")
            own = (name[2] or name[1]).decode("ascii", "replace")
            dotted = f"{origin.rstrip('.')}.{text}" if origin.strip(".") else f"{origin}{text}"
            yield dotted, own
