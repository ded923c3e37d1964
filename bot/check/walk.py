"""The files to look at: by name and kind, in a stable order, with why others are left out.

Rules
- A link that is met on the way is not followed: what it leads to is met itself where it is below
  the folder, and isn't ours where it is not. So no circle of links is a circle here. Only where a
  link makes code of a file that isn't met as code, it is read by the link's name.
- A path that is named is followed. Nothing is opened but a file without an ending, for its first
  line.
- What others made, an environment or a package manager's folder, is left out and told, with how
  much of it git keeps: nobody commits an environment, and what is committed may be anybody's.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.check.git import tracked
from bot.check.opening import SkippedError, first_bytes

MAX_BYTES = 5_000_000
_NOT_OURS = {
    "node_modules": "packages of others",
    "site-packages": "packages of others",
    ".eggs": "packages of others",
    ".tox": "a virtual environment",
    ".nox": "a virtual environment",
    ".venv": "a virtual environment",
}
# Nobody writes code in these: they are not worth a word.
_SILENT = frozenset(
    (".git", ".hg", ".svn", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache")
) | {".pytest_cache", ".hypothesis"}
_FIRST_LINE = 128


class FileKind(StrEnum):
    """What a file is read as."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    YAML = "yaml"
    SHELL = "shell"
    MAKEFILE = "makefile"
    DOCKERFILE = "dockerfile"


NOTHING_MET = (
    "nothing to look at was found: Python, notebooks, YAML, scripts of the shell, Makefiles and "
    "Dockerfiles are looked at"
)

_BY_ENDING = {
    ".py": FileKind.PYTHON,
    ".pyw": FileKind.PYTHON,
    ".ipynb": FileKind.NOTEBOOK,
    ".yaml": FileKind.YAML,
    ".yml": FileKind.YAML,
    ".sh": FileKind.SHELL,
    ".bash": FileKind.SHELL,
    ".zsh": FileKind.SHELL,
    ".slurm": FileKind.SHELL,
    ".sbatch": FileKind.SHELL,
    ".mk": FileKind.MAKEFILE,
    ".dockerfile": FileKind.DOCKERFILE,
}
_BY_NAME = {
    "makefile": FileKind.MAKEFILE,
    "gnumakefile": FileKind.MAKEFILE,
    "dockerfile": FileKind.DOCKERFILE,
    "containerfile": FileKind.DOCKERFILE,
}


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A file to look at; `path` is relative to the folder that is checked, with `/`."""

    path: str
    place: Path
    kind: FileKind


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """What is not looked at, and why."""

    path: str
    why: str


def root_of(paths: Sequence[Path], working: Path) -> Path:
    """The folder that files are told from: the working folder, or one that holds all paths."""
    places = [Path(os.path.abspath(working / path)) for path in paths]  # noqa: PTH100 - keeps links
    if all(place.is_relative_to(working) for place in places):
        return working
    folders = [place if _is_folder(place) else place.parent for place in places]
    return Path(os.path.commonpath(folders))


def walk(paths: Sequence[Path], root: Path) -> Iterator[SourceFile | LeftOut]:
    """The files at and below `paths`, each once, in no order."""
    met: set[str] = set()
    for path in paths:
        for each in _below(Path(os.path.abspath(path)), root):  # noqa: PTH100 - keeps links
            if each.path not in met:
                met.add(each.path)
                yield each


def _below(path: Path, root: Path) -> Iterator[SourceFile | LeftOut]:
    folders = [path]
    if not _is_folder(path):
        named = list(_file(path, root))
        yield from named or [LeftOut(_called(path, root), "of no kind that is read")]
        return
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            yield LeftOut(_called(folder, root), f"can't be read ({error.strerror})")
            continue
        for entry in entries:
            here = Path(entry.path)
            if entry.is_symlink():
                yield from _link(here, root)
            elif not entry.is_dir(follow_symlinks=False):
                yield from _file(here, root)
            elif why := _not_ours(here):
                kept = tracked(here)
                more = (
                    f"; git keeps {kept} {'file' if kept == 1 else 'files'} of it" if kept else ""
                )
                yield LeftOut(_called(here, root), f"{why}{more}")
            elif entry.name not in _SILENT:
                folders.append(here)


def _link(link: Path, root: Path) -> Iterator[SourceFile | LeftOut]:
    """A link, where it could lead to something to look at."""
    if not _stats(link):
        yield LeftOut(_called(link, root), "a link that leads nowhere")
    elif not _is_folder(link) and _is_met_only_here(link, root):
        yield from _file(link, root)
    elif _is_folder(link) or _kind(link, plain=False):
        yield LeftOut(_called(link, root), "a link, which is not followed")


def _is_met_only_here(link: Path, root: Path) -> bool:
    """Whether a link makes code of a file below the root that isn't met as that by itself."""
    kind = _kind(link, plain=False)
    real = Path(os.path.realpath(link))
    base = Path(os.path.realpath(root))
    if not kind or not real.is_relative_to(base):
        return False
    passed_over = not _SILENT.union(_NOT_OURS).isdisjoint(real.relative_to(base).parts)
    return passed_over or _kind(real, plain=False) is not kind


def _not_ours(folder: Path) -> str:
    if folder.name in _NOT_OURS:
        return _NOT_OURS[folder.name]
    return "a virtual environment" if _stats(folder / "pyvenv.cfg") else ""


def _is_folder(path: Path) -> bool:
    about = _stats(path)
    return about is not None and stat.S_ISDIR(about.st_mode)


def _stats(path: Path) -> os.stat_result | None:
    """What the system says of a path; None where it says nothing, for whatever reason."""
    try:
        return path.stat()
    except OSError:
        return None


def _file(file: Path, root: Path) -> Iterator[SourceFile | LeftOut]:
    """The file, if it is of a kind that is read."""
    path = _called(file, root)
    try:
        about = file.stat()
    except OSError as error:
        yield LeftOut(path, f"can't be read ({error.strerror})")
        return
    try:
        kind = _kind(file, plain=stat.S_ISREG(about.st_mode))
    except SkippedError as error:
        yield LeftOut(path, error.why)
        return
    if not kind:
        return
    if not stat.S_ISREG(about.st_mode):
        yield LeftOut(path, "no plain file")
    elif about.st_size > MAX_BYTES:
        yield LeftOut(path, f"larger than {MAX_BYTES // 1_000_000} MB")
    else:
        yield SourceFile(path, file, kind)


def _kind(file: Path, *, plain: bool) -> FileKind | None:
    name = file.name.lower()
    kind = _BY_ENDING.get(file.suffix.lower()) or _BY_NAME.get(name.split(".")[0])
    if kind or file.suffix or not plain:
        return kind
    line = first_bytes(file, _FIRST_LINE).split(b"\n")[0]
    if not line.startswith(b"#!"):
        return None
    if b"python" in line:
        return FileKind.PYTHON
    return FileKind.SHELL if line.rstrip().endswith(b"sh") else None


def _called(file: Path, root: Path) -> str:
    """The path as it is told: relative to the root, or as it is where it lies elsewhere."""
    try:
        return file.relative_to(root).as_posix()
    except ValueError:
        return file.as_posix()
