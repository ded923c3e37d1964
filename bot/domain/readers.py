"""Whether those who belong in a room's channel can read its result there, and since when."""

from datetime import datetime

from bot.domain.war_room import WarRoom


def readable_since(room: WarRoom) -> datetime | None:
    """Since when everybody who belongs in the channel can read the result there; None: not yet.

    Whom Slack will not let in is not waited for, nor is anybody once that was given up.
    """
    if room.decision is None:
        return None
    if not room.awaits_readers:
        return room.decision.at
    if room.given_up_at:
        return max(room.given_up_at, room.decision.at)
    if room.result_at is None or not {*room.let_in, *room.unreachable}.issuperset(room.invited):
        return None
    return max(room.result_at, room.let_in_at or room.result_at)
