"""Ask for information: a question to the initiator, while the clock goes on."""

from bot.domain.commands import RequestInfo
from bot.integrations.slack.show.explained import nobody_to_ask
from bot.integrations.slack.show.inputs import long_text
from bot.integrations.slack.show.text import Block
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb


def inputs(about: FormContext) -> list[Block]:
    """The question, and whether there is somebody to be told of it."""
    told = nobody_to_ask(about.room).replace("*", "") or "The initiator is told at once."
    return [long_text("question", "Question", f"{told} The clock goes on.")]


REQUEST_INFO = Verb(
    action_id="request_info",
    label="Ask for information…",
    act=Form(
        callback_id="request_info_modal",
        title="Ask for information",
        submit="Ask",
        command=RequestInfo,
        inputs=inputs,
        read=lambda entries, _: RequestInfo(question=entries.get("question", "")),
        empty=lambda _: RequestInfo(question=""),
    ),
)
