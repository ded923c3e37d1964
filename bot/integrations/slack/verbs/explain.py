"""Explain: the initiator's side, or an answer to the question that was asked."""

from bot.domain.commands import Explain
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.inputs import long_text
from bot.integrations.slack.show.text import Block, outside
from bot.integrations.slack.verbs.verb import ButtonRow, Form, FormContext, Verb

_HINT = "What happened, and why? Everybody in the war room reads this."


def _is_asked(room: WarRoom) -> bool:
    return room.question is not None and room.answer is None


def _inputs(context: FormContext) -> list[Block]:
    question = context.room.question
    asked = [section(f"*You were asked:* {outside(question, 1000)}")] if question else []
    return [*asked, long_text("text", "Explanation", _HINT)]


EXPLAIN = Verb(
    action_id="explain",
    label="Explain…",
    row=ButtonRow.REST,
    act=Form(
        callback_id="explain_modal",
        title="Explain",
        submit="Explain",
        command=Explain,
        inputs=_inputs,
        read=lambda entries, _: Explain(text=entries.get("text", "")),
        empty=lambda _: Explain(text=""),
    ),
    on_card=_is_asked,
    of_use=lambda room, user: user in room.initiators or _is_asked(room),
)
