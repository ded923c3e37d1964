"""`/warroom extend`: more time for a room, with a reason."""

from datetime import timedelta

from bot.domain import commands as c
from bot.domain import moments
from bot.domain.refusal import Refusal
from bot.domain.war_room import WarRoom
from bot.integrations.slack.commands.invocation import CannotError, Invocation, Reply, spoken
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.text import date, long, outside, person

USAGE = "extend [#room] 2 hours because …: more time, or until a moment, with a reason"
NO_ZONE = (
    "Slack doesn't say just now in which time zone you are. Say for how long instead, such as 2 "
    "hours."
)


async def handle(invocation: Invocation) -> Reply:
    """Extend the window."""
    room, words = await invocation.room(else_here=moments.leading)
    read = moments.leading(words)
    if read is None:
        found = f"Found `{outside(spoken(words), 40)}`" if words else "By how much"
        raise CannotError(f"{found}: need {moments.NEEDED}. `/warroom {USAGE}`")
    end, reason = read
    by = end if isinstance(end, timedelta) else await _until(invocation, room, end)
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


async def _until(invocation: Invocation, room: WarRoom, end: moments.WallTime) -> timedelta:
    """How much more time it is until then. CannotError where it is none, or nobody knows."""
    zone = end.zone or await invocation.zone()
    if zone is None:
        raise CannotError(NO_ZONE)
    moment = end.after(invocation.engine.now(), zone)
    if moment <= room.expires_at:
        raise CannotError(
            f"{date(moment)} is no later than what it is to be decided by: {date(room.expires_at)}."
        )
    return moment - room.expires_at


EXTEND = Subcommand(USAGE, handle)
