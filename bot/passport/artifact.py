"""Which files a model is made of: what was named, and what belongs to it.

Rules
- Of a folder every file below it belongs to it, but `.git…` at the top, as OpenSSF Model Signing
  1.0 has it. A symbolic link is found, and not followed: what it leads to may change.
- Of a file its shards belong to it, and the files in which an ONNX model has its tensors: who names
  one of them has named them all.
- What belongs to it and isn't there is found.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.passport.headers import kinds, onnx
from bot.passport.headers.header import Header

PASSPORT = ".passport.json"
_GIT = ".git"
_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})(\.[A-Za-z0-9]+)")
_INDEX = ".index.json"
_INDEX_MOST = 16 * 1024 * 1024
_SHARDS_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of an artifact; `offset` None: with the whole file."""

    name: str
    what: str
    offset: int | None = None

    def __str__(self) -> str:
        at = "" if self.offset is None else f" at byte {self.offset:,}"
        return f"{self.name}{at}: {self.what}"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A model by the path that was named, and its files by their names, in the names' order.

    A name is the path from the folder, with `/`; of a single file its own name.
    """

    path: Path
    files: Mapping[str, Path]
    headers: Mapping[str, Header]
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        """What it is called: the name of the file or the folder."""
        return self.path.name

    @property
    def papers(self) -> Path:
        """Where its passport lies: beside it."""
        return self.path.with_name(self.path.name + PASSPORT)


def artifact(path: Path) -> Artifact:
    """The artifact at a path, by its files' headers. OSError where one can't be read."""
    named = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` follows links
    faults: list[Fault] = []
    if named.is_dir():
        files = dict(_below(named, faults))
    else:
        files = {named.name: named}
        files |= {each: named.parent / each for each in _shards(named, faults)}
    headers = {name: kinds.header_of(file) for name, file in files.items()}
    for name, header in tuple(headers.items()):
        faults += (Fault(name, each.what, each.offset) for each in header.faults)
        if header.format == onnx.FORMAT:
            _take_external(name, header, files, faults)
    for name in files.keys() - headers.keys():
        headers[name] = Header(kinds.OTHER)
    ordered = {name: files[name] for name in sorted(files)}
    return Artifact(named, ordered, headers, tuple(faults))


def _below(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    for root, folders, names in os.walk(folder):
        here = Path(root)
        if here == folder:
            folders[:] = [each for each in folders if not each.startswith(_GIT)]
        for each in sorted((*folders, *names)):
            if here == folder and each.startswith(_GIT):
                continue
            path = here / each
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                faults.append(Fault(name, "a symbolic link, which isn't followed"))
            elif each in names and path.is_file():
                yield name, path
            elif each in names:
                faults.append(Fault(name, "no file and no folder"))


def _shards(named: Path, faults: list[Fault]) -> Sequence[str]:
    """The names of the files that are one with this one."""
    names: Sequence[str] = ()
    if named.name.endswith(_INDEX):
        names = _indexed(named, faults)
    elif shard := _SHARD.fullmatch(named.name):
        start, _, count, suffix = shard.groups()
        whole = min(int(count), _SHARDS_MOST)
        names = [f"{start}-{number:05}-of-{count}{suffix}" for number in range(1, whole + 1)]
        index = f"{start}{suffix}{_INDEX}"
        names += [index] if (named.parent / index).is_file() else []
    there = [name for name in names if (named.parent / name).is_file()]
    missing = (name for name in names if name not in there)
    faults += (Fault(name, "it belongs to the model, and isn't there") for name in missing)
    return there


def _indexed(index: Path, faults: list[Fault]) -> Sequence[str]:
    """The files that an index of shards names: each beside it."""
    if index.stat().st_size > _INDEX_MOST:
        faults.append(Fault(index.name, f"an index of more than {_INDEX_MOST:,} bytes"))
        return ()
    try:
        names = set(json.loads(index.read_bytes())["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        faults.append(Fault(index.name, "no index of shards: need JSON with a weight_map"))
        return ()
    fitting = {each for each in names if isinstance(each, str) and PurePosixPath(each).name == each}
    for each in names - fitting:
        what = f"it names {str(each)[:80]!r}, which isn't beside it"
        faults.append(Fault(index.name, what))
    return sorted(fitting)


def _take_external(name: str, header: Header, files: dict[str, Path], faults: list[Fault]) -> None:
    folder = files[name].parent
    for each in header.external:
        other = str(PurePosixPath(name).parent / each.location)
        path = folder / each.location
        if path.resolve() != folder.resolve() / each.location or not path.is_file():
            what = f"a tensor lies in {each.location}, which isn't there"
            faults.append(Fault(name, what, each.at))
            continue
        files.setdefault(other, path)
        end = each.offset + (each.length or 0)
        if end > path.stat().st_size:
            where = f"{each.offset:,} to {end:,} of {each.location}"
            what = f"a tensor lies at {where}, which is shorter"
            faults.append(Fault(name, what, each.at))
