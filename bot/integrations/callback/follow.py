"""What a decision leads to: the verdict is posted to where each of its violations came from."""

from bot.domain.effect import Change, Effect, Follower
from bot.domain.events import Decided
from bot.integrations.callback.kinds import CALLBACK


def decided(event: Decided, change: Change) -> tuple[Effect, ...]:
    """A callback for each violation that asks for one, each in a lane of its own."""
    del event
    return tuple(
        Effect(
            kind=CALLBACK.name,
            lane=f"callback:{violation.id}",
            payload={"violation": violation.id},
        )
        for violation in change.room.violations
        if violation.report.callback_url
    )


FOLLOW: Follower = {Decided: decided}
