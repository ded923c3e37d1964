"""Which calls use data, models or destinations: a catalogue of ours, which a project extends.

Rules
- `call` is a dotted name as imports give it. `*` stands for anything, dots too; `()` follows what
  is called in between: `boto3.client().upload_file` is matched by `boto3.*.upload_file`.
- Of several entries for a call the exact one counts, then the longest pattern. What a project says
  of a call stands beside what we say of it, and takes nothing away: else a line could hide a use.
- `argument` says by which position or keywords the name is handed over; without it the name is the
  last part of the call itself, and not of what is called on its result.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml

from bot.check.uses import Kind

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What a call uses. `uses` is None of a call that only trains."""

    call: str
    uses: Kind | None = None
    arguments: tuple[int | str, ...] = ()
    role: str = ""
    export: str = ""
    trains: bool = False
    optional: bool = False  # it is used, but perhaps as nothing that counts
    names_only: bool = False  # what is no name there, an object for one, is no use
    files: tuple[str, ...] = ()  # keywords of the files, where the name is only their format
    sql: bool = False  # the names are the tables in a query
    scheme: str = ""  # goes before the name of a bucket
    key: str = ""  # the keyword of what is in a bucket


Pattern = tuple[re.Pattern[str], KnownCall]


class KnownCalls:
    """All known calls; `of` says which entries a call has."""

    def __init__(self, entries: Iterable[KnownCall], besides: "KnownCalls | None" = None) -> None:
        own = tuple(entries)
        self.entries: tuple[KnownCall, ...] = own + (besides.entries if besides else ())
        self._besides = besides
        self._exact: dict[str, list[KnownCall]] = defaultdict(list)
        self._ending: dict[str, list[Pattern]] = defaultdict(list)  # patterns by their last part
        self._any_ending: list[Pattern] = []
        for entry in own:
            if "*" not in entry.call:
                self._exact[entry.call].append(entry)
                continue
            pattern = (re.compile(translate(entry.call.replace("[", "[[]"))), entry)
            last = _last(entry.call)
            (self._any_ending if "*" in last else self._ending[last]).append(pattern)
        self.libraries = frozenset(entry.call.partition(".")[0] for entry in self.entries)
        self._answers: dict[str, tuple[KnownCall, ...]] = {}
        self._training: dict[str, bool] = {}

    def of(self, dotted: str) -> tuple[KnownCall, ...]:
        """The entries for a call: several where it uses several things."""
        if dotted not in self._answers:
            ours = self._besides.of(dotted) if self._besides else ()
            self._answers[dotted] = tuple(dict.fromkeys((*self._of(dotted), *ours)))
        return self._answers[dotted]

    def _of(self, dotted: str) -> Iterable[KnownCall]:
        if dotted in self._exact:
            return self._exact[dotted]
        by_pattern: dict[str, list[KnownCall]] = {}
        for pattern, entry in (*self._ending.get(_last(dotted), ()), *self._any_ending):
            of_its_result = "()" in dotted and "()" not in entry.call and not entry.arguments
            if pattern.match(dotted) and not of_its_result:
                by_pattern.setdefault(entry.call, []).append(entry)
        return by_pattern[max(by_pattern, key=len)] if by_pattern else ()

    def may_train(self, last: str) -> bool:
        """Whether a call whose name ends with `last` may be known to train."""
        if last not in self._training:
            endings = (_last(entry.call) for entry in self.entries if entry.trains)
            self._training[last] = any(fnmatchcase(last, ending) for ending in endings)
        return self._training[last]

    def best(self, names: Iterable[str]) -> str:
        """The one of some dotted names with which a known call begins; empty where none does.

        One that is written out goes before, then that of the longest pattern.
        """
        ranked = ((self._begins(name), name) for name in names)
        rank, name = max(ranked, default=((False, 0), ""), key=lambda each: each[0])
        return name if rank[1] else ""

    def _begins(self, dotted: str) -> tuple[bool, int]:
        library = dotted.partition(".")[0]
        begins = self._beginnings.get(library, frozenset())
        ranks = (("*" not in each, len(each)) for each in begins if fnmatchcase(dotted, each))
        return max(ranks, default=(False, 0))

    @cached_property
    def _beginnings(self) -> Mapping[str, frozenset[str]]:
        """What known calls begin with, below each library: `datasets.Dataset`, `trl.*Trainer`."""
        begins: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            parts = entry.call.replace("()", "").replace("[", "[[]").split(".")
            for count in range(2, len(parts) + 1):
                begins[parts[0]].add(".".join(parts[:count]))
        return {library: frozenset(each) for library, each in begins.items()}

    @classmethod
    def with_own(cls, entries: Iterable[Mapping[str, Any]]) -> "KnownCalls":
        """Those of a project, and ours."""
        return cls(map(_entry, entries), packaged())


@cache
def packaged() -> KnownCalls:
    """The calls that come with us."""
    text = files("bot.check").joinpath("known_calls.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one
    return KnownCalls(_entry(each) for each in data["calls"])


def _last(dotted: str) -> str:
    """The last part of a name."""
    return dotted.rpartition(".")[2]


def _entry(given: Mapping[str, Any]) -> KnownCall:
    argument = given.get("argument", [])
    uses = given.get("uses")
    return KnownCall(
        call=given["call"],
        uses=Kind(uses) if uses else None,
        arguments=(argument,) if isinstance(argument, int | str) else tuple(argument),
        role=given.get("role", ""),
        export=given.get("export", ""),
        trains=bool(given.get("trains")),
        optional=given.get("optional", False),
        names_only=given.get("names_only", False),
        files=tuple(given.get("files", ())),
        sql=given.get("sql", False),
        scheme=given.get("scheme", ""),
        key=given.get("key", ""),
    )
