"""`warroom check init`: a first declaration, from what is found.

Rules
- It says what is found and nothing else: what a reader has to add stands there as a question.
- It is marked as not reviewed, and counts as undeclared until somebody takes that mark out.
- What already declares something is left as it is.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.check.catalogue import Catalogue
from bot.check.declaration import FROM_ARGUMENTS, Pii, Reach
from bot.check.declarations import FILE_NAME
from bot.check.uses import FileReading, How, Kind
from bot.errors import UsageError
from bot.yaml.scalars import scalar

IN_COMMENTS = (".py", ".sh", ".yaml", ".yml")
BYTE_ORDER_MARK = "\xef\xbb\xbf"  # UTF-8's, byte by byte
_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./ -]*(?<! )")
_HEAD = re.compile(r"#!|#.*coding[:=]")


def write(path: Path, reading: FileReading, known: Catalogue) -> Path:
    """Write a first declaration for a file; gives where it stands. UsageError."""
    lines = list(block(reading, known))
    if path.suffix not in IN_COMMENTS:
        beside = path.parent / FILE_NAME
        if beside.exists():
            raise UsageError(f"{beside} declares something already; mend it there")
        beside.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return beside
    if reading.blocks:
        line = reading.blocks[0].span.line
        raise UsageError(f"{path}:{line} declares something already; mend it there")
    text = path.read_bytes().decode("latin-1")  # each byte a letter: what stays, stays as it is
    newline = "\r\n" if "\r\n" in text else "\n"
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    written = text.removeprefix(mark).split(newline)
    first = _head(written)
    after = written[first:]
    commented = [f"# {line}" for line in ("guardrails:", *(f"  {line}" for line in lines))]
    gap = [""] if after and after[0].strip() else []
    inserted = newline.join([*written[:first], *commented, *gap, *after])
    path.write_bytes(f"{mark}{inserted}".encode("latin-1"))
    return path


def block(reading: FileReading, known: Catalogue) -> Iterator[str]:
    """The lines of a declaration, without the key above them."""
    yield "# Written from what was found. Read it, mend it, and take the next line out."
    yield "reviewed: false"
    datasets = tuple(_names(reading, Kind.DATASET))
    yield f"dataset: {_written(datasets)}" if datasets else "# dataset: what does it learn from?"
    models = tuple(_names(reading, Kind.MODEL))
    yield f"base_model: {_written(models)}" if models else "# base_model: what does it start from?"
    yield "# use_case: what is the result for?"
    pii = [known.pii(entry.classification) for name in datasets if (entry := known.dataset(name))]
    if pii:
        yield f"pii: {max(pii, key=tuple(Pii).index)}"
    else:
        yield f"# pii: {', '.join(Pii)}?"
    yield "# owner: who answers for it?"
    targets = [use.name for use in reading.uses if use.kind is Kind.EXPORT and use.name]
    reached = [found.reach for target in targets if (found := known.destination(target))]
    if reached and len(reached) == len(targets):
        yield f"export: {max(reached, key=tuple(Reach).index)}"
    else:
        yield f"# export: {', '.join(Reach)}?"


def _names(reading: FileReading, kind: Kind) -> Iterator[str]:
    """The names of a kind, each once; `from arguments` last, where one can't be known."""
    uses = [
        use for use in reading.uses if use.kind is kind and not (use.role and kind is Kind.MODEL)
    ]
    yield from dict.fromkeys(use.name for use in uses if use.name and use.how is not How.LAUNCH)
    if any(use.name is None for use in uses):
        yield FROM_ARGUMENTS


def _written(names: Iterable[str]) -> str:
    words = [_scalar(name) for name in names]
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def _scalar(name: str) -> str:
    """A name as the strict reader takes it back: plain where it is plain, else in quotes."""
    plain = _PLAIN.fullmatch(name) and isinstance(scalar(name), str)
    return name if plain else json.dumps(name)


def _head(lines: list[str]) -> int:
    """How many lines have to stay first: what starts the file, and its coding."""
    return next((number for number, line in enumerate(lines[:2]) if not _HEAD.match(line)), 2)
