"""One record for all streams: events with a position, personal data apart, answers, bounded rooms.

Rules
- Not an event is lost, and each says what it said. Positions are in the order of time.
- People are called by their Slack account, since no file names them here; in the bytes they are
  `p1`, `p2`, … by first sight in their room. Who made a change stands beside the violation, as it
  was found then.
- What a room's row holds is computed from its events, as the fold does it.
- A policy's document keeps its bytes, but for its place in the file: the digest is over the rest.
  Its kind says that people stand in it by their Slack ids.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from pydantic_core import from_json, to_json

from bot.storage.personal import Apart, set_apart

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROOMS_AT_ONCE = 200  # PostgreSQL ends a transaction that stands still for ten seconds
NEWEST = 10
OLD = ("events", "violations", "timers", "policies")
PERSONAL = {  # what stands apart in an event of the new shape, besides its violations
    "identified": ("address",),
    "info_requested": ("question",),
    "explained": ("text",),
    "extended": ("reason",),
    "paged": ("message",),
}
Json = dict[str, Any]


def upgrade() -> None:
    """Forward."""
    connection = op.get_bind()
    for index in ("uq_events_delivery", "uq_events_decision"):
        op.drop_index(index, "events")
    op.drop_index("ix_timers_due_at", "timers")
    op.drop_index("ix_effects_room_id", "effects")
    for table in OLD:
        op.rename_table(table, f"old_{table}")
    if connection.dialect.name == "postgresql":
        _rename_constraints()
    _create_tables()
    op.add_column("effects", sa.Column("stream_kind", sa.Text(), nullable=True))
    op.execute("ALTER TABLE effects RENAME COLUMN room_id TO stream_id")  # in place: ids go on
    _create_index("ix_effects_stream", "effects", "state = 'pending'", "stream_kind", "stream_id")
    _move(connection)
    for table in OLD:
        op.drop_table(f"old_{table}")


def _create_index(name: str, table: str, where: str, *columns: str, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        list(columns),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _rename_constraints() -> None:
    """PostgreSQL keeps the names of constraints when a table is renamed, and each is there once."""
    for name, table in (
        ("pk_events", "events"),
        ("pk_violations", "violations"),
        ("uq_violations_source_delivery_id", "violations"),
        ("pk_timers", "timers"),
        ("pk_policies", "policies"),
    ):
        op.execute(f"ALTER TABLE old_{table} RENAME CONSTRAINT {name} TO old_{name}")


def _create_tables() -> None:
    op.create_table(
        "documents",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_documents")),
    )
    op.create_table(
        "violations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("callback", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violations")),
        sa.UniqueConstraint("source", "delivery_id", name=op.f("uq_violations_source_delivery_id")),
    )
    op.create_table(
        "answers",
        sa.Column("violation_id", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=True),
        sa.Column("initiator", sa.Text(), nullable=True),
        sa.Column("detected_at", sa.BigInteger(), nullable=False),
        sa.Column("gathered_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["violations.id"], name=op.f("fk_answers_violation_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_answers_room_id")),
        sa.PrimaryKeyConstraint("violation_id", "policy_id", name=op.f("pk_answers")),
    )
    op.create_table(
        "events",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("stream_kind", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint(
            "stream_kind",
            "stream_id",
            "seq",
            name=op.f("uq_events_stream_kind_stream_id_seq"),
        ),
    )
    op.create_table(
        "timers",
        sa.Column("stream_kind", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream_kind", "stream_id", "name", name=op.f("pk_timers")),
    )


def _create_indexes() -> None:
    """Once the rows are there: it is faster."""
    op.create_index("ix_answers_room_id", "answers", ["room_id", "detected_at"])
    _create_index("ix_answers_gathered_key", "answers", "gathered_key IS NOT NULL", "gathered_key")
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
    stream = ("stream_kind", "stream_id")
    given, decided = "delivery IS NOT NULL", "kind = 'decided'"
    _create_index("uq_events_delivery", "events", given, *stream, "delivery", unique=True)
    _create_index("uq_events_decision", "events", decided, *stream, unique=True)


def _move(connection: sa.Connection) -> None:
    tables = {
        name: sa.Table(name, sa.MetaData(), autoload_with=connection)
        for name in ("documents", "violations", "answers", "events", "effects", "rooms")
    }
    execute = connection.execute
    execute(
        sa.text(
            "INSERT INTO timers (stream_kind, stream_id, name, due_at) "
            "SELECT 'war_room', room_id, kind, due_at FROM old_timers"
        )
    )
    documents = [_document(row) for row in execute(sa.text("SELECT * FROM old_policies"))]
    if documents:
        execute(sa.insert(tables["documents"]), documents)
    execute(sa.text("UPDATE effects SET stream_kind = 'war_room' WHERE stream_id IS NOT NULL"))
    execute(sa.text("UPDATE effects SET kind = 'resolve_group' WHERE kind = 'seat_group'"))
    update = (
        sa.update(tables["rooms"])
        .where(tables["rooms"].c.id == sa.bindparam("room"))
        .values(document=sa.bindparam("new"))
    )
    for chunk in _chunks(connection):
        execute(sa.insert(tables["violations"]), chunk.violations)
        execute(sa.insert(tables["answers"]), chunk.answers)
        execute(sa.insert(tables["events"]), chunk.events)
        execute(update, chunk.rooms)
    if connection.dialect.name == "postgresql":  # the sequence has not seen the positions
        last = "SELECT max(position) AS position FROM events"
        execute(sa.text(f"SELECT setval('events_position_seq', position) FROM ({last}) AS last"))  # noqa: S608
    _move_effects(connection, tables["effects"])
    _create_indexes()


def _document(row: Any) -> Json:  # noqa: ANN401 - a row
    content = from_json(row.document)
    end = row.document.rindex(',"file":')  # the place in the file came last
    return {
        "digest": row.digest,
        "kind": "policy_of_slack_ids",
        "name": row.policy_id,
        "file": content["file"],
        "line": content["line"],
        "document": row.document[:end] + "}",
        "loaded_at": row.loaded_at,
    }


@dataclass
class _Chunk:
    """The new rows of some rooms."""

    rooms: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    violations: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)


def _chunks(connection: sa.Connection) -> Iterator[_Chunk]:
    """All rooms in the order in which they were opened, so that positions come in theirs, nearly.

    What is written next to each other is then near each other, which large tables need.
    """
    for statement in _IN_ORDER:
        connection.execute(sa.text(statement))
    between = "o.place > :after AND o.place <= :to"
    rooms, events, violations = (
        sa.text(
            f"SELECT r.id, r.document FROM room_order o JOIN rooms r ON r.id = o.id "  # noqa: S608
            f"WHERE {between} ORDER BY o.place"
        ),
        sa.text(
            f"SELECT e.*, p.position FROM room_order o JOIN old_events e ON e.room_id = o.id "  # noqa: S608
            f"JOIN event_order p ON p.room_id = e.room_id AND p.seq = e.seq "
            f"WHERE {between} ORDER BY o.place, e.seq"
        ),
        sa.text(
            f"SELECT v.* FROM room_order o JOIN old_violations v ON v.room_id = o.id "  # noqa: S608
            f"WHERE {between}"
        ),
    )
    count = connection.execute(sa.text("SELECT count(*) FROM room_order")).scalar_one()
    for after in range(0, count, ROOMS_AT_ONCE):
        span = {"after": after, "to": after + ROOMS_AT_ONCE}
        records = groupby(connection.execute(events, span).all(), key=lambda row: row.room_id)
        record = {room_id: list(rows) for room_id, rows in records}
        chunk, reports, makers = _Chunk(), dict[str, Json](), dict[str, str]()
        for row in connection.execute(rooms, span).all():
            room = _Room(row.id)
            try:
                chunk.events += [room.event(event) for event in record[row.id]]
                document = room.document(from_json(row.document))
            except (LookupError, ValueError, TypeError, AttributeError) as error:
                raise ValueError(f"room {row.id} and its events don't fit: {error!r}") from error
            reports |= room.reports
            makers |= room.maker
            chunk.rooms.append({"room": row.id, "new": _json(document)})
        for violation in connection.execute(violations, span):
            if violation.id not in reports:
                raise ValueError(f"no event tells of violation {violation.id}")
            _violation(chunk, violation, reports[violation.id], makers.get(violation.id))
        yield chunk
    for table in ("room_order", "event_order"):
        connection.execute(sa.text(f"DROP TABLE {table}"))


# A clock may have been set back: an event is never before one that it follows in its room.
_IN_ORDER = (
    """
    CREATE TEMPORARY TABLE room_order AS
    SELECT row_number() OVER (ORDER BY opened_at, id) AS place, id FROM rooms
    """,
    "CREATE UNIQUE INDEX ix_room_order ON room_order (place)",
    """
    CREATE TEMPORARY TABLE event_order AS
    SELECT row_number() OVER (ORDER BY latest, room_id, seq) AS position, room_id, seq
    FROM (
        SELECT room_id, seq, max(at) OVER (PARTITION BY room_id ORDER BY seq) AS latest
        FROM old_events
    ) AS events
    """,
    "CREATE UNIQUE INDEX ix_event_order ON event_order (room_id, seq)",
    "ANALYZE room_order",
    "ANALYZE event_order",
)


def _violation(chunk: _Chunk, row: Any, violation: Json, initiator: str | None) -> None:  # noqa: ANN401 - a row
    chunk.violations.append(
        {
            "id": row.id,
            "source": row.source,
            "delivery_id": row.delivery_id,
            "received_at": row.received_at,
            "callback": violation["report"].get("callback_url") is not None,
            "document": _json(violation),
        }
    )
    chunk.answers.append(
        {
            "violation_id": row.id,
            "policy_id": violation["report"]["policy"],
            "kind": "room",
            "room_id": row.room_id,
            "initiator": initiator,
            "detected_at": row.detected_at,
            "gathered_key": row.gathered_key,
        }
    )


@dataclass
class _Room:
    """One room's events, one after the other, and what they add up to."""

    id: str
    state: str = "open"
    people: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Json] = field(default_factory=dict)
    here: list[str] = field(default_factory=list)
    maker: dict[str, str] = field(default_factory=dict)
    awaits: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=dict)
    one_key: bool = True
    split_off: int = 0
    new: list[str] = field(default_factory=list)

    def event(self, row: Any) -> Json:  # noqa: ANN401 - a row
        """The new row of an event."""
        self.new = []
        old = from_json(row.payload)
        content = self._content(old)
        by_person = not row.actor.startswith("system:")
        actor = self.name(row.actor) if by_person else row.actor
        apart: Apart = {}
        payload: Json = {"state": self.state}
        if self.new:
            payload["people"] = {
                self.people[name]: set_apart(
                    {"name": name, "accounts": [name]},
                    f"people.{self.people[name]}",
                    apart,
                )
                for name in self.new
            }
        if by_person:
            payload["account"] = set_apart(actor, "account", apart)
        payload["event"] = self._separate(content, apart)
        return {
            "position": row.position,
            "stream_kind": "war_room",
            "stream_id": row.room_id,
            "seq": row.seq,
            "at": row.at,
            "actor": self.people.get(actor or "", actor),
            "kind": content["kind"],
            "schema": 1,
            "payload": _json(payload),
            "personal": _json(apart) if apart else None,
            "delivery": row.delivery,
        }

    def name(self, user: str | None) -> str | None:
        """What somebody is called from now on."""
        if not user or user.startswith("system:"):
            return user
        name = f"slack:{user}"
        if name not in self.people:
            self.people[name] = f"p{len(self.people) + 1}"
            self.new.append(name)
        return name

    def _assignments(self, seats: list[Json]) -> list[Json]:
        return [
            {
                "role": seat["role"],
                "on_duty": self.name(seat.get("on_duty")),
                "others": [self.name(user) for user in seat.get("others", ())],
                "backups": [self.name(user) for user in seat.get("backups", ())],
                "unknown_group": seat.get("unknown_group"),
                "unknown_backup_group": seat.get("unknown_backup_group"),
            }
            for seat in seats
        ]

    def _content(self, old: Json) -> Json:  # noqa: C901 - a table: one case an event
        """The event in its new shape, with people by name; what it adds up to is noted."""
        content = dict(old)
        kind = content["kind"]
        if kind in ("opened", "joined"):
            content["initiator"] = self.name(content.get("initiator"))
            self._came(content["violation"], content["initiator"])
        if "seats" in content:
            content["assignments"] = self._assignments(content.pop("seats"))
        if kind == "opened":
            content["is_storm"] = content.pop("gathering", False)
        elif kind == "identified":
            content = self._identified(content)
        elif kind == "seated":
            content["kind"] = "reassigned"
        elif kind == "handed_off":
            content["to"] = self.name(content["to"])
        elif kind == "set_apart":
            content = self._split(content)
        elif kind == "escalated":
            content["notify"] = [self.name(user) for user in content["notify"]]
        elif kind in ("paged", "unreachable"):
            content["name"] = self.name(content.pop("user"))
        elif kind == "decided":
            self.state = "decided"
            content["decision"] = self._decision(content["decision"])
        elif kind == "closed":
            self.state = "closed"
        return content

    def _came(self, violation: Json, initiator: str | None) -> None:
        key, address = violation["id"], violation["report"]["initiator"].get("email")
        if self.here:
            first = self.reports[self.here[0]]["report"]
            self.one_key = self.one_key and _key(violation["report"]) == _key(first)
        self.reports[key] = violation
        self.here.append(key)
        if initiator:
            self.maker[key] = initiator
        elif address:
            self.awaits[key] = address.lower()

    def _identified(self, content: Json) -> Json:
        told = self.reports[content.pop("violation_id")]
        address = (told["report"]["initiator"].get("email") or "").lower()
        content.pop("also", None)
        name = self.name(content.pop("user"))
        for key in [key for key, awaited in self.awaits.items() if awaited == address]:
            del self.awaits[key]
            if name:
                self.maker[key] = name
        self.addresses[address] = name
        return content | {"address": address, "person": name}

    def _split(self, content: Json) -> Json:
        gone = set(content["violations"])
        self.here = [key for key in self.here if key not in gone]
        for key in gone:
            self.maker.pop(key, None)
            self.awaits.pop(key, None)
        self.split_off += len(gone)
        keys = {_key(self.reports[key]["report"]) for key in self.here}
        self.one_key = len(keys) == 1
        return content | {"kind": "split", "contents": self.contents()}

    def _decision(self, decision: Json) -> Json:
        by = decision["by"]
        return decision | {
            "by": self.name(by),
            "account": None if by.startswith("system:") else f"slack:{by}",
            "owner": self.name(decision.get("owner")),
            "configuration": None,
        }

    def contents(self) -> Json:
        """What the room holds of its violations."""
        first, *others = self.here
        reports = [self.reports[key]["report"] for key in self.here]
        return {
            "count": len(self.here),
            "first": _brief(self.reports[first]),
            "newest": [_brief(self.reports[key]) for key in others[-NEWEST:]],
            "one_key": self.one_key,
            "callbacks": sum(report.get("callback_url") is not None for report in reports),
            "made": dict(Counter(self.maker[key] for key in self.here if key in self.maker)),
            "awaited": dict(Counter(self.awaits[key] for key in self.here if key in self.awaits)),
        }

    def _separate(self, content: Json, apart: Apart) -> Json:  # noqa: C901 - one case a place
        """The event's bytes: people by reference, commitments in place of what is personal."""

        def one(where: Json, name: str, path: str) -> None:
            if where.get(name) is not None:
                where[name] = set_apart(where[name], f"event.{path}", apart)

        def report(violation: Json, path: str) -> Json:
            inside = dict(violation["report"])
            for name in ("title", "initiator", "facts"):
                one(inside, name, f"{path}.report.{name}")
            return violation | {"report": inside}

        def reference(name: str | None) -> str | None:
            return self.people.get(name, name) if name else name

        content = dict(content)
        for name in PERSONAL.get(content["kind"], ()):
            one(content, name, name)
        if "violation" in content:
            content["violation"] = report(content["violation"], "violation")
        if "contents" in content:
            held = dict(content["contents"])
            held["first"] = report(held["first"], "contents.first")
            held["newest"] = [
                report(violation, f"contents.newest.{number}")
                for number, violation in enumerate(held["newest"])
            ]
            held["made"] = {self.people[name]: count for name, count in held["made"].items()}
            one(held, "awaited", "contents.awaited")
            content["contents"] = held
        if "decision" in content:
            decision = dict(content["decision"])
            for name in ("account", "reason"):
                one(decision, name, f"decision.{name}")
            decision |= {name: reference(decision[name]) for name in ("by", "owner")}
            content["decision"] = decision
        for name in ("initiator", "person", "to", "name"):
            if name in content and not (name == "to" and content["kind"] == "split"):
                content[name] = reference(content[name])
        if "notify" in content:
            content["notify"] = [reference(name) for name in content["notify"]]
        if "assignments" in content:
            content["assignments"] = [
                assignment
                | {
                    "on_duty": reference(assignment["on_duty"]),
                    "others": [reference(name) for name in assignment["others"]],
                    "backups": [reference(name) for name in assignment["backups"]],
                }
                for assignment in content["assignments"]
            ]
        return content

    def document(self, old: Json) -> Json:
        """The room's row."""
        kept = {
            name: value
            for name, value in old.items()
            if name
            not in ("violation", "joined", "unidentified", "seats", "gathering", "made_by", "apart")
        }
        decision = old.get("decision")
        return kept | {
            "contents": self.contents(),
            "people": {
                name: {"name": name, "accounts": [name], "team": None} for name in self.people
            },
            "addresses": self.addresses,
            "initiators": [self.name(user) for user in old["initiators"]],
            "assignments": self._assignments(old["seats"]),
            "acknowledged": {self.name(user): at for user, at in old["acknowledged"].items()},
            "unreachable": {
                self.name(label) if f"slack:{label}" in self.people else label.lower(): reason
                for label, reason in old["unreachable"].items()
            },
            "pages": {self.name(user): page for user, page in old["pages"].items()},
            "digested": [self.name(user) for user in old.get("digested", ())],
            "decision": self._decision(decision) if decision else None,
            "is_storm": old.get("gathering", False),
            "split_off": self.split_off,
        }


def _json(value: object) -> str:
    return to_json(value).decode()


def _brief(violation: Json) -> Json:
    return violation | {"report": violation["report"] | {"facts": {}}}


def _key(report: Json) -> str:
    """The deduplication key of a report."""
    if report.get("dedup_key"):
        return str(report["dedup_key"])
    subject, origin = report["subject"], report["origin"]
    place = [
        *(subject.get(name) for name in ("kind", "name", "version", "digest")),
        *(origin.get(name) for name in ("repository", "commit", "environment")),
    ]
    if not (subject.get("name") or subject.get("digest") or origin.get("commit")):
        who = report["initiator"]
        place += [report["title"], who.get("email") or who.get("github") or who.get("slack") or ""]
    return sha256(json.dumps(place).encode()).hexdigest()[:32]


def _move_effects(connection: sa.Connection, effects: sa.Table) -> None:
    """What is still to be delivered: people by name, and addresses in place of violations."""
    columns = effects.c
    emails = sa.text("SELECT document FROM violations WHERE id = :violation")
    changed = []
    for row in connection.execute(
        sa.select(columns.id, columns.kind, columns.payload).where(columns.stream_id.is_not(None))
    ).all():
        payload = from_json(row.payload)
        if row.kind == "identify":
            document = connection.execute(emails, {"violation": payload["violation"]}).scalar_one()
            email = from_json(document)["report"]["initiator"].get("email") or ""
            payload = {"address": email.lower()}
        elif "user" in payload:
            payload["user"] = f"slack:{payload['user']}"
        else:
            continue
        changed.append({"effect": row.id, "new": _json(payload)})
    if changed:
        change = sa.update(effects).where(columns.id == sa.bindparam("effect"))
        connection.execute(change.values(payload=sa.bindparam("new")), changed)
