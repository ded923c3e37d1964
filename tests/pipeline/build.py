"""A verdict to deliver: its effect, and its room."""

from datetime import UTC, datetime

from bot.domain.war_room import WarRoom
from bot.integrations.callback.deliver import Callback, failure
from bot.integrations.callback.kinds import CALLBACK
from bot.outbox.delivery import Claimed, Recordings
from tests.build import POLICY, opened, violation

NOW = datetime.now(UTC).replace(microsecond=0)  # the oracle has a clock of its own


def effect(attempts: int = 1, wanted: str = "violation1") -> Claimed:
    payload = {"violation": wanted}
    kind, lane = CALLBACK.name, f"callback:{wanted}"
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


async def delivered(callback: Callback, claimed: Claimed, room: WarRoom) -> Recordings:
    """Deliver, and tell failures apart as the outbox does."""
    try:
        return await callback.deliver(claimed, room)
    except Exception as error:
        raise failure(error) or error from error


def room(url: str | None) -> WarRoom:
    return opened(POLICY).room.model_copy(update={"violation": violation(callback_url=url)})
