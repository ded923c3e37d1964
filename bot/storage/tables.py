"""The tables. What must be unique is a constraint here, not a hope elsewhere.

Rules
- `events` is the record; nothing updates or deletes it, but for an erasure, which takes a value out
  of `personal`. All streams share it, and the position of an event is one for all.
- One event a place in its stream, one open room a policy and key, one decision a room, one
  violation a delivery, one answer a violation and policy, one step for what a person sent in once.
- Rooms, exceptions, follow-ups, violations and answers are views of the record, for the questions
  that are asked of them.
- Whom a room asks is found by the sets of people that are written down once for all rooms: few
  rooms have people that no other has, and a row for each person and room would cost intake more
  than all else that it writes.
- Times are UTC microseconds: SQLite would give naive ones back.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    literal_column,
)

from bot.storage import log_tables, schema, source_tables
from bot.storage.schema import COUNTED, where
from bot.storage.utc_microseconds import UtcMicroseconds

metadata = schema.metadata
source_names, imports = source_tables.source_names, source_tables.imports
log_leaves, checkpoints = log_tables.log_leaves, log_tables.checkpoints

# Literals, not parameters: only then does a planner see that a partial index covers a question.
OPEN = literal_column("'open'", Text)
PENDING = literal_column("'pending'", Text)
PARKED = literal_column("'parked'", Text)
ACTIVE = literal_column("'active'", Text)
# A violation's answers: people decide, a rule has decided beforehand, an exception covers it.
ROOM, RULE, WAIVED = "room", "rule", "exception"

SOURCES = "sources"  # the kind of document that is no policy's

# Policies and sources, whole, as they were loaded; the digest is over the document's bytes.
documents = Table(
    "documents",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("loaded_at", UtcMicroseconds, nullable=False),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("policy_id", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("team", Text),
    Column("dedup_key", Text, nullable=False),
    Column("opened_at", UtcMicroseconds, nullable=False),
    Column("expires_at", UtcMicroseconds, nullable=False),
    Column("acknowledged_at", UtcMicroseconds),
    Column("first_response_at", UtcMicroseconds),
    Column("decided_at", UtcMicroseconds),
    Column("outcome", Text),
    Column("valid_until", UtcMicroseconds),
    Column("channel", Text),
    Column("document", Text, nullable=False),
    Column("gathered_at", UtcMicroseconds),  # when a storm's room got its newest violation
    Column("subject", Text),  # one value for what it is about, where that has a name
    Column("pull_request", Text),  # that all of it is of
    Column("commit", Text),  # that all of it is of
    # Of `sets_of_people`, while it is open: who made the change, and who holds a role.
    Column("initiators_id", Text),
    Column("holders_id", Text),
    Index("uq_rooms_open_key", "policy_id", "dedup_key", unique=True, **where("state = 'open'")),
    Index("ix_rooms_open", "expires_at", **where("state = 'open'")),
    Index("ix_rooms_initiators_id", "initiators_id", **where("state = 'open'")),
    Index("ix_rooms_holders_id", "holders_id", **where("state = 'open'")),
    Index("ix_rooms_channel", "channel", **where("channel IS NOT NULL")),
    # What is counted and measured of all rooms there ever were; grouped in this order.
    Index(
        "ix_rooms_measured",
        *("state", "policy_id", "outcome", "team", "severity"),
        *("id", "decided_at", "acknowledged_at", "first_response_at"),
    ),
    Index("ix_rooms_valid_until", "valid_until", **where("valid_until IS NOT NULL")),
    Index("ix_rooms_opened", "policy_id", "opened_at"),
    # Open ones have no outcome.
    Index(
        "ix_rooms_pull_request",
        *("pull_request", "outcome", "commit"),
        **where("pull_request IS NOT NULL"),
    ),
    Index("ix_rooms_gathered", "policy_id", "gathered_at", **where("gathered_at IS NOT NULL")),
    Index(
        "ix_rooms_subject",
        *("subject", "policy_id", "opened_at"),
        **where("subject IS NOT NULL"),
    ),
)

# Who is in a set: a row for each name and each account. The id is a digest of them all.
sets_of_people = Table(
    "sets_of_people",
    metadata,
    Column("set_id", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Index("ix_sets_of_people_member", "member", "set_id"),
)

violations = Table(
    "violations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("received_at", UtcMicroseconds, nullable=False),
    Column("callback", Boolean, nullable=False),  # whether its pipeline wants to be told
    Column("document", Text, nullable=False),
    UniqueConstraint("source", "delivery_id"),
)

exceptions = Table(
    "exceptions",
    metadata,
    Column("id", Text, primary_key=True),  # of the room that decided
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("policy_id", Text, nullable=False),
    Column("team", Text),
    Column("owner", Text, nullable=False),
    Column("granted_at", UtcMicroseconds, nullable=False),
    Column("until", UtcMicroseconds, nullable=False),
    Column("document", Text, nullable=False),
    Column("severity", Text),
    Column("debt_until", UtcMicroseconds),  # until when it counts as governance debt, where it does
    Index("ix_exceptions_until", "until"),
    Index("ix_exceptions_owner", "owner", "until"),
    # What debt is added up from, in an index alone: a decision may have made each of them.
    Index(
        "ix_exceptions_debt",
        *("debt_until", "team", "policy_id", "severity", "granted_at", "id"),
        **where("debt_until IS NOT NULL"),
    ),
)

# The keys of what exceptions cover; whether one is active its own row says.
exception_covers = Table(
    "exception_covers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("exception_id", Text, ForeignKey("exceptions.id"), primary_key=True),
)

# What a violation got from each policy that it breaks; `kind` says what: a room, by `rule` a
# clearance, or an exception.
answers = Table(
    "answers",
    metadata,
    Column("violation_id", Text, ForeignKey("violations.id"), primary_key=True),
    Column("policy_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("room_id", Text, ForeignKey("rooms.id")),
    Column("makers", Text),  # who is behind one that is in a storm's room, as found when it came
    Column("detected_at", UtcMicroseconds, nullable=False),
    Column("gathered_key", Text),  # the deduplication key of one that is in a storm's room
    Column("rule", Text),
    Column("exception_id", Text),  # of `exceptions`
    Column("basis", Text),  # what a room rests on for this violation; other answers' streams say it
    Index("ix_answers_counted", "policy_id", "kind", "rule", "detected_at"),
    Index("ix_answers_room_id", "room_id", "detected_at"),
    Index("ix_answers_gathered_key", "gathered_key", **where("gathered_key IS NOT NULL")),
    Index("ix_answers_exception_id", "exception_id", **where("exception_id IS NOT NULL")),
)

events = Table(
    "events",
    metadata,
    Column("position", COUNTED, primary_key=True, autoincrement=True),
    Column("stream_kind", Text, nullable=False),
    Column("stream_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("personal", Text),
    Column("delivery", Text),
    UniqueConstraint("stream_kind", "stream_id", "seq"),
    Index(
        "uq_events_delivery",
        *("stream_kind", "stream_id", "delivery"),
        unique=True,
        **where("delivery IS NOT NULL"),
    ),
    Index(
        "uq_events_decision",
        *("stream_kind", "stream_id"),
        unique=True,
        **where("kind = 'decided'"),
    ),
)

timers = Table(
    "timers",
    metadata,
    Column("stream_kind", Text, primary_key=True),
    Column("stream_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due_at", UtcMicroseconds, nullable=False),
    Index("ix_timers_due_at", "due_at"),
)


def timer_name(stream_kind: str, name: str) -> str:
    """What a timer is called among those of all kinds of streams."""
    return f"{stream_kind}/{name}"


# Whether a timer is one of `known`, each as `timer_name` has it. An expression and no columns, so
# that no index but that of the times is chosen for it.
IS_TIMER_OF = (timers.c.stream_kind + "/" + timers.c.name).in_(bindparam("known", expanding=True))

# `target` is the conversation in which a message goes, as the name of its budget.
# `next_attempt_at` is the lease as well: a claim moves it ahead, and what a crash leaves behind
# comes up again by itself. `uncertain` holds from the claim until Slack's answer is known.
effects = Table(
    "effects",
    metadata,
    Column("id", COUNTED, primary_key=True, autoincrement=True),
    Column("stream_kind", Text),
    Column("stream_id", Text),
    Column("lane", Text, nullable=False),
    Column("target", Text),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("deadline", UtcMicroseconds, nullable=False),
    Column("created_at", UtcMicroseconds, nullable=False),
    Column("next_attempt_at", UtcMicroseconds, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("last_error", Text),
    Column("tried_since", UtcMicroseconds),
    Index("ix_effects_due", "kind", "next_attempt_at", **where("state = 'pending'")),
    # In the order in which they are served: a claim reads as many as it takes, however many wait.
    Index(
        "ix_effects_order",
        *("kind", "severity", "deadline", "id"),
        **where("state = 'pending'"),
    ),
    Index(
        "ix_effects_target",
        *("kind", "target", "next_attempt_at", "uncertain"),
        **where("state = 'pending' AND target IS NOT NULL"),
    ),
    Index("ix_effects_lane", "lane", "id", **where("state = 'pending'")),
    Index("ix_effects_stream", "stream_kind", "stream_id", **where("state = 'pending'")),
    sqlite_autoincrement=True,  # an id is looked up in Slack: it is never given twice
)

budgets = Table(
    "budgets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("taken", Text, nullable=False),
    Column("free_at", UtcMicroseconds, nullable=False),
    Column("most", Integer),
    Column("limited_at", UtcMicroseconds),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner", Text),
    Column("team", Text),
    Column("policy_id", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("opened_at", UtcMicroseconds, nullable=False),
    Column("until", UtcMicroseconds, nullable=False),
    Column("closed_at", UtcMicroseconds),
    Column("document", Text, nullable=False),
    Index("ix_follow_ups_open", "until", **where("state = 'open'")),
)

# The commits of each pull request that were heard of, numbered in the order in which they were.
commits = Table(
    "commits",
    metadata,
    Column("pull_request", Text, primary_key=True),
    Column("commit", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    UniqueConstraint("pull_request", "number"),
)

# When somebody last waited at the gate for the verdict on a violation.
gate_questions = Table(
    "gate_questions",
    metadata,
    Column("violation_id", Text, ForeignKey("violations.id"), primary_key=True),
    Column("asked_at", UtcMicroseconds, nullable=False),
)
