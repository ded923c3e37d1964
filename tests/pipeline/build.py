"""A verdict to deliver: its effect, and its room."""

from datetime import UTC, datetime

from bot.domain.effects import EffectKind
from bot.domain.war_room import WarRoom
from bot.outbox.claim import Claimed
from tests.build import POLICY, opened, violation

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def effect(attempts: int = 1, wanted: str = "violation1") -> Claimed:
    payload = {"violation": wanted}
    kind, lane = EffectKind.CALLBACK, f"callback:{wanted}"
    return Claimed(
        id=1,
        room_id="room000001",
        kind=kind,
        lane=lane,
        target=None,
        payload=payload,
        attempts=attempts,
        uncertain=False,
        created_at=NOW,
        tried_since=NOW,
    )


def room(url: str | None) -> WarRoom:
    return opened(POLICY).room.model_copy(update={"violation": violation(callback_url=url)})
