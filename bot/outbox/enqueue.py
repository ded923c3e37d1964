"""From what happened to what waits in the outbox: followers are asked, effects become rows.

Rules
- What waits for the room's channel waits `PATIENCE` at most, and no longer than until it is there.
- Of what shows the room as it is only the newest of a batch is written (`latest_wins`).
- An effect without a room has its lane for itself.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.effect import Change, Effect, Follower
from bot.domain.fold import evolve
from bot.domain.lifecycle import Step
from bot.domain.war_room import WarRoom
from bot.outbox.kinds import Kinds
from bot.storage.rows import EffectRow, Outgoing

PATIENCE = timedelta(seconds=5)
CHANNEL = "channel"


class RegisteredFollowers:
    """Everything that follows from a step, by all followers; each acts on the events that it lists.

    ValueError for an effect of a kind that is not registered.
    """

    def __init__(self, kinds: Kinds, followers: Sequence[Follower]) -> None:
        self._kinds = kinds
        self._followers = followers

    def after(self, before: WarRoom | None, step: Step, now: datetime) -> Outgoing:
        """What follows from `step`, which led on from `before`."""
        rows: list[EffectRow] = []
        previous = before
        for recorded in step.events:
            is_last = recorded is step.events[-1]
            room = step.room if is_last else evolve(previous, recorded)
            change = Change(previous, room, recorded.seq, recorded.actor)
            for follower in self._followers:
                if follow := follower.get(type(recorded.event)):
                    effects = follow(recorded.event, change)
                    rows += (self.row(effect, step.room, now) for effect in effects)
            previous = room
        return Outgoing(tuple(rows), unblocks_pages=_unblocks_pages(before, step.room))

    def row(self, effect: Effect, room: WarRoom | None, now: datetime) -> EffectRow:
        """`effect` as it is to be written."""
        kind = self._kinds.get(effect.kind)
        if kind is None:
            raise ValueError(f"{effect.kind} is no registered kind of effect")
        lane, target = effect.lane, effect.lane if kind.is_message else None
        if room:
            lane = f"{room.id}/{effect.lane}"
            target = f"{CHANNEL}:{room.id}" if target == CHANNEL else target
        waits = effect.wait_for_channel and room is not None and room.channel is None
        return EffectRow(
            room_id=room.id if room else None,
            lane=lane,
            target=target,
            kind=kind.name,
            payload=json.dumps(effect.payload),
            urgency=kind.urgency,
            severity=-room.severity.rank if room else 0,
            deadline=room.expires_at if room else now,
            created_at=now,
            next_attempt_at=now + PATIENCE if waits else now,
            latest_wins=kind.latest_wins,
        )


def _unblocks_pages(before: WarRoom | None, room: WarRoom) -> bool:
    """Whether the channel that pages wait for is there now."""
    return room.channel is not None and (before is None or before.channel is None)
