"""Settle one apart: a violation of a storm leaves for a room and a decision of its own."""

from bot.domain import storm
from bot.domain.commands import Split
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import OPTIONS, context, option
from bot.integrations.slack.show.inputs import notice, select
from bot.integrations.slack.show.text import Block, View, plain
from bot.integrations.slack.show.violation import label_of
from bot.integrations.slack.verbs.entries import Entries
from bot.integrations.slack.verbs.verb import ButtonRow, Form, FormContext, Verb

_WHAT = "It leaves this room for one of its own, with the same policy and a window from now on."


def _is_separable(room: WarRoom) -> bool:
    return room.is_storm and not storm.is_one_key(room)


def _inputs(about: FormContext) -> list[Block]:
    by_key = {violation.report.key: violation for violation in about.room.violations}
    newest = list(reversed(by_key.values()))
    which = [option(plain(label_of(violation), 75), violation.id) for violation in newest[:OPTIONS]]
    more = f" Slack shows {OPTIONS} at most: these are the newest of {len(newest)}."
    return [
        select("violation", "Which one?", which),
        context(_WHAT + (more if len(newest) > OPTIONS else "")),
    ]


def _receipt(entries: Entries, room: WarRoom) -> View:
    to = room.apart[entries["violation"]]
    text = (
        f"War room `{to}` has it now. Whoever is needed there is called as always; "
        f"`/warroom status {to}` shows it."
    )
    return notice("Settled apart", text)


SET_APART = Verb(
    action_id="set_apart",
    label="Settle one apart…",
    row=ButtonRow.REST,
    act=Form(
        callback_id="set_apart_modal",
        title="Settle one apart",
        submit="Settle apart",
        command=Split,
        inputs=_inputs,
        read=lambda entries, _: Split(violation_id=entries.get("violation", "")),
        empty=lambda _: Split(violation_id=""),
        receipt=_receipt,
    ),
    on_card=_is_separable,
    of_use=lambda room, _: _is_separable(room),
)
