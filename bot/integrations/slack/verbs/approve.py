"""Approve: the change is within policy."""

from bot.domain.commands import Approve
from bot.domain.war_room import WarRoom
from bot.integrations.slack.verbs.verb import AtOnce, ButtonRow, Confirmation, Verb


def _confirmation(room: WarRoom) -> Confirmation:
    count = len(room.violations)
    if count == 1:
        return Confirmation(
            "Approve this change?",
            "It is within policy: the pipeline may go on. There is no second decision.",
        )
    return Confirmation(
        f"Approve all {count} changes?",
        "All of them are within policy: their pipelines may go on. There is no second decision.",
    )


APPROVE = Verb(
    action_id="approve",
    label="Approve",
    row=ButtonRow.DECISIONS,
    act=AtOnce(Approve()),
    style="primary",
    confirmation=_confirmation,
)
