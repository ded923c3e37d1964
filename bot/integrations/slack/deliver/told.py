"""What a room records of a message that asks for something, so that it is kept true."""

from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.aggregate import Recorded
from bot.domain.messages import PostedMessage
from bot.domain.standing import asking
from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.recording import Commands
from bot.outbox.delivery import Claimed


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
    if asking(event, name) is None:
        return ()
    role = event.role if isinstance(event, (e.HandedOff, e.Assigned)) else None
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
