"""From what happened to what waits in the outbox: followers are asked, effects become rows.

Rules
- What waits for the room's channel waits `PATIENCE` at most, and no longer than until it is there.
- Of what shows the room as it is only the newest of a batch is written (`latest_wins`).
- An effect without a room, and one that is `shared`, has its lane for itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json

from bot.domain.aggregate import Step
from bot.domain.effect import Change, Effect, Follower
from bot.domain.war_room import WarRoom
from bot.outbox.kinds import Kinds
from bot.storage.rows import EffectRow, Outgoing
from bot.storage.transaction import Stream

PATIENCE = timedelta(seconds=5)
CHANNEL = "channel"


class RegisteredFollowers:
    """Everything that follows from a step, by all followers; each acts on the events that it lists.

    ValueError for an effect of a kind that is not registered.
    """

    def __init__(self, kinds: Kinds, followers: Sequence[Follower]) -> None:
        self._kinds = kinds
        self._followers = followers

    def after(
        self,
        kind: str,
        before: Any,  # noqa: ANN401 - the state of a stream of this kind
        step: Step[Any, Any],
        states: Sequence[Any],
        now: datetime,
    ) -> Outgoing:
        """What follows from `step`, which led on from `before` over `states`."""
        rows: list[EffectRow] = []
        stream, previous = Stream(kind, step.after.id), before
        for recorded, after in zip(step.events, states, strict=True):
            change = Change(previous, after, recorded.seq, recorded.actor)
            for follower in self._followers:
                if follow := follower.get(type(recorded.event)):
                    effects = follow(recorded.event, change)
                    rows += (self.row(effect, now, stream, step.after) for effect in effects)
            previous = after
        return Outgoing(tuple(rows), unblocks=_has_channel(step.after) and not _has_channel(before))

    def row(
        self,
        effect: Effect,
        now: datetime,
        stream: Stream | None = None,
        state: Any = None,  # noqa: ANN401 - the state of the stream
    ) -> EffectRow:
        """`effect` as it is to be written; in a stream whose state is given, or in none."""
        kind = self._kinds.get(effect.kind)
        if kind is None:
            raise ValueError(f"{effect.kind} is no registered kind of effect")
        if effect.shared:
            stream = state = None
        room = state if isinstance(state, WarRoom) else None
        lane, target = effect.lane, effect.lane if kind.is_message else None
        if stream:
            lane = f"{stream.id}/{effect.lane}"
            target = f"{CHANNEL}:{stream.id}" if target == CHANNEL else target
        waits = effect.wait_for_channel and room is not None and room.channel is None
        return EffectRow(
            stream_kind=stream.kind if stream else None,
            stream_id=stream.id if stream else None,
            lane=lane,
            target=target,
            kind=kind.name,
            payload=to_json(effect.payload).decode(),
            urgency=kind.urgency,
            severity=-room.severity.rank if room else 0,
            deadline=room.expires_at if room else now,
            created_at=now,
            next_attempt_at=now + PATIENCE if waits else now,
            latest_wins=kind.latest_wins,
        )


def _has_channel(state: Any) -> bool:  # noqa: ANN401 - any stream's, or none
    """Whether the channel that pages wait for is there."""
    return isinstance(state, WarRoom) and state.channel is not None
