"""Dismiss: it was not a violation, and the record keeps why."""

from bot.domain.commands import Dismiss
from bot.integrations.slack.show.inputs import reason
from bot.integrations.slack.verbs.verb import Form, Verb

_HINT = "Why is the finding wrong? The change is allowed, and the record keeps this."

DISMISS = Verb(
    action_id="dismiss",
    label="Not a violation…",
    act=Form(
        callback_id="dismiss_modal",
        title="Not a violation",
        submit="Dismiss",
        command=Dismiss,
        inputs=lambda about: [reason(_HINT, about.policy.reasons.least_for_dismissal())],
        read=lambda entries, _: Dismiss(reason=entries.get("reason", "")),
        empty=lambda _: Dismiss(reason=""),
    ),
)
