"""Makes a passport from what is there: options, a declaration, a model card, figures, headers.

Rules
- Of each field the first source that says it counts: an option, a declaration, a card, a header.
  What others say besides is not mixed in.
- Each field says where it was found. What was found nowhere is missing, and nothing is made up.
- What is written for a machine to fill in, and a pattern that stands for many names, says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.passport.artifact import Artifact
from bot.passport.digests import root_digest
from bot.passport.headers import gguf
from bot.passport.predicate import EXPECTED
from bot.passport.statement import Statement


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says of a field, as the predicate has it, and where it stands."""

    value: Any
    where: str


Source = Mapping[str, Said]  # by the predicate's fields


def statement(
    artifact: Artifact,
    digests: Mapping[str, str],
    sizes: Mapping[str, int],
    sources: Iterable[Source],
    now: datetime,
) -> Statement:
    """The passport of an artifact whose files have these digests and sizes, without slots.

    `sources` say what is known, the one that counts most first.
    """
    said: dict[str, Said] = {}
    for source in (*sources, of_headers(artifact)):
        for field, each in source.items():
            said.setdefault(field, each)
    name = said.pop("name", Said(artifact.name, "the artifact's own name"))
    predicate: dict[str, Any] = {
        "name": name.value,
        **{field: each.value for field, each in said.items()},
        "files": [
            {
                "name": file,
                "digest": {"sha256": digest},
                "size": sizes[file],
                "format": artifact.headers[file].format,
            }
            for file, digest in digests.items()
        ],
        "madeAt": moment(now),
        "from": {"name": name.where, **{field: each.where for field, each in said.items()}},
        "missing": [field for field in EXPECTED if field not in said],
    }
    if says := {
        file: dict(header.says) for file, header in artifact.headers.items() if header.says
    }:
        predicate["says"] = says
    return Statement(artifact.name, root_digest(list(digests.values())), predicate)


def of_headers(artifact: Artifact) -> dict[str, Said]:
    """What the headers of its files say in words that are a format's own."""
    said: dict[str, Said] = {}
    for file, header in artifact.headers.items():
        if header.format != gguf.FORMAT:
            continue
        for field, key in _GGUF.items():
            if value := header.says.get(key):
                said.setdefault(field, Said(value, f"{file}: {key}"))
        bases = _gguf_bases(header.says)
        if bases:
            said.setdefault("baseModels", Said(bases, f"{file}: general.base_model"))
    return said


_GGUF = {"name": "general.name", "version": "general.version", "licence": "general.license"}
_BASES_MOST = 20


def _gguf_bases(says: Mapping[str, str]) -> list[dict[str, str]]:
    found = []
    for number in range(_BASES_MOST):
        name = says.get(f"general.base_model.{number}.name")
        version = says.get(f"general.base_model.{number}.version")
        if name:
            found.append({"name": name, **({"version": version} if version else {})})
    return found


def of_evaluation(rows: Iterable[Any], where: str) -> dict[str, Said]:
    """Figures by metric and group, as `warroom send --evaluation` reads them."""
    figures = [_figure(row) for row in rows]
    return {"evaluation": Said(figures, where)} if figures else {}


def _figure(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of an evaluation
    figure: dict[str, Any] = {"metric": row.metric, "value": float(row.value)}
    if row.group:
        figure["group"] = row.group
    for name in ("low", "high"):
        if (bound := getattr(row, name)) is not None:
            figure[name] = float(bound)
    return figure | ({"n": row.n} if row.n is not None else {})


def named(names: Sequence[str], where: str, field: str) -> dict[str, Said]:
    """Data sets or base models by their names alone."""
    plain = [{"name": each} for each in names if "*" not in each]
    return {field: Said(plain, where)} if plain and len(plain) == len(names) else {}


def moment(at: datetime) -> str:
    """A time as a passport has it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
