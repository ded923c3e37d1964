"""Which personal values of an event are somebody's: the rule by which an erasure takes them.

Rules, for each value that stands apart from an event's bytes (see `personal`)
- An entry of `people` is theirs where its name or an account is; from there on they are known in
  the stream by its reference. The account that was acted with is theirs where they acted.
- Of a report of a change that they made all is theirs, but for an initiator, or contributors, among
  whom they are not. Where several made it, it goes with any of them. What later events copy of it
  (`title`, `covers`, `because`) goes with the `initiators` that stand beside it.
- Any other value is theirs where they are its author: whom the nearest object around it names
  (`by`, `name`, `names`, `revoked_by`), else the event's actor.
- What names them is theirs, whoever wrote it (see `Somebody`), as is a question of theirs that an
  event carried over. What somebody else wrote, and what is about somebody else, stays.
- What stands under one commitment goes whole.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.person import SYSTEM
from bot.domain.somebody import Somebody
from bot.storage.personal import Apart
from bot.storage.records import ACCOUNT, ERASED_AT, EVENT, PEOPLE, EventRow

AUTHORS = ("by", "name", "names", "revoked_by")
COPIED = frozenset({"title", "covers", "because"})
_REFERENCE = re.compile(r"p\d+")
CARRIED_OVER = "carried_over"
_THEMSELVES = "themselves"  # the author of what was done with an account of theirs


@dataclass(frozen=True, slots=True)
class _Place:
    """A commitment in an event's bytes: its path, its last key, its authors, and its report."""

    path: str
    key: str
    authors: frozenset[str]
    report: str | None = None


@dataclass
class Theirs:
    """What one stream has of somebody; its rows are looked at in their order."""

    who: Somebody
    references: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)  # what they have written
    reports: set[str] = field(default_factory=set)  # the violations whose report is theirs

    def expect(self, rows: Sequence[EventRow]) -> None:
        """Know them by what all of the stream says, before anything is decided."""
        for row in rows:
            apart, event = apart_of(row), json.loads(row.payload)[EVENT]
            for path, (_, value) in apart.items():
                root, _, reference = path.partition(".")
                if root == PEOPLE and self.who.is_one_with(
                    value["name"], value.get("accounts", ())
                ):
                    self.references.add(reference)
            told = event.get("names") if row.kind == "identified" else None
            if told and self.references.intersection(told) and f"{EVENT}.account" in apart:
                self.who = self.who.with_more(accounts=[apart[f"{EVENT}.account"][1]])

    def among(self, row: EventRow, questions: Collection[str] = ()) -> set[str]:
        """The paths of what is theirs in a row; `questions` are those that they asked anywhere."""
        apart, payload = apart_of(row), json.loads(row.payload)
        found = {f"{PEOPLE}.{each}" for each in self.references} & apart.keys()
        acted = apart.get(ACCOUNT)
        is_theirs = row.actor in self.references
        if acted and (is_theirs or acted[1] in self.who.accounts):
            is_theirs = True
            found.add(ACCOUNT)
        event, by_bot = payload[EVENT], not _REFERENCE.fullmatch(row.actor)
        actor = frozenset({row.actor, _THEMSELVES} if is_theirs else {row.actor})
        makers = _makers(event)
        mine = {
            path: self._reported(apart, path, makers, event) for path in _reports(event, (EVENT,))
        }
        for place in _places(event, (EVENT,), actor, None):
            if place.path not in apart:
                continue
            value = apart[place.path][1]
            theirs = self._is_theirs(place, value, mine)
            carried = row.kind == CARRIED_OVER and place.key == "question" and value in questions
            if theirs or carried or self.who.is_named_in(value, by_bot=by_bot):
                found.add(place.path)
                if isinstance(value, str):
                    self.texts.add(value)
        return found

    def _is_theirs(self, place: _Place, value: Any, mine: Mapping[str, bool]) -> bool:  # noqa: ANN401 - JSON
        if place.report is None:
            return not {*self.references, _THEMSELVES}.isdisjoint(place.authors)
        if place.key == "initiator":
            return self.who.made(value)
        if place.key == "contributors":
            return any(map(self.who.made, value))
        return mine[place.report]

    def _reported(self, apart: Apart, path: str, makers: set[str], event: dict[str, Any]) -> bool:
        """Whether they made the change of the report at `path`; its violation is remembered."""
        initiator = apart.get(f"{path}.initiator", ("", None))[1]
        others = apart.get(f"{path}.contributors", ("", ()))[1]
        is_own = path == f"{EVENT}.violation.report"
        mine = any(map(self.who.made, (initiator, *others))) or (
            is_own and not self.references.isdisjoint(makers)
        )
        if mine and is_own:
            self.reports.add(event["violation"]["id"])
        return mine


def apart_of(row: EventRow) -> Apart:
    """What stands apart from a row's bytes, and is still there."""
    apart: Apart = json.loads(row.personal) if row.personal else {}
    apart.pop(ERASED_AT, None)
    return apart


def without(row: EventRow, paths: Collection[str], at: str) -> str:
    """A row's `personal` without these values, and with when they went."""
    left = {path: value for path, value in apart_of(row).items() if path not in paths}
    # When all is gone it begins with this, which is how it is found that nothing is left.
    return json.dumps(left | {ERASED_AT: ("", at)}, ensure_ascii=False, separators=(",", ":"))


def accounts_told(rows: Sequence[EventRow], references: Collection[str]) -> set[str]:
    """The accounts of which Slack or the configuration has said that they are theirs alone."""
    found = set()
    for row in rows:
        names = json.loads(row.payload)[EVENT].get("names") if row.kind == "identified" else None
        told = apart_of(row).get(f"{EVENT}.account")
        if told and row.actor == SYSTEM and names and set(names) <= set(references):
            found.add(str(told[1]))
    return found


def _makers(event: dict[str, Any]) -> set[str]:
    """Who is known to have made an event's change, by their references."""
    makers = event.get("makers") or ()
    return {
        name for each in makers for name in (each["names"] if isinstance(each, dict) else (each,))
    }


def _reports(value: Any, keys: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Where reports stand in an event."""
    if isinstance(value, dict):
        if "initiator" in value and "title" in value:
            yield ".".join(keys)
        for key, item in value.items():
            yield from _reports(item, (*keys, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _reports(item, (*keys, str(number)))


def _places(
    value: Any,  # noqa: ANN401 - JSON
    keys: tuple[str, ...],
    authors: frozenset[str],
    report: str | None,
) -> Iterator[_Place]:
    """Each text in an event's bytes, which may be a commitment."""
    if isinstance(value, str):
        key = next(each for each in reversed(keys) if not each.isdecimal())
        yield _Place(".".join(keys), key, authors, report)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _places(item, (*keys, str(number)), authors, report)
    elif isinstance(value, dict):
        if "initiator" in value and "title" in value:
            report = ".".join(keys)
        authors = _authors(value, authors)
        for key, item in value.items():
            copied = key in COPIED and "initiators" in value
            named = frozenset(value["initiators"]) if copied else authors
            yield from _places(item, (*keys, key), named, report)


def _authors(value: dict[str, Any], before: frozenset[str]) -> frozenset[str]:
    """Whom an object names as who said what is in it; whoever the ones around it do, else."""
    for key in AUTHORS:
        told = value.get(key)
        if isinstance(told, list):
            return frozenset(told)
        if isinstance(told, str) and (_REFERENCE.fullmatch(told) or ":" in told):
            return frozenset({told})
    return before
