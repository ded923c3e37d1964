"""Views: the rows in which a stream's state stands beside its events, to be read and asked for.

Rules
- A row holds the whole state as its document, and beside it what questions are asked of.
- A kind of stream without a view is read from its events each time: it has few of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage import tables as t


@dataclass(frozen=True, slots=True)
class View:
    """The table of a kind of stream, what stands in it, and how a document is read.

    New rows are inserted in the order of `order`, so that writers can't wait in a circle.
    """

    table: Table
    row: Callable[[Any], dict[str, Any]]
    read: Callable[[str], Any]
    order: Callable[[dict[str, Any]], tuple[str, ...]]


def room_row(room: WarRoom) -> dict[str, Any]:
    """A war room's row."""
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
        "document": room.model_dump_json(),
        "gathered_at": room.newest.received_at if room.is_storm else None,
    }


VIEWS: Mapping[str, View] = {
    WAR_ROOM.kind: View(
        table=t.rooms,
        row=room_row,
        read=WarRoom.model_validate_json,
        order=lambda row: (row["policy_id"], row["dedup_key"]),
    ),
}
