"""Hand off: one's own role in a room goes to somebody else who is eligible for it."""

from datetime import datetime

from bot.domain.commands import HandOff
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import OPTIONS, option
from bot.integrations.slack.show.inputs import select
from bot.integrations.slack.show.text import Block, plain
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError
from bot.integrations.slack.verbs.verb import ButtonRow, Form, FormContext, Verb


def duties(room: WarRoom, user: str) -> tuple[Role, ...]:
    """The roles in which `user` is on duty, and which they may hand off."""
    return tuple(seat.role for seat in room.seats if seat.on_duty == user)


def _successors(context: FormContext) -> list[Block]:
    """Who may take over from the user: an option `ROLE:USER` for each person and role."""
    room, people = context.room, context.people
    return [
        option(
            f"{plain(person.key, 50) if (person := people.by_slack(user)) else user}, {role}",
            f"{role}:{user}",
        )
        for role in duties(room, context.user)
        for user in room.seat(role).holders
        if user != context.user
    ][:OPTIONS]


def _read(entries: Entries, now: datetime) -> HandOff:
    del now
    role, _, user = entries.get("to", "").partition(":")
    if role not in set(Role) or not user:
        raise InvalidInputError({"to": "Choose who takes over."})
    return HandOff(role=Role(role), to=user)


def _empty(context: FormContext) -> HandOff:
    return HandOff(role=next(iter(duties(context.room, context.user)), Role.VALIDATOR), to="")


def _obstacle(context: FormContext) -> str | None:
    if _successors(context):
        return None
    return f"Nobody else may be {_empty(context).role} in this war room."


HANDOFF = Verb(
    action_id="handoff",
    label="Hand off…",
    row=ButtonRow.REST,
    act=Form(
        callback_id="handoff_modal",
        title="Hand off",
        submit="Hand off",
        command=HandOff,
        inputs=lambda context: [select("to", "To whom?", _successors(context))],
        read=_read,
        empty=_empty,
        obstacle=_obstacle,
    ),
    of_use=lambda room, user: bool(duties(room, user)),
)
