"""What the delivery reports of a room's channel and messages, and what an operator gave up."""

from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain import standing
from bot.domain.ask import Answer, Ask, misfit
from bot.domain.effect import ASKS
from bot.domain.messages import Standing
from bot.domain.refusal import Refusal, Why


def record_invited(ask: Ask[r.RecordInvited]) -> Answer:
    """Once a person."""
    new = tuple(name for name in ask.command.names if name not in ask.room.let_in)
    if not new:
        return Refusal(Why.NOTHING_TO_DO, "They were let into the channel before.")
    return (d.Invited(names=new),)


def record_result(ask: Ask[r.RecordResult]) -> Answer:
    """Once a room, and only what there is."""
    if ask.room.decision is None or ask.room.result_at:
        return Refusal(Why.NOTHING_TO_DO, "No result is waiting to be shown in the channel.")
    return (d.ResultShown(),)


def record_channel_lost(ask: Ask[r.RecordChannelLost]) -> Answer:
    """Once a room."""
    if ask.room.given_up_at:
        return Refusal(Why.NOTHING_TO_DO, "Nobody is waited for in the channel any more.")
    return (d.ChannelLost(error=ask.command.error),)


def record_told(ask: Ask[r.RecordTold]) -> Answer:
    """A message as it was delivered, and whether the room has changed under it since."""
    told, room = ask.command, ask.room
    message = Standing(
        about=told.about, of=told.of, name=told.name, role=told.role, message=told.message
    )
    return (
        d.Told(
            about=told.about,
            of=told.of,
            name=told.name,
            role=told.role,
            message=told.message,
            deadline=(told.seen or room).expires_at,
            overtaken=told.seen is None or standing.reads_otherwise(message, told.seen, room),
        ),
    )


def record_dropped(ask: Ask[r.RecordDropped]) -> Answer:
    """With a reason; whose an account is that is asked about no more, nobody knows."""
    command, room, why = ask.command, ask.room, ask.command.why.strip()
    if refused := misfit("reason", why):
        return refused
    dropped = d.Dropped(
        effect=command.effect,
        to=command.to,
        error=command.error,
        why=why,
        operator=command.operator,
    )
    asked = command.account if command.effect == ASKS else None
    if asked is None or asked not in room.awaited:
        return (dropped,)
    return (dropped, e.Identified(account=asked, names=(), assignments=room.assignments))
