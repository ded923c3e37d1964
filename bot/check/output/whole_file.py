"""A file that is written whole or not at all.

Rules
- It is written beside its place and moved there: whoever reads meets all of it, or what was before.
- A link stays one, and leads to what was written. What is no file, such as /dev/null, is written
  to.
"""

import os
from contextlib import suppress
from pathlib import Path

from bot.errors import UsageError


def ready(path: Path) -> None:
    """UsageError where no file can be written at `path`, as far as can be told before."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder, need a file to write to")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")


def write(path: Path, text: str) -> None:
    """Write a file of UTF-8. UsageError."""
    try:
        _write(Path(os.path.realpath(path)), text)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)  # of a process of that number, which was ended as it wrote
        with beside.open("x", encoding="utf-8") as file:
            file.write(text)
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
