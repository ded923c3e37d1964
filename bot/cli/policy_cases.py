"""`warroom policy test`: what the policies answer to the cases that stand beside them."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from bot.domain.count import counted
from bot.domain.violation import Report
from bot.errors import UsageError
from bot.integrations import body
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.integrations.request_error import RequestError
from bot.policies.cases import CaseEntry, CasesFile, Difference, differences
from bot.policies.load import load
from bot.policies.trial import Trials
from bot.settings import load_settings
from bot.yaml.problems import ConfigError, Place, Problem
from bot.yaml.reader import KeyPath, YamlFile, read
from bot.yaml.shape import shaped

CASES = "cases"
DIFFERENT = 1


@click.command(short_help="Try the cases in cases/*.yaml on the policies.")
@click.option(
    "--config",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the configuration; WARROOM_CONFIG unless given.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def test(extensions: Sequence[Extension], folder: Path | None, *, as_json: bool) -> None:
    """Try the cases in cases/*.yaml on the policies; exit code 1 where an answer differs.

    A case is a violation with the time at which it comes, and what the answer to it has to be. No
    database is asked, and exceptions are none of this. Exit code 2: what can't be read.
    """
    folder = folder or load_settings().warroom_config
    trials = Trials(load(folder, with_built_in(extensions).sections))
    files = sorted((folder / CASES).glob("*.yaml"))
    if not files:
        raise UsageError(
            f"found no cases in {folder / CASES}, need files such as export.yaml there"
        )
    count, found = 0, []
    for source, cases in _read(files):
        for number, (case, report) in enumerate(_with_reports(source, cases)):
            count += 1
            answer = trials.of(report, case.source, case.now)
            for each in differences(case.expect, answer):
                path = (CASES, number, "expect", each.key)
                found.append((source.place(path, key=True), case.name, each))
    if as_json:
        failed = [_as_json(*each) for each in found]
        click.echo(json.dumps({"cases": count, "failed": failed}, indent=2, ensure_ascii=False))
    else:
        for place, name, each in found:
            words = f"{each.key}: expected {each.expected}, found {each.found}"
            click.echo(f'{place}: case "{name}": {words}')
        click.echo(f"{counted(count, 'case')}, {counted(len(found), 'difference')}.")
    sys.exit(DIFFERENT if found else 0)


def _read(files: Sequence[Path]) -> list[tuple[YamlFile, CasesFile]]:
    """All files of cases. ConfigError with every problem in them."""
    problems: list[Problem] = []
    found = []
    for path in files:
        try:
            source = read(path, str(path))
        except ConfigError as error:
            problems += error.problems
            continue
        cases = shaped(source, CasesFile, source.data, (), problems)
        if cases:
            found.append((source, cases))
    if problems:
        raise ConfigError(problems)
    return found


def _with_reports(source: YamlFile, cases: CasesFile) -> Iterator[tuple[CaseEntry, Report]]:
    """Each case with its report. ConfigError for a body that the webhook wouldn't take."""
    for number, case in enumerate(cases.cases):
        try:
            data = body.parse(json.dumps(case.body).encode())
            yield case, body.report(data, case.now)
        except RequestError as error:
            path = (CASES, number, "violation")
            told = [(_keys(each.path), f"{each.path}: {each.message}") for each in error.detail]
            raise ConfigError(
                source.problem((*path, *keys), message)
                for keys, message in told or [((), error.message)]
            ) from error


def _keys(path: str) -> KeyPath:
    return tuple(int(part) if part.isdecimal() else part for part in path.split("."))


def _as_json(place: Place, name: str, difference: Difference) -> dict[str, Any]:
    where = {"file": place.file, "line": place.line, "column": place.column}
    return {"case": name, **where, **difference._asdict()}
