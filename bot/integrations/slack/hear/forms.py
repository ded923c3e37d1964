"""The forms of verbs, shown to somebody on a room as it is by now.

Rules
- A form that decides shows what a decision settles, and remembers how many violations it showed.
- It says what joined since the person was shown the room before.
"""

from dataclasses import replace

from bot.domain.person import Actor
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine, UnknownRoomError
from bot.integrations.slack.show.about import about
from bot.integrations.slack.show.modals import NOTHING, Reference, form_modal
from bot.integrations.slack.show.text import View
from bot.integrations.slack.verbs.entries import Entries
from bot.integrations.slack.verbs.verb import Form, FormContext


def form_context(engine: Engine, room: WarRoom, actor: Actor) -> FormContext:
    """What a form on `room` is made of for somebody; asks the database."""
    told, name = about(engine, room), room.name_of(actor.person)
    seen = (
        told.room,
        told.policy,
        told.facts,
        told.now,
        told.earlier,
        told.besides,
        told.exception,
    )
    return FormContext(*seen, name=name, store=engine.store)


def shown_form(
    form: Form, context: FormContext, before: Reference, entries: Entries = NOTHING
) -> View:
    """The modal of a form, for somebody who was shown the room `before`; may ask the database."""
    room = context.room
    now = replace(before, shown_count=room.count)
    since = now.shown_count - before.shown_count if before.shown_count else 0
    return form_modal(form, context, now, entries, since)


def shown_anew(
    engine: Engine, form: Form, before: Reference, actor: Actor, entries: Entries
) -> View:
    """The modal of a form once more, with what was entered in it. UnknownRoomError."""
    room = engine.store.room(before.room_id)
    if room is None:
        raise UnknownRoomError(before.room_id)
    return shown_form(form, form_context(engine, room, actor), before, entries)
