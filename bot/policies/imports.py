"""`import:` in `people.yaml`: where people come from besides the file.

Rules
- An entry names one source: a CSV file, a command that prints one, or Slack.
- Each source has a name of its own, under which the record keeps what came from it. Of a command
  the name has the program only: an argument may be a secret.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, assert_never

from pydantic import Field, StringConstraints

from bot.domain.value import Value
from bot.yaml.problems import Problem
from bot.yaml.reader import YamlFile
from bot.yaml.shape import shaped

_Word = Annotated[str, StringConstraints(min_length=1)]


class CsvImport(Value):
    """A CSV file."""

    name: str
    path: Path


class CommandImport(Value):
    """A program with its arguments, run in `folder`, which prints people."""

    name: str
    argv: tuple[str, ...]
    folder: Path


class SlackImport(Value):
    """Everybody in Slack; `github_field` is the profile field with their GitHub login."""

    name: str
    github_field: str


Import = CsvImport | CommandImport | SlackImport


class _SlackEntry(Value):
    github_field: _Word = Field(
        description="the id (Xf…) or the label of the profile field that has the GitHub login"
    )


class _Entry(Value):
    csv: _Word | None = Field(default=None, description="the path of a CSV file, in quotes")
    command: Annotated[tuple[_Word, ...], Field(min_length=1)] | None = Field(
        default=None, description="a list: a program and its arguments"
    )
    slack: _SlackEntry | None = None

    def named(self, folder: Path) -> Import | None:
        """The one source of this entry; None where there is none or more than one."""
        sources: list[Import] = []
        if self.csv:
            sources.append(CsvImport(name=f"csv {self.csv}", path=folder / self.csv))
        if self.command:
            name = f"command {self.command[0]}"
            sources.append(CommandImport(name=name, argv=self.command, folder=folder))
        if self.slack:
            sources.append(SlackImport(name="slack", github_field=self.slack.github_field))
        return sources[0] if len(sources) == 1 else None


def imports(
    source: YamlFile, entries: Sequence[Any], folder: Path, problems: list[Problem]
) -> tuple[Import, ...]:
    """The sources that the file's `import` lists; what is wrong goes to `problems`."""
    found: list[Import] = []
    programs: Counter[str] = Counter()
    for number, data in enumerate(entries):
        path = ("import", number)
        entry = shaped(source, _Entry, data, path, problems)
        if entry is None:
            continue
        one = entry.named(folder)
        if one is None:
            message = "need one of csv, command or slack in each entry"
            problems.append(source.problem(path, message))
            continue
        if isinstance(one, CommandImport):
            programs[one.name] += 1
            if programs[one.name] > 1:
                one = one.but(name=f"{one.name} ({programs[one.name]})")
        if one.name in {each.name for each in found}:
            problems.append(source.problem(path, f"found {one.name!r} twice, need each once"))
            continue
        problems += (source.problem((*path, *where), said) for where, said in _unusable(one))
        found.append(one)
    return tuple(found)


def _unusable(one: Import) -> Iterator[tuple[tuple[str, ...], str]]:
    match one:
        case CsvImport(path=path):
            if not path.is_file():
                yield (
                    ("csv",),
                    f"csv: found no file {path}, need one: the path starts in its folder",
                )
        case CommandImport() | SlackImport():
            pass
        case _:
            assert_never(one)
