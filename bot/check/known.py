"""Which calls use data, models or destinations: a catalogue of ours, which a project extends.

Rules
- `call` is a dotted name as imports give it. `*` stands for anything, dots too; `()` follows what
  is called in between: `boto3.client().upload_file` is matched by `boto3.*.upload_file`.
- Of several entries for a call the exact one counts, then the longest pattern; what a project says
  of a call replaces what we say of the same.
- `argument` says by which position or keywords the name is handed over; without it the name is the
  last part of the call itself.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase, translate
from functools import cache
from importlib.resources import files
from itertools import chain
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
    scheme: str = ""  # goes before the name of a bucket
    key: str = ""  # the keyword of what is in a bucket


@dataclass(slots=True)
class KnownCalls:
    """All known calls; `of` says which entries a call has."""

    exact: dict[str, list[KnownCall]] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], KnownCall]] = field(default_factory=list)
    answers: dict[str, tuple[KnownCall, ...]] = field(default_factory=dict)
    by_last: dict[str, list[tuple[re.Pattern[str], KnownCall]]] = field(default_factory=dict)
    training: dict[str, bool] = field(default_factory=dict)

    def of(self, dotted: str) -> tuple[KnownCall, ...]:
        """The entries for a call: several where it uses several things."""
        if dotted not in self.answers:
            self.answers[dotted] = tuple(self._of(dotted))
        return self.answers[dotted]

    def _of(self, dotted: str) -> Iterable[KnownCall]:
        if exact := self.exact.get(dotted):
            return exact
        last = dotted.rpartition(".")[2]
        by_pattern: dict[str, list[KnownCall]] = {}
        for pattern, entry in self._ending_with(last):
            if pattern.match(dotted):
                by_pattern.setdefault(entry.call, []).append(entry)
        return by_pattern[max(by_pattern, key=len)] if by_pattern else ()

    def _ending_with(self, last: str) -> list[tuple[re.Pattern[str], KnownCall]]:
        """The patterns that a name with this last part may match, sifted once for each."""
        if last not in self.by_last:
            self.by_last[last] = [each for each in self.patterns if _may_match(each[1].call, last)]
        return self.by_last[last]

    def may_train(self, last: str) -> bool:
        """Whether a call whose name ends with `last` may be known to train."""
        if last not in self.training:
            entries = (*chain(*self.exact.values()), *(entry for _, entry in self.patterns))
            training = (entry.call for entry in entries if entry.trains)
            self.training[last] = any(_may_match(call, last) for call in training)
        return self.training[last]

    @classmethod
    def with_own(cls, entries: Iterable[Mapping[str, Any]]) -> "KnownCalls":
        """Ours and those of a project, in the place of ours where both say something of a call."""
        ours, own = packaged(), _known(map(_entry, entries))
        replaced = {*own.exact, *(entry.call for _, entry in own.patterns)}
        exact = {call: kept for call, kept in ours.exact.items() if call not in replaced}
        kept = [each for each in ours.patterns if each[1].call not in replaced]
        return cls(exact | own.exact, [*own.patterns, *kept])


@cache
def packaged() -> KnownCalls:
    """The calls that come with us."""
    text = files("bot.check").joinpath("known_calls.yaml").read_text(encoding="utf-8")
    return _known(_entry(each) for each in yaml.load(text, Loader=_LOADER)["calls"])  # noqa: S506 - a safe one


def _known(entries: Iterable[KnownCall]) -> KnownCalls:
    known = KnownCalls()
    for entry in entries:
        if "*" in entry.call:
            known.patterns.append((re.compile(_regex(entry.call)), entry))
        else:
            known.exact.setdefault(entry.call, []).append(entry)
    return known


def _regex(call: str) -> str:
    return translate(call.replace("[", "[[]"))


def _may_match(call: str, last: str) -> bool:
    """Whether the last part of a name can be that of the pattern: asked before the whole is."""
    wanted = call.rpartition(".")[2]
    return wanted == last or ("*" in wanted and fnmatchcase(last, wanted))


def _entry(given: Mapping[str, Any]) -> KnownCall:
    argument = given.get("argument", [])
    uses = given.get("uses")
    return KnownCall(
        call=given["call"],
        uses=Kind(uses) if uses else None,
        arguments=tuple(argument) if isinstance(argument, list) else (argument,),
        role=given.get("role", ""),
        export=given.get("export", ""),
        trains=bool(given.get("trains")),
        optional=given.get("optional", False),
        names_only=given.get("names_only", False),
        files=tuple(given.get("files", ())),
        scheme=given.get("scheme", ""),
        key=given.get("key", ""),
    )
