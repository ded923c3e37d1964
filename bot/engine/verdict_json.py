"""How a room looks from outside: the one JSON that the gate and the callbacks give."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.war_room import Decision, Verdict, WarRoom


def stamp(when: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def room_url(channel: str | None) -> str | None:
    """Where a room's channel opens, in whichever workspace the reader is."""
    return f"https://slack.com/app_redirect?channel={channel}" if channel else None


def decided_by(decision: Decision) -> str:
    """Who decided, by their id in the system that they acted in; the clock is `system:timeout`."""
    return decision.account.partition(":")[2] if decision.account else decision.by


def verdict(violation_id: str, room: WarRoom | None, now: datetime) -> dict[str, Any]:
    """The verdict on one violation of a room as it holds at `now`, with its reason.

    Past the validity of an override it is `block` again: an exception is one until its end.
    Without a room only a newer version can give the answer, and nothing is allowed yet.
    """
    decision = room and room.decision
    return {
        "violation_id": violation_id,
        "room_id": room and room.id,
        "policy": room and room.policy_id,
        "policy_digest": room and room.policy_digest,
        "verdict": decision.verdict_at(now) if decision else Verdict.PENDING,
        "outcome": decision and decision.outcome,
        "reason": decision and decision.reason,
        "decided_by": decision and decided_by(decision),
        "decided_at": stamp(decision.at) if decision else None,
        "valid_until": stamp(decision.valid_until) if decision and decision.valid_until else None,
        "expires_at": room and stamp(room.expires_at),
        "room_url": room and room_url(room.channel),
    }
