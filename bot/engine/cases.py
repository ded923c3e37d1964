"""What the measures count: violations and rooms as the database has them.

Rules
- A case is a violation, not a room: ten violations settled by one decision are ten cases.
- Its clock starts when the violation was detected.
- That a person decided is said only of outcomes that are known here.
"""

from datetime import datetime
from functools import partial

from bot.domain.exception import PolicyException
from bot.domain.war_room import Outcome, WarRoom
from bot.measures.case import CaseKind, Cases, in_seconds
from bot.measures.debt import ENDED_SHOWN, Kind, Liability
from bot.storage import exceptions
from bot.storage.follow_ups import open_follow_ups
from bot.storage.store import Store

BY_PEOPLE = frozenset(Outcome) - {Outcome.EXPIRED}


def cases(
    store: Store,
    now: datetime,
    since: datetime | None = None,
    policy: str | None = None,
    team: str | None = None,
) -> list[Cases]:
    """Every violation detected since then, as of `now`; of that policy and team where given."""
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
        for waits in store.waits(now, since, policy, team)
    ]


def liabilities(store: Store, now: datetime) -> list[Liability]:
    """The governance debt's parts: open rooms, exceptions that hold or ended lately, follow-ups."""
    still_open = [
        _liability(room, Kind.OPEN, room.opened_at, room.expires_at)
        for room in store.open_rooms(limit=1_000_000)
    ]
    excepted = [
        _liability(each, Kind.EXCEPTION, each.granted_at, each.revoked_at or each.until)
        for each in store.ask(partial(exceptions.until_after, moment=now - ENDED_SHOWN))
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
