"""Settle one apart: a violation of a storm leaves for a room and a decision of its own."""

from itertools import islice

from bot.domain.commands import Split
from bot.domain.violation import Violation
from bot.domain.war_room import STORM_MOST, WarRoom
from bot.integrations.slack.show.blocks import OPTIONS, context, option
from bot.integrations.slack.show.inputs import notice, select
from bot.integrations.slack.show.text import Block, View, plain
from bot.integrations.slack.show.violation import label_of
from bot.integrations.slack.verbs.entries import Entries
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb
from bot.storage.store import Store

_WHAT = "It leaves this room for one of its own, with the same policy and a window from now on."


def _is_separable(room: WarRoom) -> bool:
    return room.is_storm and not room.contents.one_key


def inputs(about: FormContext) -> list[Block]:
    """One violation for each key, the newest first, as many as Slack takes."""
    newest: dict[str, Violation] = {}
    for violation in about.store.violations_in(about.room.id, STORM_MOST):
        newest.setdefault(violation.report.bound_key, violation)
    which = [
        option(plain(label_of(violation), 75), violation.id)
        for violation in islice(newest.values(), OPTIONS)
    ]
    more = f" Slack shows {OPTIONS} at most: these are the newest of {len(newest)}."
    return [
        select("violation", "Which one?", which),
        context(_WHAT + (more if len(newest) > OPTIONS else "")),
    ]


def receipt(entries: Entries, store: Store) -> View | None:
    """Where the violation is now."""
    room = store.room_of_violation(entries["violation"])
    if room is None:
        return None
    text = (
        f"War room `{room.id}` has it now. Whoever is needed there is called as always; "
        f"`/warroom status {room.id}` shows it."
    )
    return notice("Settled apart", text)


SET_APART = Verb(
    action_id="set_apart",
    label="Settle one apart…",
    act=Form(
        callback_id="set_apart_modal",
        title="Settle one apart",
        submit="Settle apart",
        command=Split,
        inputs=inputs,
        read=lambda entries, _: Split(violation_id=entries.get("violation", "")),
        empty=lambda _: Split(violation_id=""),
        receipt=receipt,
    ),
    on_card=_is_separable,
    of_use=lambda room, _: _is_separable(room),
)
