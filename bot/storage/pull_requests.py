"""Pull requests within a transaction: their commits in the order they were heard of, their rooms.

Rules
- A commit has its number for good: one that comes in once more is as old as it was.
- Two that are new at the same moment get two numbers: a constraint has the second writer try again.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Text, bindparam, or_, select

from bot.domain.war_room import Outcome, WarRoom
from bot.storage import tables as t
from bot.storage.rows import insert_rows

_c, _r = t.commits.c, t.rooms.c
_COMMITS = select(_c.pull_request, _c.commit, _c.number).where(
    _c.pull_request.in_(bindparam("names", expanding=True))
)
_OF_PULL_REQUEST = _r.pull_request == bindparam("name")
_commit = bindparam("commit", type_=Text)
# As ranges of the index: a pull request may have a thousand rooms of this commit.
_OTHERS = (
    select(_r.id)
    .where(
        _OF_PULL_REQUEST,
        _r.outcome.is_(None),
        _r.state == t.OPEN,
        or_(_r.commit < _commit, _r.commit > _commit, _r.commit.is_(None)),
    )
    .order_by(_r.id)
)
_SUPERSEDED = (
    select(_r.document)
    .where(
        _OF_PULL_REQUEST,
        _r.policy_id == bindparam("policy"),
        _r.subject == bindparam("about"),
        _r.outcome == Outcome.SUPERSEDED,
    )
    .order_by(_r.decided_at.desc(), _r.id)
    .limit(20)
)


@dataclass
class PullRequests:
    """Those that one transaction asks about."""

    connection: Connection
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    _new: list[dict[str, Any]] = field(default_factory=list)
    _others: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def expect(self, names: Collection[str]) -> None:
        """Read at once which commits of these are known."""
        self._numbers |= {name: {} for name in names}
        for name, commit, number in self.connection.execute(_COMMITS, {"names": sorted(names)}):
            self._numbers[name][commit] = number

    def numbers(self, name: str, commit: str) -> dict[str, int]:
        """The numbers of all its commits, from 1 up; a commit that is new becomes the last."""
        if name not in self._numbers:
            self.expect({name})
        numbers = self._numbers[name]
        if commit not in numbers:
            numbers[commit] = max(numbers.values(), default=0) + 1
            row = {"pull_request": name, "commit": commit, "number": numbers[commit]}
            self._new.append(row)
        return numbers

    def other_rooms(self, name: str, commit: str) -> list[str]:
        """The rooms that were open before this transaction, and are about other commits of it."""
        if self._has_one_commit(name):
            return []
        if (name, commit) not in self._others:
            asked = {"name": name, "commit": commit}
            self._others[name, commit] = list(self.connection.execute(_OTHERS, asked).scalars())
        return self._others[name, commit]

    def superseded(self, name: str, policy_id: str, subject: str) -> Iterator[WarRoom]:
        """Its rooms on one subject that a new commit ended before, the last of them first."""
        if self._has_one_commit(name):
            return iter(())
        asked = {"name": name, "policy": policy_id, "about": subject}
        return map(WarRoom.read, self.connection.execute(_SUPERSEDED, asked).scalars())

    def _has_one_commit(self, name: str) -> bool:
        """Whether no commit has come in besides another: then there is nothing to be looked for."""
        return len(self._numbers.get(name, ())) == 1

    def flush(self) -> None:
        """Write which commits are new, in one order."""
        rows = sorted(self._new, key=lambda row: (row["pull_request"], row["number"]))
        insert_rows(self.connection, t.commits, rows)
