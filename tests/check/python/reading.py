"""Small sources, read: what they use, in a line for each use."""

from pathlib import Path
from textwrap import dedent

from bot.check.configs import SettingsFiles
from bot.check.known import KnownCalls, packaged
from bot.check.python.read import read_python
from bot.check.uses import FileReading, Use

# Behind the source under test, so that the file trains and its lines stay.
_TRAINS = "\nimport xgboost\nxgboost.train({})\n"


def read(
    source: str,
    path: str = "train.py",
    root: Path = Path("/nowhere"),
    known: KnownCalls | None = None,
) -> FileReading:
    """The source as a file of that name."""
    text = dedent(source).removeprefix("\n")
    return read_python(path, text, known or packaged(), SettingsFiles(root))


def told(use: Use) -> str:
    """A use in a line: kind, name, how and line, then role, export, where else, and flags."""
    parts = [use.kind, use.name if use.name is not None else "?", use.how, f":{use.span.line}"]
    parts += [use.role] if use.role else []
    parts += [f"->{use.export}"] if use.export else []
    parts += [f"in {use.within}"] if use.within else []
    return " ".join([*parts, *sorted(f"+{flag}" for flag in use.flags)])


def training(source: str, path: str = "train.py", root: Path = Path("/nowhere")) -> FileReading:
    """The source as a script that trains as well."""
    reading = read(dedent(source) + _TRAINS, path, root)
    assert reading.trains
    return reading


def uses(source: str, root: Path = Path("/nowhere")) -> list[str]:
    """What a training script of that source uses."""
    return [told(use) for use in training(source, root=root).uses]
