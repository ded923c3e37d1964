"""What the measures count: violations and rooms as the database has them.

Rules
- A case is a violation, not a room: ten violations settled by one decision are ten cases.
- Its clock starts when the violation was detected.
- That a person decided is said only of outcomes that are known here.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from bot.domain.exception import PolicyException
from bot.domain.war_room import Outcome, WarRoom
from bot.measures.case import CaseKind, Cases, in_seconds
from bot.measures.cleared import Beforehand
from bot.measures.debt import ENDED_SHOWN, Kind, Liability
from bot.storage import exceptions
from bot.storage.answer_counts import counts_without_room
from bot.storage.follow_ups import open_follow_ups
from bot.storage.store import Store

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


def liabilities(store: Store, now: datetime) -> list[Liability]:
    """The governance debt's parts: open rooms, exceptions that hold or ended lately, follow-ups."""
    still_open = [
        _liability(room, Kind.OPEN, room.opened_at, room.expires_at)
        for room in store.open_rooms(limit=1_000_000)
    ]
    excepted = [
        _liability(
            each,
            Kind.EXCEPTION if each.is_active(now) else Kind.ENDED,
            each.granted_at,
            each.revoked_at or each.until,
        )
        for each in store.ask(partial(exceptions.until_after, moment=now - ENDED_SHOWN))
        if each.is_debt
    ]
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
    return still_open + excepted + owed


def _liability(
    of: WarRoom | PolicyException, kind: Kind, since: datetime, until: datetime
) -> Liability:
    return Liability(
        kind=kind,
        room=of.id,
        team=of.team,
        policy=of.policy_id,
        severity=of.severity,
        since=since,
        until=until,
        title=of.title,
    )
