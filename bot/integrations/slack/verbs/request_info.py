"""Ask for information: a question to the initiator, while the clock goes on."""

from bot.domain.commands import RequestInfo
from bot.integrations.slack.show.inputs import long_text
from bot.integrations.slack.verbs.verb import ButtonRow, Form, Verb

_HINT = "The initiator is told at once; the clock goes on."

REQUEST_INFO = Verb(
    action_id="request_info",
    label="Ask for information…",
    row=ButtonRow.REST,
    act=Form(
        callback_id="request_info_modal",
        title="Ask for information",
        submit="Ask",
        command=RequestInfo,
        inputs=lambda _: [long_text("question", "Question", _HINT)],
        read=lambda entries, _: RequestInfo(question=entries.get("question", "")),
        empty=lambda _: RequestInfo(question=""),
    ),
)
