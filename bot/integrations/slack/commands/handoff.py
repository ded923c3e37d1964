"""`/warroom handoff`: one's own role in a room goes to somebody eligible."""

from bot.domain import access
from bot.domain import commands as c
from bot.domain.policy import Role
from bot.domain.refusal import Refusal
from bot.domain.war_room import WarRoom
from bot.integrations.slack.commands.invocation import CannotError, Invocation, Reply, mentioned
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.text import mention
from bot.integrations.slack.verbs.handoff import duties

USAGE = "handoff [room] @somebody: your role in a war room to somebody eligible"


async def handle(invocation: Invocation) -> Reply:
    """Hand off a role; of two the one that is named, or the first that the other may hold."""
    room, words = await invocation.room()
    found = [user for word in words.split() if (user := mentioned(word))]
    if len(found) != 1:
        raise CannotError(f"To whom? Mention one person. `/warroom {USAGE}`")
    role = _role(room, invocation.user, found[0], words)
    outcome = await invocation.engine.handle(
        room.id, c.HandOff(role=role, to=found[0]), invocation.user
    )
    if isinstance(outcome, Refusal):
        raise CannotError(outcome.message)
    return f"{mention(found[0])} is {role} on duty now."


def _role(room: WarRoom, user: str, to: str, words: str) -> Role:
    mine = duties(room, user)
    named = [role for role in mine if role in words.lower().split()]
    fitting = [role for role in mine if to in room.seat(role).holders]
    held = access.roles_of(room, user)
    return next(iter([*named, *fitting, *mine, *held]), Role.VALIDATOR)


HANDOFF = Subcommand(USAGE, handle)
