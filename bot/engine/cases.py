"""What the measures count: violations and rooms as the database has them.

Rules
- A case is a violation, not a room: ten violations settled by one decision are ten cases.
- Its clock starts when the violation was detected.
- That a person decided is said only of outcomes that are known here.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.war_room import Outcome
from bot.measures.case import CaseKind, Cases, in_seconds
from bot.measures.cleared import Beforehand
from bot.measures.debt import (
    DAY,
    ENDED_SHOWN,
    SEVERITY_WEIGHT,
    Debt,
    Kind,
    Liability,
    Owing,
    Sum,
    day_weight,
    debt,
    debt_of,
    sums_of,
)
from bot.measures.part import NO_CLASSES
from bot.storage import debts
from bot.storage.answer_counts import counts_without_room
from bot.storage.debts import DebtRow, DebtSum, Weighing
from bot.storage.follow_ups import open_follow_ups
from bot.storage.store import Store

_WEIGHING = Weighing(SEVERITY_WEIGHT, day_weight("one that is not known here"))
BY_PEOPLE = frozenset(Outcome) - {Outcome.EXPIRED, Outcome.SUPERSEDED}


def cases(
    store: Store,
    now: datetime,
    since: datetime | None = None,
    policies: Collection[str] | None = None,
    team: str | None = None,
) -> list[Cases]:
    """Every violation detected since then, as of `now`; of these policies and that team if given.

    One that nobody was asked about is none: it waited for nobody.
    """
    return [
        in_seconds(
            CaseKind(
                policy=waits.policy_id,
                team=waits.team,
                severity=waits.severity,
                resolved=waits.outcome is not None,
                outcome=waits.outcome,
                human=waits.outcome in BY_PEOPLE,
            ),
            waits.ends,
            waits.acknowledged,
            waits.first_responses,
        )
        for waits in store.waits(now, since, policies, team)
    ]


def decided_beforehand(
    store: Store,
    since: datetime | None = None,
    policies: Collection[str] | None = None,
    team: str | None = None,
) -> list[Beforehand]:
    """The answers beside those cases, for which nobody was asked."""
    counted = store.ask(lambda asked: counts_without_room(asked, since, policies, team))
    return [Beforehand(each.policy_id, each.kind, each.rule, each.count) for each in counted]


def governance_debt(
    store: Store,
    now: datetime,
    classes: Mapping[str, str] = NO_CLASSES,
    listed: int | None = None,
) -> Debt:
    """Open rooms, exceptions that hold or ended lately, and follow-ups.

    Where `listed` is given, no more of each are read one by one, and all are added up in the
    database: that takes a twentieth of the time.
    """
    owed = [
        Liability(
            kind=Kind.FOLLOW_UP,
            room=each.room_id,
            team=each.team,
            policy=each.policy_id,
            severity=each.severity,
            since=each.opened_at,
            until=each.until,
            title=each.title,
            follow_up=each.id,
        )
        for each in open_follow_ups(store)
    ]

    def listing(connection: Connection) -> Owing:
        ended, ended_count = debts.ended_exceptions(connection, now - ENDED_SHOWN, now, listed)
        rooms = debts.heaviest_rooms(connection, now, _WEIGHING, listed)
        exceptions = debts.heaviest_exceptions(connection, now, _WEIGHING, listed)
        found = [_liability(Kind.OPEN, each) for each in rooms]
        found += [_liability(Kind.EXCEPTION, each) for each in exceptions]
        return Owing(
            sums=[*(_sums(connection, now) if listed else ()), *sums_of(owed, now)],
            listed=[*found, *owed],
            ended=[_liability(Kind.ENDED, each) for each in ended],
            ended_count=ended_count,
        )

    owing = store.ask(listing)
    if listed is None:
        return debt([*owing.listed, *owing.ended], now, classes)
    return debt_of(owing, now, classes)


def _sums(connection: Connection, now: datetime) -> list[Sum]:
    rooms, exceptions = debts.open_sums(connection, now), debts.exception_sums(connection, now)
    return [
        *(_sum(Kind.OPEN, each) for each in rooms),
        *(_sum(Kind.EXCEPTION, each) for each in exceptions),
    ]


def _sum(kind: Kind, found: DebtSum) -> Sum:
    days, oldest = found.ages / DAY, found.oldest / DAY
    return Sum(kind, found.team, found.policy_id, found.severity, found.count, days, oldest)


def _liability(kind: Kind, row: DebtRow) -> Liability:
    return Liability(
        kind=kind,
        room=row.id,
        team=row.team,
        policy=row.policy_id,
        severity=row.severity,
        since=row.since,
        until=row.until,
        title=row.title,
    )
