"""Personal values deleted for good, of one person or of streams that are over: events and views.

Rules
- An event's bytes stay as they are; out of `personal` go value and salt, and when is put there.
- Which values are somebody's, `theirs` says; of a stream that is over all are.
- Views are made anew from the events, in the same transaction. What happens to each table, `TABLES`
  says; there is no other place where a person stands.
- On PostgreSQL the views are locked for as long as that takes: whoever has read a row before would
  write back what was erased.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from bot.domain.lifecycle import WAR_ROOM
from bot.domain.somebody import Somebody
from bot.storage import tables as t
from bot.storage.named import Besides, basis_without, besides, document_without, names
from bot.storage.rebuilding import rebuild_views
from bot.storage.records import ERASED_AT
from bot.storage.theirs import CARRIED_OVER, Theirs, accounts_told, apart_of, without
from bot.storage.transaction import Stream

TABLES: Mapping[str, str] = {
    "events": "values and salts go out of `personal`; nothing else changes",
    "rooms": "made anew from their events",
    "exceptions": "made anew from their events",
    "follow_ups": "made anew from their events",
    "exception_covers": "those go that the exception, made anew, doesn't cover any more",
    "violations": "the document has what is read of a value that is gone",
    "answers": "who is behind one, and what would have allowed it, as in the events",
    "sets_of_people": "every set goes that no open room has; the next that has it writes it again",
    "effects": "what waits, or was given up, and names them, is dropped",
    "budgets": "how often they were written to is forgotten",
    "imports": "an error that names them goes",
    "documents": "stay: decisions cite their digests; `erase` says how many policies name them",
    "source_names": "stay: what checks are called, and no person",
    "timers": "stay: no person is in them",
    "commits": "stay: no person is in them",
    "gate_questions": "stay: no person is in them",
    "log_leaves": "stay: hashes alone",
    "log_nodes": "stay: hashes alone",
    "log_head": "stays: hashes alone",
    "checkpoints": "stay: hashes and signatures alone",
}
_ev, _vi, _an, _ef = t.events.c, t.violations.c, t.answers.c, t.effects.c
_OF_STREAM = (
    select(t.events)
    .where(_ev.stream_kind == bindparam("of_kind"), _ev.stream_id == bindparam("of_stream"))
    .order_by(_ev.seq)
)
_CARRIED = select(_ev.stream_kind, _ev.stream_id).where(_ev.kind == CARRIED_OVER).distinct()


@dataclass
class Found:
    """What an erasure takes, before it takes it."""

    rows: dict[int, tuple[Stream, int, str]] = field(default_factory=dict)  # by their positions
    besides: Besides = field(default_factory=Besides)

    @property
    def values(self) -> int:
        """How many personal values of events go."""
        return sum(count for _, count, _ in self.rows.values())

    @property
    def streams(self) -> set[Stream]:
        """The streams from which something goes."""
        return {stream for stream, _, _ in self.rows.values()}

    def of_kind(self, kind: str) -> list[str]:
        """The ids of those of a kind."""
        return sorted(stream.id for stream in self.streams if stream.kind == kind)

    def take(self, stream: Stream, row: Any, paths: Collection[str], at: datetime) -> None:  # noqa: ANN401 - a row
        """These values of an event go."""
        if paths:
            left = without(row, paths, f"{at:%Y-%m-%dT%H:%M:%S.%fZ}")
            self.rows[row.position] = stream, len(paths), left


def everything_known(connection: Connection, given: Somebody) -> Somebody:
    """Whoever is meant, by all names and accounts that the record has of them.

    One by whom nobody is known has nothing in the record.
    """
    known = Somebody(frozenset())
    asked = given
    while known != asked:
        known = asked
        for stream in _candidates(connection, known):
            asked = _more(_rows(connection, stream), asked)
    return known


def of_person(connection: Connection, who: Somebody, at: datetime) -> Found:
    """Everything that is somebody's, in all tables."""
    found, reports, questions = Found(), set[str](), set[str]()
    for stream in _candidates(connection, who):
        rows, theirs = _rows(connection, stream), Theirs(who)
        theirs.expect(rows)
        for row in rows:
            found.take(stream, row, theirs.among(row), at)
        reports |= theirs.reports
        questions |= theirs.texts
    for row in connection.execute(_CARRIED) if questions else ():
        carried = Stream(*row)
        rows, theirs = _rows(connection, carried), Theirs(who)
        theirs.expect(rows)
        for each in rows:
            if each.kind == CARRIED_OVER:
                found.take(carried, each, theirs.among(each, questions), at)
    found.besides = besides(connection, who, reports)
    return found


def of_streams(connection: Connection, streams: Iterable[Stream], at: datetime) -> Found:
    """Everything personal of these streams, and of the violations of the rooms among them."""
    found, ids = Found(), set[str]()
    for stream in streams:
        for row in _rows(connection, stream):
            found.take(stream, row, apart_of(row).keys(), at)
        ids.add(stream.id)
    held = or_(_an.room_id.in_(ids), _an.exception_id.in_(ids))
    of_these = select(t.answers).where(held)
    for row in connection.execute(of_these).all():
        found.besides.answers[row.violation_id, row.policy_id] = (
            None,
            basis_without(row.basis, lambda *_: True),
        )
    mine = select(_vi.id, _vi.document).where(
        _vi.id.in_({violation for violation, _ in found.besides.answers}), ~_is_kept(ids)
    )
    for row in connection.execute(mine).all():
        found.besides.violations[row.id] = document_without(row.document, lambda *_: True)
    of_stream = select(_ef.id).where(_ef.stream_id.in_(ids))
    found.besides.effects += connection.execute(of_stream).scalars()
    return found


def _is_kept(ids: Collection[str]) -> ColumnElement[bool]:
    """Whether something else that is on record shows a violation: another room, or a rule."""
    other, first = t.answers.alias().c, t.events.alias().c
    of_room = func.coalesce(other.room_id, other.exception_id)
    is_there = exists().where(
        first.stream_kind == WAR_ROOM.kind,
        first.stream_id == of_room,
        first.seq == 1,
        has_personal(first.personal),
    )
    shows = or_(other.kind == t.RULE, and_(of_room.not_in(ids), is_there))
    return exists().where(other.violation_id == _vi.id, shows)


def has_personal(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an event has something personal left; `column` is its `personal`."""
    return and_(column.is_not(None), ~column.startswith(f'{{"{ERASED_AT}"', autoescape=True))


def lock_views(connection: Connection) -> None:
    """Let nobody read a view who writes it later, until this transaction has ended."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("LOCK TABLE rooms, exceptions, follow_ups IN ACCESS EXCLUSIVE MODE")
        )


def wait_for_erasures(connection: Connection) -> None:
    """Let whatever erases end first, and none begin until this transaction has ended.

    Who places a hold asks for this before anything else: what an erasure has looked for by then, it
    has looked for without that hold.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE rooms IN ROW SHARE MODE"))


def erase(connection: Connection, found: Found) -> None:
    """Take what was found, and make anew what shows it; the views have to be locked."""
    _change(
        connection, _ev.position, "personal", {key: left for key, (*_, left) in found.rows.items()}
    )
    rebuild_views(connection, found.streams)
    _change(connection, _vi.id, "document", found.besides.violations)
    for (violation, policy), (makers, basis) in sorted(found.besides.answers.items()):
        key = and_(_an.violation_id == violation, _an.policy_id == policy)
        connection.execute(update(t.answers).where(key).values(makers=makers, basis=basis))
    connection.execute(delete(t.effects).where(_ef.id.in_(found.besides.effects)))
    connection.execute(delete(t.budgets).where(t.budgets.c.name.in_(found.besides.budgets)))
    gone = update(t.imports).where(t.imports.c.source.in_(found.besides.imports))
    connection.execute(gone.values(error="(erased)"))
    r, s = t.rooms.c, t.sets_of_people.c
    in_use = [
        select(r.id).where(r.state == t.OPEN, column == s.set_id).exists()
        for column in (r.initiators_id, r.holders_id)
    ]
    connection.execute(delete(t.sets_of_people).where(~or_(*in_use)))


def _change(connection: Connection, key: Any, name: str, new: Mapping[Any, str]) -> None:  # noqa: ANN401 - a column
    """Give this column of the rows with these keys new contents."""
    if new:
        change = (
            update(key.table).where(key == bindparam("of_key")).values({name: bindparam("new")})
        )
        rows = [{"of_key": each, "new": value} for each, value in sorted(new.items())]
        connection.execute(change, rows)


def _rows(connection: Connection, stream: Stream) -> Sequence[Any]:
    asked = {"of_kind": stream.kind, "of_stream": stream.id}
    return connection.execute(_OF_STREAM, asked).all()


def _candidates(connection: Connection, who: Somebody) -> list[Stream]:
    """The streams that may have something of somebody."""
    question = (
        select(_ev.stream_kind, _ev.stream_id)
        .where(names(_ev.personal, who))
        .distinct()
        .order_by(_ev.stream_kind, _ev.stream_id)
    )
    return [Stream(*row) for row in connection.execute(question)]


def _more(rows: Sequence[Any], who: Somebody) -> Somebody:
    """Somebody with what one stream has of them besides."""
    named: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in rows:
        for path, (_, value) in apart_of(row).items():
            root, _, rest = path.partition(".")
            if root == "people":
                named[rest] = value["name"], tuple(value.get("accounts", ()))
            elif path == "event.accounts" and row.kind == "person_listed":
                reference = json.loads(row.payload)["event"]["name"]
                if reference in named:
                    named[reference] = named[reference][0], tuple(value)
            elif path.startswith("event.claimed.") and not who.accounts.isdisjoint(value):
                who = who.with_more(accounts=value)
        for name, accounts in named.values():
            if who.is_one_with(name, accounts):
                who = who.with_more([name], accounts)
    references = [each for each, (name, own) in named.items() if who.is_one_with(name, own)]
    return who.with_more(accounts=accounts_told(rows, references))
