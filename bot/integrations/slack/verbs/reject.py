"""Reject: the change stays blocked, and the initiator reads why."""

from bot.domain.commands import Reject
from bot.integrations.slack.show.inputs import reason
from bot.integrations.slack.verbs.verb import Form, Verb

_HINT = "What would have to change? The initiator reads this."

REJECT = Verb(
    action_id="reject",
    label="Reject…",
    act=Form(
        callback_id="reject_modal",
        title="Reject",
        submit="Reject",
        command=Reject,
        inputs=lambda _: [reason(_HINT)],
        read=lambda entries, _: Reject(reason=entries.get("reason", "")),
        empty=lambda _: Reject(reason=""),
    ),
)
