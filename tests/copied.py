"""A copy of the bot with edits in it: another version of it, or one that lacks something."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Edit(NamedTuple):
    """In a file below `bot/`, what stands there once, and what takes its place."""

    file: str
    old: str
    new: str


# An event of a room that this version has never heard of.
WEIGHED = (
    Edit(
        "domain/events.py",
        "class Joined(Happened):",
        '''class Weighed(Happened):
    """So much of it there is."""

    kind: Literal["weighed"] = "weighed"
    grams: int


class Joined(Happened):''',
    ),
    Edit("domain/events.py", "Later = (\n    Joined\n", "Later = (\n    Joined\n    | Weighed\n"),
)


def copied(folder: Path, edits: Iterable[Edit]) -> Path:
    """`folder` with a copy of the bot in it, edited."""
    shutil.copytree(ROOT / "bot", folder / "bot")
    shutil.copy(ROOT / "pyproject.toml", folder)
    edited(folder, edits)
    return folder


def edited(folder: Path, edits: Iterable[Edit]) -> None:
    """Change a copy."""
    for edit in edits:
        path = folder / "bot" / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f"{edit.file} has not one {edit.old!r}"
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
