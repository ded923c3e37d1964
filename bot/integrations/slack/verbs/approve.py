"""Approve: the change is within policy, for the reason and the scope that its policy asks for."""

from bot.domain.commands import Approve
from bot.integrations.slack.show import held_back, scope
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.inputs import reason
from bot.integrations.slack.show.text import Block, date
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_HINT = "Why is it within policy? The record keeps this."


def inputs(context: FormContext) -> list[Block]:
    """What an approval means for one change, or for all that a room gathers; what it holds for."""
    count = context.room.count
    meaning = "It is within policy: the pipeline may go on."
    if count > 1:
        meaning = f"All {count} changes are within policy: their pipelines may go on."
    least = context.policy.least_for_approval(context.room.severity)
    # What an approval by one person alone means, where it takes more, stands above.
    held = held_back.is_held(context.room)
    told = [] if held else [section(f"{meaning} There is no second decision.")]
    until = f"until {date(context.now + context.policy.holds)}"
    return [*told, *scope.inputs(context, until), reason(_HINT, least)]


APPROVE = Verb(
    action_id="approve",
    label="Approve…",
    has_button=True,
    act=Form(
        callback_id="approve_modal",
        title="Approve",
        submit="Approve",
        command=Approve,
        inputs=inputs,
        read=lambda entries, _: Approve(
            reason=entries.get("reason", ""), scope=entries.get(scope.SCOPE, "")
        ),
        empty=lambda _: Approve(reason=""),
    ),
    style="primary",
)
