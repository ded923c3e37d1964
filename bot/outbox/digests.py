"""Digests: who would get too many pages gets one message about all of them.

Rules
- As many pages in a window as their limit says come one by one. Where more wait for one person,
  all of theirs become one digest; and between two digests there is a window of its own.
- The digest is an effect like any other, in the place of the pages, in one transaction with them.
- A page that was perhaps sent already stays: it is looked up first.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from bot.outbox.budgets import Buckets
from bot.outbox.kinds import EffectKind
from bot.storage import tables as t
from bot.storage.rows import EffectRow, effect_row

MOST = 500  # rooms in one digest; its message lists the first few

_e = t.effects.c
_PAGES = (
    _e.state == t.PENDING,
    _e.kind == bindparam("of"),
    _e.next_attempt_at <= bindparam("now"),
    ~_e.uncertain,
    _e.target.in_(bindparam("targets", expanding=True)),
)
_BY_TARGET = "INDEXED BY ix_effects_target"  # else SQLite reads every page that is due
_COUNT = (
    select(_e.target, func.count())
    .with_hint(t.effects, _BY_TARGET, "sqlite")
    .where(*_PAGES)
    .group_by(_e.target)
)
_OF_ONE = (
    select(_e.id, _e.stream_id, _e.severity, _e.deadline)
    .with_hint(t.effects, _BY_TARGET, "sqlite")
    .where(*_PAGES)
    .order_by(_e.severity, _e.deadline, _e.id)
    .limit(MOST)
    .with_for_update(skip_locked=True)
)


def pages(target: str) -> str:
    """The budget of a person's pages."""
    return f"pages:{_person(target)}"


def gather(
    connection: Connection,
    now: datetime,
    buckets: Buckets,
    page: EffectKind,
    digest: EffectKind,
    rows: Sequence[Any],
) -> list[Any]:
    """Those of the pages in `rows` that come one by one; the others become digests."""
    targets = sorted({row.target for row in rows})
    buckets.read(name for target in targets for name in (pages(target), _digests(target)))
    waiting = connection.execute(_COUNT, {"now": now, "of": page.name, "targets": targets})
    crowded = {
        target
        for target, count in waiting
        if (left := buckets.left(pages(target))) is not None and count > left
    }
    for target in sorted(crowded):
        chosen = {"now": now, "of": page.name, "targets": [target]}
        budget = _digests(target)
        if not buckets.take(budget):
            later = update(t.effects).where(*_PAGES).values(next_attempt_at=buckets.free_at(budget))
            connection.execute(later, chosen)
        # None where another process has them.
        elif gathered := connection.execute(_OF_ONE, chosen).all():
            connection.execute(
                insert(t.effects), effect_row(_of_pages(digest, target, gathered, now))
            )
            gone = delete(t.effects).where(_e.id.in_([row.id for row in gathered]))
            connection.execute(gone)
    return [row for row in rows if row.uncertain or row.target not in crowded]


def _of_pages(digest: EffectKind, target: str, pages: Sequence[Any], now: datetime) -> EffectRow:
    rooms = " ".join(row.stream_id for row in pages)
    return EffectRow(
        stream_kind=None,
        stream_id=None,
        lane=target,
        target=target,
        kind=digest.name,
        payload=json.dumps({"user": _person(target), "rooms": rooms}),
        urgency=digest.urgency,
        severity=min(row.severity for row in pages),
        deadline=min(row.deadline for row in pages),
        created_at=now,
        next_attempt_at=now,
        latest_wins=digest.latest_wins,
    )


def _digests(target: str) -> str:
    return f"digests:{_person(target)}"


def _person(target: str) -> str:
    return target.partition(":")[2]
