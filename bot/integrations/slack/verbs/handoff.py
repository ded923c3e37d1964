"""Hand off: one's own role in a room goes to somebody else who is eligible for it."""

from datetime import datetime

from bot.domain.commands import HandOff
from bot.domain.person import SLACK, Person, unnamed
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import OPTIONS, option
from bot.integrations.slack.show.inputs import select
from bot.integrations.slack.show.text import Block, plain
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb


def duties(room: WarRoom, name: str) -> tuple[Role, ...]:
    """The roles in which somebody is on duty, and which they may hand off."""
    mine = (each.role for each in room.assignments if each.on_duty == name)
    return tuple(role for role in mine if role.is_known)


def _successors(context: FormContext) -> list[Block]:
    """Who may take over: an option `ROLE:USER`, by Slack user id, for each person and role."""
    room = context.room
    return [
        # Whom no file names is shown by their Slack user id.
        option(
            f"{plain(person.slack if ':' in person.name else person.name, 50)}, {role}",
            f"{role}:{person.slack}",
        )
        for role in duties(room, context.name)
        for person in map(room.person, room.assignment(role).holders)
        if person.name != context.name and person.slack
    ][:OPTIONS]


def read(entries: Entries, now: datetime) -> HandOff:
    """The successor that was chosen. InvalidInputError without one."""
    del now
    role, _, user = entries.get("to", "").partition(":")
    if role not in set(Role) or not user:
        raise InvalidInputError({"to": "Choose who takes over."})
    return HandOff(role=Role(role), to=unnamed(SLACK, user))


def empty(context: FormContext) -> HandOff:
    """The hand-off of the user's own role, to nobody yet."""
    role = next(iter(duties(context.room, context.name)), Role.VALIDATOR)
    return HandOff(role=role, to=Person(name=""))


def obstacle(context: FormContext) -> str | None:
    """That nobody else is eligible, where that is so."""
    if _successors(context):
        return None
    return f"Nobody else may be {empty(context).role} in this war room."


HANDOFF = Verb(
    action_id="handoff",
    label="Hand off…",
    act=Form(
        callback_id="handoff_modal",
        title="Hand off",
        submit="Hand off",
        command=HandOff,
        inputs=lambda context: [select("to", "To whom?", _successors(context))],
        read=read,
        empty=empty,
        obstacle=obstacle,
    ),
    of_use=lambda room, name: bool(duties(room, name)),
)
