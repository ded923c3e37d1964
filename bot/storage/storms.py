"""Storms, as a transaction sees them: how many rooms a policy opened lately, and which one gathers.

Rules
- One question a batch (one for each period that its policies name), and only where a violation
  joins no room with its own key.
- On PostgreSQL batches that count the same policy's rooms take turns, so that the limit is exact
  whatever the number of writers. Where it is thousands, they don't.
- The turns are taken before anything is written, in one order: nobody waits in a circle.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Integer,
    Text,
    bindparam,
    func,
    literal,
    null,
    select,
    union_all,
)

from bot.domain.policy import StormRule
from bot.domain.war_room import STORM_KEY
from bot.storage import tables as t
from bot.storage.utc_microseconds import UtcMicroseconds

EXACT_BELOW = 1000  # rooms

_r, _a = t.rooms.c, t.answers.c
_OF_POLICIES = _r.policy_id.in_(bindparam("policies", expanding=True))
_SINCE = bindparam("since", type_=UtcMicroseconds())
_nothing, _none = null().cast(Text), literal(0, Integer)

# With more than a few policies and keys SQLite would read all open rooms of the policies for the
# last two of these: with 10,000 open ones 0.55 ms a report, and so 0.01.
_QUESTION = union_all(
    # How many rooms this counts is held down by the limit itself.
    select(_r.policy_id, _nothing, _nothing, func.count(_r.id))
    .with_hint(t.rooms, "INDEXED BY ix_rooms_opened", "sqlite")
    .where(_OF_POLICIES, _r.opened_at > _SINCE)
    .group_by(_r.policy_id),
    select(_r.policy_id, literal(STORM_KEY), _nothing, _none)
    .with_hint(t.rooms, "INDEXED BY ix_rooms_gathered", "sqlite")
    .where(_OF_POLICIES, _r.gathered_at > _SINCE),
    select(_r.policy_id, literal(STORM_KEY), _r.id, _none)
    .with_hint(t.rooms, "INDEXED BY uq_rooms_open_key", "sqlite")
    .where(_OF_POLICIES, _r.dedup_key == STORM_KEY, _r.state == t.OPEN),
    select(_r.policy_id, _a.gathered_key, _r.id, _none)
    .join_from(t.answers, t.rooms, _a.room_id == _r.id)
    .with_hint(t.answers, "INDEXED BY ix_answers_gathered_key", "sqlite")
    .with_hint(t.rooms, "INDEXED BY sqlite_autoindex_rooms_1", "sqlite")  # by its id
    .where(
        _a.gathered_key.in_(bindparam("keys", expanding=True)), _OF_POLICIES, _r.state == t.OPEN
    ),
)
_locks = func.unnest(bindparam("locks", type_=ARRAY(BigInteger))).column_valued("lock")
_TURNS = select(func.pg_advisory_xact_lock(_locks))


@dataclass
class Storm:
    """What comes in under one policy: rooms `opened` lately, and whether a storm is `going` on.

    `room` is the open one that gathers it, `gathered` the room of each key that is in one.
    """

    opened: int = 0
    going: bool = False
    room: str | None = None
    gathered: dict[str, str] = field(default_factory=dict)

    def rages(self, rule: StormRule) -> bool:
        """Whether a further violation gets no room of its own."""
        return self.going or self.opened >= rule.rooms


def look(
    connection: Connection, rules: Mapping[str, StormRule], keys: Collection[str], now: datetime
) -> dict[str, Storm]:
    """How things stand with each policy, and where those of `keys` are that were gathered."""
    found = {policy: Storm() for policy in rules}
    for within in {rule.within for rule in rules.values()}:
        policies = [policy for policy, rule in rules.items() if rule.within == within]
        arguments = {"policies": policies, "since": now - within, "keys": list(keys)}
        for policy, key, room, opened in connection.execute(_QUESTION, arguments):
            storm = found[policy]
            if key is None:
                storm.opened = opened
            elif key == STORM_KEY:
                storm.going = storm.going or room is None
                storm.room = room or storm.room
            else:
                storm.gathered[key] = room
    return found


def take_turns(connection: Connection, rules: Mapping[str, StormRule]) -> bool:
    """Wait for the others that count these policies' rooms, and say whether there may be any."""
    exact = [policy for policy, rule in rules.items() if rule.rooms < EXACT_BELOW]
    digests = [hashlib.sha256(f"storm {policy}".encode()).digest() for policy in exact]
    locks = sorted(int.from_bytes(digest[:8], signed=True) for digest in digests)
    if not locks or connection.dialect.name != "postgresql":
        return False
    connection.execute(_TURNS, {"locks": locks})
    return True
