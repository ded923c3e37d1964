"""What a passport is made from, read of files and of the environment, as `bot.passport` takes it.

Rules
- A declaration is read as `warroom check` reads it; what a machine wrote and nobody has reviewed,
  and a pattern, says nothing.
- A data set that the catalogue knows has its classification, version, digest and covenant from
  there.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from bot.check import standards
from bot.check.catalogue import Entry
from bot.check.declaration import FROM_ARGUMENTS, Declaration
from bot.check.declarations import FILE_NAME, Declarations
from bot.check.known import KnownCalls
from bot.check.scan import scan
from bot.check.uses import FileReading
from bot.client.ci.systems import run
from bot.client.evaluation_files import rows
from bot.client.reading import content
from bot.errors import UsageError
from bot.passport.making import Said, moment, named, of_evaluation
from bot.passport.model_card import CardError, of_card
from bot.passport.predicate import REACH

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def declared(file: Path) -> dict[str, Said]:
    """What a training script or a `guardrails.yaml` declares. UsageError."""
    file = file.resolve()
    root = file.parent
    reading = FileReading(file.name, trains=False)
    if file.name != FILE_NAME:
        held = standards.load(os.environ, Path.cwd())
        readings = scan((file,), root, KnownCalls.with_own(held.calls)).readings
        if not readings:
            raise UsageError(f"--guardrails: {file} is no file that declares anything")
        (reading,) = readings
    found = Declarations(root).of(reading)
    if not found.readable or found.problems:
        why = "; ".join(map(str, found.problems)) or "it can't be read"
        raise UsageError(f"--guardrails: {file}: {why}")
    if found.declaration is None:
        raise UsageError(f"--guardrails: {file} has no guardrails block, and none holds for it")
    return _of_declaration(found.declaration)


def _of_declaration(declaration: Declaration) -> dict[str, Said]:
    where = {key: f"{path}:{span.line}: {key}" for key, (path, span) in declaration.places.items()}
    said: dict[str, Said] = {}

    def take(field: str, key: str, value: Any) -> None:  # noqa: ANN401 - as the predicate has it
        if value:
            said[field] = Said(value, where.get(key, key))

    intent = {key: _words(getattr(declaration, key)) for key in where}
    take("intent", next(iter(where), ""), {key: each for key, each in intent.items() if each})
    take("owner", "owner", declaration.owner)
    take("team", "team", declaration.team)
    take("riskClass", "risk_class", declaration.risk_class)
    if declaration.export:
        take("destinations", "export", list(REACH[: REACH.index(declaration.export) + 1]))
    if declaration.expires:
        end = datetime.combine(declaration.expires, time.max, UTC)
        take("until", "expires", moment(end))
    for field, key, names in (
        ("datasets", "dataset", declaration.dataset),
        ("baseModels", "base_model", declaration.base_model),
    ):
        if names and FROM_ARGUMENTS not in names:
            said |= named(names, where.get(key, key), field)
    return said


def _words(value: object) -> list[str]:
    each = value if isinstance(value, tuple) else (value,)
    return [
        str(one).lower() if isinstance(one, bool) else str(one) for one in each if one is not None
    ]


def carded(file: Path) -> dict[str, Said]:
    """What a model card's front matter says. UsageError."""
    try:
        return of_card(file.name, file.read_text(encoding="utf-8"))
    except CardError as error:
        raise UsageError(f"--card: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--card: can't read {file}: {error}") from error


def evaluated(files: Sequence[Path]) -> dict[str, Said]:
    """Figures of evaluations, as `warroom send --evaluation` reads them. UsageError."""
    if not files:
        return {}
    try:
        texts = {str(each): each.read_text(encoding="utf-8") for each in files}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--evaluation: {error}") from error
    contents = {name: content(name, text) for name, text in texts.items()}
    return of_evaluation(rows(contents), ", ".join(texts))


def running() -> dict[str, Said]:
    """By which run it is made, as the CI says it."""
    origin = run(os.environ).origin
    known = {key: str(value) for key, value in origin.items() if isinstance(value, str | int)}
    return {"run": Said(known, "the CI's environment")} if known else {}


def catalogued(sources: Sequence[Mapping[str, Said]]) -> Iterator[Mapping[str, Said]]:
    """The sources, with what the catalogue knows of each data set that they name."""
    held = standards.load(os.environ, Path.cwd())
    for source in sources:
        datasets = source.get("datasets")
        if datasets is None or held.catalogue is None:
            yield source
            continue
        known = [
            {**_known(held.catalogue.dataset(each["name"])), **each} for each in datasets.value
        ]
        where = f"{datasets.where}; the catalogue"
        yield {**source, "datasets": Said(known, where)}


def _known(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    known: dict[str, Any] = {
        name: value
        for name in ("classification", "version", "collection")
        if (value := getattr(entry, name))
    }
    if _SHA256.fullmatch(entry.digest):
        known["digest"] = {"sha256": entry.digest.removeprefix("sha256:")}
    if entry.covenant:
        ends = entry.covenant_until
        until = {"until": moment(datetime.combine(ends, time.max, UTC))} if ends else {}
        known["covenant"] = {"id": entry.covenant, **until}
    return known
