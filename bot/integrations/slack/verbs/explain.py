"""Explain: the initiator's side, or an answer to the question that was asked."""

from bot.domain.commands import Explain
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.inputs import long_text
from bot.integrations.slack.show.text import Block, outside
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_HINT = "What happened, and why? Everybody in the war room reads this."


def _is_asked(room: WarRoom) -> bool:
    return room.question is not None and room.answer is None


def inputs(context: FormContext) -> list[Block]:
    """The question, where one was asked, and what there is to say to it."""
    # Somebody else may explain too, and answers nothing by it.
    question = context.room.question if context.name in context.room.initiators else None
    asked = [section(f"*You were asked:* {outside(question, 1000)}")] if question else []
    return [*asked, long_text("text", "Explanation", _HINT)]


EXPLAIN = Verb(
    action_id="explain",
    label="Explain…",
    act=Form(
        callback_id="explain_modal",
        title="Explain",
        submit="Explain",
        command=Explain,
        inputs=inputs,
        read=lambda entries, _: Explain(text=entries.get("text", "")),
        empty=lambda _: Explain(text=""),
    ),
    on_card=_is_asked,
    of_use=lambda room, name: name in room.initiators or _is_asked(room),
)
