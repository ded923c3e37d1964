"""A storm: more violations at once than their policy opens rooms for, sent one after another.

Rules
- Each is made fresh, as if sent alone; which of them got rooms of their own, the record says.
- How far it is shows while it is sent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

from bot.demo.sending import Answer
from bot.domain.countdown import countdown
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom

BEYOND = 4  # violations past the policy's limit, so that several gather

SendOne = Callable[[], Awaitable[tuple[Answer, WarRoom | None]]]


@dataclass(frozen=True, slots=True)
class Storm:
    """How far it is: `sent` of `total`; `alone` opened rooms of their own, `gathered` are in one.

    Nobody was asked about those that were `allowed` at once. `room` is the id of the one room;
    `stopped` is the status of an answer that ended it early.
    """

    policy: Policy
    total: int
    sent: int = 0
    alone: int = 0
    gathered: int = 0
    allowed: int = 0
    room: str = ""
    stopped: int | None = None

    @property
    def under_way(self) -> bool:
        """Whether there is more to come."""
        return self.sent < self.total and self.stopped is None


def limit(policy: Policy) -> str:
    """From when on violations of a policy gather, as in `10 rooms within 5 min`."""
    return f"{policy.storm.rooms} rooms within {countdown(policy.storm.within.total_seconds())}"


async def send_storm(policy: Policy, send_one: SendOne) -> AsyncIterator[Storm]:
    """Send as many as it takes; how far it is after each, until one is not taken."""
    storm = Storm(policy, policy.storm.rooms + BEYOND)
    yield storm
    while storm.under_way:
        answer, room = await send_one()
        if answer.violation is None:
            storm = replace(storm, stopped=answer.status)
        elif room is None:
            storm = replace(storm, sent=storm.sent + 1, allowed=storm.allowed + 1)
        elif room.is_storm:
            storm = replace(storm, sent=storm.sent + 1, gathered=storm.gathered + 1, room=room.id)
        else:
            storm = replace(storm, sent=storm.sent + 1, alone=storm.alone + 1)
        yield storm
