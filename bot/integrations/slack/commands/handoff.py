"""`/warroom handoff`: one's own role in a room goes to somebody eligible."""

from bot.domain import access
from bot.domain import commands as c
from bot.domain.policy import Role
from bot.domain.refusal import Refusal
from bot.integrations.slack.commands.invocation import (
    CannotError,
    Invocation,
    Reply,
    mentioned,
    not_understood,
)
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.text import mention, person
from bot.integrations.slack.verbs.handoff import duties

USAGE = "handoff [#room] [role] @somebody: your role in a war room to somebody eligible"
ROLES = tuple(role for role in Role if role is not Role.INITIATOR)


async def handle(invocation: Invocation) -> Reply:
    """Hand off a role; of two the one that is named, or the first that the other may hold."""
    room, words = await invocation.room()
    named = [role for role in ROLES if role in words.lower().split()]
    rest = [word for word in words.split() if word.lower() not in (*named, "to")]
    mentions = [user for word in rest if (user := mentioned(word))]
    unknown = [word for word in rest if not mentioned(word)]
    if unknown:
        raise not_understood(" ".join(unknown), ROLES, USAGE)
    if len(mentions) != 1:
        raise CannotError(f"To whom? Mention one person. `/warroom {USAGE}`")
    await invocation.learn(room.id, c.HandOff)
    to = invocation.engine.people.in_slack(mentions[0])
    name, heir = room.name_of(invocation.actor.person), room.name_of(to)
    mine = duties(room, name)
    fitting = [role for role in mine if heir in room.assignment(role).holders]
    held = [role for role in access.roles_of(room, name) if role.is_known]
    asked = [role for role in named if role in mine]
    role = next(iter([*asked, *fitting, *mine, *held]), Role.VALIDATOR)
    outcome = await invocation.engine.handle(room.id, c.HandOff(role=role, to=to), invocation.actor)
    if isinstance(outcome, Refusal):
        raise CannotError(outcome.told(person))
    return f"{mention(mentions[0])} is {role} on duty now."


HANDOFF = Subcommand(USAGE, handle)
