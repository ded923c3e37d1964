"""`import:` in `people.yaml`: where people come from besides the file.

Rules
- An entry names one source: a CSV file, a command that prints one, or Slack.
- A file that isn't there is no mistake of the configuration's: an export may be about to write it
  anew. Its import fails, as any other does.
- Each source has a name of its own, under which the record keeps what came from it. Of a command
  the name has the program only: an argument may be a secret.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from bot.domain.value import Value
from bot.yaml.problems import Problem
from bot.yaml.reader import YamlFile
from bot.yaml.shape import shaped

_Word = Annotated[str, StringConstraints(min_length=1)]


class CsvImport(Value):
    """A CSV file; `place` is where the configuration names it."""

    name: str
    path: Path
    place: str

    @property
    def absence(self) -> str | None:
        """What is to be said where there is no such file, with its place; None where there is."""
        with suppress(OSError):  # a folder that nobody may look into, a name that can't be one
            if self.path.is_file():
                return None
        found = f"csv: found no file {self.path}"
        return f"{self.place}: {found}, need one: the path starts in its folder"


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


class ImportEntry(Value):
    """One source of people."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("csv", "command", "slack")]}
    )

    csv: _Word | None = Field(default=None, description="the path of a CSV file, in quotes")
    command: Annotated[tuple[_Word, ...], Field(min_length=1)] | None = Field(
        default=None, description="a list: a program and its arguments"
    )
    slack: _SlackEntry | None = None

    def named(self, folder: Path, csv_place: str) -> Import | None:
        """The one source of this entry; None where there is none or more than one."""
        sources: list[Import] = []
        if self.csv:
            sources.append(
                CsvImport(name=f"csv {self.csv}", path=folder / self.csv, place=csv_place)
            )
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
        entry = shaped(source, ImportEntry, data, path, problems)
        if entry is None:
            continue
        one = entry.named(folder, str(source.place((*path, "csv"))))
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
        found.append(one)
    return tuple(found)
