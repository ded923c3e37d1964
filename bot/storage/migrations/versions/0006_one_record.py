"""One record for all streams: events with a position, personal data apart, answers, bounded rooms.

Rules
- Not an event is lost, and each says what it said. People are called by their Slack account, since
  no file names them here; in the bytes they are `p1`, `p2`, … by first sight in their room.
- What a room's row holds is computed from its events, as the fold does it.
- A policy's document keeps its bytes, but for its place in the file: the digest is over the rest.
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

from bot.storage.personal import Apart, set_apart

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROOMS_AT_ONCE = 1000
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
        if any(chunk.events):
            execute(sa.insert(tables["violations"]), chunk.violations)
            execute(sa.insert(tables["answers"]), chunk.answers)
            execute(sa.insert(tables["events"]), chunk.events)
        execute(update, chunk.rooms)
    _move_effects(connection, tables["effects"])
    _create_indexes()


def _document(row: Any) -> Json:  # noqa: ANN401 - a row
    content = json.loads(row.document)
    file, line = content.pop("file", ""), content.pop("line", 0)
    return {
        "digest": row.digest,
        "kind": "policy",
        "name": row.policy_id,
        "file": file,
        "line": line,
        "document": json.dumps(content, separators=(",", ":"), ensure_ascii=False),
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
    some = sa.text("SELECT id, document FROM rooms WHERE id > :after ORDER BY id LIMIT :most")
    between = "room_id >= :first AND room_id <= :last"
    events = sa.text(f"SELECT * FROM old_events WHERE {between} ORDER BY room_id, seq")  # noqa: S608
    violations = sa.text(f"SELECT * FROM old_violations WHERE {between}")  # noqa: S608
    after = ""
    while rooms := connection.execute(some, {"after": after, "most": ROOMS_AT_ONCE}).all():
        span = {"first": rooms[0].id, "last": rooms[-1].id}
        records = groupby(connection.execute(events, span).all(), key=lambda row: row.room_id)
        record = {room_id: list(rows) for room_id, rows in records}
        rows = {row.id: row for row in connection.execute(violations, span)}
        chunk, reports = _Chunk(), dict[str, Json]()
        for row in rooms:
            room = _Room(row.id)
            for event in record.get(row.id, ()):
                chunk.events.append(room.event(event))
            reports |= room.reports
            document = json.dumps(
                room.document(json.loads(row.document)), separators=(",", ":"), ensure_ascii=False
            )
            chunk.rooms.append({"room": row.id, "new": document})
        for violation_id, violation in rows.items():
            _violation(chunk, violation, reports[violation_id])
        yield chunk
        after = rooms[-1].id


def _violation(chunk: _Chunk, row: Any, violation: Json) -> None:  # noqa: ANN401 - a row
    chunk.violations.append(
        {
            "id": row.id,
            "source": row.source,
            "delivery_id": row.delivery_id,
            "received_at": row.received_at,
            "document": json.dumps(violation, separators=(",", ":"), ensure_ascii=False),
        }
    )
    chunk.answers.append(
        {
            "violation_id": row.id,
            "policy_id": violation["report"]["policy"],
            "kind": "room",
            "room_id": row.room_id,
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
        old = json.loads(row.payload)
        content = self._content(old)
        by_person = not row.actor.startswith("system:")
        actor = self.name(row.actor) if by_person else row.actor
        apart: Apart = {}
        payload: Json = {"state": self.state}
        if self.new:
            payload["people"] = {
                self.people[name]: set_apart(
                    {"name": name, "accounts": [name]}, f"people.{self.people[name]}", apart
                )
                for name in self.new
            }
        if by_person:
            payload["account"] = set_apart(actor, "account", apart)
        payload["event"] = self._separate(content, apart)
        return {
            "stream_kind": "war_room",
            "stream_id": row.room_id,
            "seq": row.seq,
            "at": row.at,
            "actor": self.people.get(actor or "", actor),
            "kind": content["kind"],
            "schema": 1,
            "payload": json.dumps(payload, separators=(",", ":"), ensure_ascii=False),
            "personal": json.dumps(apart, separators=(",", ":"), ensure_ascii=False)
            if apart
            else None,
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
        payload = json.loads(row.payload)
        if row.kind == "identify":
            document = connection.execute(emails, {"violation": payload["violation"]}).scalar_one()
            email = json.loads(document)["report"]["initiator"].get("email") or ""
            payload = {"address": email.lower()}
        elif "user" in payload:
            payload["user"] = f"slack:{payload['user']}"
        else:
            continue
        changed.append({"effect": row.id, "new": json.dumps(payload)})
    if changed:
        change = sa.update(effects).where(columns.id == sa.bindparam("effect"))
        connection.execute(change.values(payload=sa.bindparam("new")), changed)
