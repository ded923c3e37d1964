"""What a room records of a message that asks for something, so that it is kept true."""

from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.aggregate import Recorded
from bot.domain.messages import PostedMessage
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.recording import Commands
from bot.outbox.delivery import Claimed

GIVING_DUTY = (e.HandedOff, e.Assigned)
ASKING = (
    e.Escalated,
    e.InfoRequested,
    e.ExceptionEnding,
    e.Proposed,
    e.CheckSucceeded,
    *GIVING_DUTY,
)


def recording_of(
    recorded: Recorded[e.Event],
    room: WarRoom,
    name: str | None,
    message: PostedMessage,
    effect: Claimed,
) -> Commands:
    """What is recorded of a `message` about an event, in the channel or to somebody by `name`.

    It was made from `room`, unless an earlier attempt at the effect has sent it.

    Nothing of one that stays true, as it tells what happened. One about who got a role asks only
    whoever got it.
    """
    event = recorded.event
    if not isinstance(event, ASKING) or (isinstance(event, GIVING_DUTY) and name is None):
        return ()
    role: Role | None = event.role if isinstance(event, GIVING_DUTY) else None
    return (
        r.RecordTold(
            about=recorded.seq,
            of=event.kind,
            name=name,
            role=role,
            message=message,
            seen=None if effect.uncertain else room,
        ),
    )
