"""Extend: more time to decide, up to twice the window, with a reason."""

from datetime import datetime, timedelta

from bot.domain import duration
from bot.domain.commands import Extend
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import option
from bot.integrations.slack.show.inputs import long_text, offered, select
from bot.integrations.slack.show.text import Block, long
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, span
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_EXTENSIONS = (
    *(n * _MINUTE for n in (5, 15, 30)),
    *(n * _HOUR for n in (1, 2, 4, 8, 12)),
    *(n * _DAY for n in (1, 2, 4, 7)),
)
_DOUBLED = "The window is doubled already; it can't be extended more."


def _is_doubled(room: WarRoom) -> bool:
    return room.extended_by >= room.window


def inputs(context: FormContext) -> list[Block]:
    """By how much, at most until the window is doubled, and why."""
    most = context.room.window - context.room.extended_by
    spans = [option(long(time), duration.text(time)) for time in offered(_EXTENSIONS, most)]
    return [
        select("by", "By how much?", spans),
        long_text("reason", "Reason", "What is needed that the window is too short for?"),
    ]


def read(entries: Entries, now: datetime) -> Extend:
    """The extension that was entered. InvalidInputError without its duration."""
    try:
        by = span(entries.get("by", ""), now)
    except ValueError as error:
        raise InvalidInputError({"by": f"Choose by how much: {duration.NEEDED}."}) from error
    return Extend(by=by, reason=entries.get("reason", ""))


EXTEND = Verb(
    action_id="extend",
    label="Extend…",
    act=Form(
        callback_id="extend_modal",
        title="Extend the window",
        submit="Extend",
        command=Extend,
        inputs=inputs,
        read=read,
        empty=lambda _: Extend(by=timedelta(0), reason=""),
        obstacle=lambda context: _DOUBLED if _is_doubled(context.room) else None,
    ),
    of_use=lambda room, _: not _is_doubled(room),
)
