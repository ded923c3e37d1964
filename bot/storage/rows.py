"""Rows: how a room, a violation, an event and an effect stand in their tables."""

from collections.abc import Iterator
from typing import Any

from bot.domain.effects import LATEST_WINS, Effect
from bot.domain.events import Recorded
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.storage.documents import written


def room_row(room: WarRoom) -> dict[str, Any]:
    """The whole room as its document, and beside it what is asked for."""
    decision = room.decision
    return {
        "id": room.id,
        "version": room.version,
        "state": room.state,
        "policy_id": room.policy_id,
        "severity": room.severity,
        "team": room.team,
        "dedup_key": room.key,
        "opened_at": room.opened_at,
        "expires_at": room.expires_at,
        "acknowledged_at": min(room.acknowledged.values(), default=None),
        "first_response_at": room.first_response_at,
        "decided_at": decision and decision.at,
        "outcome": decision and decision.outcome,
        "valid_until": decision and decision.valid_until,
        "channel": room.channel,
        "document": written(room),
        "gathered_at": room.newest.received_at if room.is_storm else None,
    }


def violation_row(violation: Violation, room: WarRoom, delivery_id: str) -> dict[str, Any]:
    """Where a violation belongs, and its delivery; in a storm's room its key too."""
    return {
        "id": violation.id,
        "room_id": room.id,
        "source": violation.source,
        "delivery_id": delivery_id,
        "received_at": violation.received_at,
        "detected_at": violation.detected_at,
        "gathered_key": violation.report.key if room.is_storm else None,
    }


def event_row(room_id: str, recorded: Recorded, delivery: str | None) -> dict[str, Any]:
    """An event in its place, and what a person sent in that led to it."""
    return {
        "room_id": room_id,
        "seq": recorded.seq,
        "at": recorded.at,
        "actor": recorded.actor,
        "kind": recorded.event.kind,
        "payload": recorded.event.model_dump_json(),
        "delivery": delivery,
    }


def newest(effects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Without those that a later one of the same batch supersedes."""
    last = {(row["lane"], row["kind"]): row for row in effects if row["kind"] in LATEST_WINS}
    for row in effects:
        if last.get((row["lane"], row["kind"]), row) is row:
            yield row


def target(effect: Effect, room: WarRoom | None) -> str | None:
    """The conversation of a message: a person's, or the room's channel."""
    return (
        f"channel:{room.id}" if room and effect.conversation == "channel" else effect.conversation
    )
