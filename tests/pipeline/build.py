"""A verdict to deliver: its effect, its room, and the violation that wants to be told."""

from datetime import UTC, datetime

from bot.domain.aggregate import Step
from bot.domain.lifecycle import WAR_ROOM, open_room
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.integrations.callback.deliver import Callback
from bot.integrations.callback.kinds import CALLBACK
from bot.outbox.delivery import Claimed
from tests.build import APPROVE, POLICY, START, ada, decide, made_by, rules, val, violation

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def deliver(callback: Callback, claimed: Claimed, place: WarRoom) -> None:
    """Deliver as the outbox does: what fails is a failure of the destination where it says so."""
    try:
        recordings = await CALLBACK.deliver(callback, claimed, place)
    except Exception as error:
        if failure := CALLBACK.destination.failure(error):
            raise failure from error
        raise
    assert recordings == ()


def effect(attempts: int = 1, wanted: str = "violation1") -> Claimed:
    payload = {"violation": wanted}
    kind, lane = CALLBACK.name, f"callback:{wanted}"
    return Claimed(
        id=1,
        stream_kind=WAR_ROOM.kind,
        stream_id="room000001",
        kind=kind,
        lane=lane,
        target=None,
        payload=payload,
        attempts=attempts,
        uncertain=False,
        created_at=NOW,
        tried_since=NOW,
    )


def told(url: str | None) -> Violation:
    """The violation whose pipeline wants to be told there."""
    return violation(callback_url=url)


def room(url: str | None) -> WarRoom:
    """The room that was decided on it."""
    before = open_room("room000001", told(url), made_by(ada), rules(), START).after
    step = decide(before, APPROVE, val.name, POLICY, START)
    assert isinstance(step, Step)
    return step.after
