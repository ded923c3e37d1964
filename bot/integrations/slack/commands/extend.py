"""`/warroom extend`: more time for a room, with a reason."""

from bot.domain import commands as c
from bot.domain import duration
from bot.domain.refusal import Refusal
from bot.integrations.slack.commands.invocation import CannotError, Invocation, Reply, spoken
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.text import date, long, outside, person

USAGE = "extend [room] 1h because …: more time, with a reason"


async def handle(invocation: Invocation) -> Reply:
    """Extend the window."""
    room, words = await invocation.room()
    length, _, reason = words.partition(" ")
    try:
        by = duration.parse(length)
    except ValueError as error:
        found = f"Found `{outside(length, 40)}`" if length else "By how much"
        raise CannotError(f"{found}: need {duration.NEEDED}. `/warroom {USAGE}`") from error
    reason = spoken(reason)
    first, _, rest = reason.partition(" ")
    reason = rest if first.lower().rstrip(":,") == "because" else reason
    command = c.Extend(by=by, reason=reason)
    await invocation.learn(room.id, c.Extend)
    outcome = await invocation.engine.handle(
        room.id, command, invocation.actor, invocation.trigger_id or None
    )
    if isinstance(outcome, Refusal):
        raise CannotError(outcome.told(person))
    return f"Extended by {long(by)}: decide by {date(outcome.after.expires_at)}."


EXTEND = Subcommand(USAGE, handle)
