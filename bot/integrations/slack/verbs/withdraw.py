"""Withdraw: the initiator takes the change back, where all that is in the room is theirs."""

from bot.domain.commands import Withdraw
from bot.domain.storm import all_by
from bot.integrations.slack.verbs.verb import AtOnce, ButtonRow, Confirmation, Verb

_CONFIRMATION = Confirmation(
    "Withdraw this change?",
    "Every change in this room stays blocked. There is no second decision.",
)

WITHDRAW = Verb(
    action_id="withdraw",
    label="Withdraw",
    row=ButtonRow.REST,
    act=AtOnce(Withdraw()),
    confirmation=lambda _: _CONFIRMATION,
    of_use=lambda room, user: not room.is_storm or all_by(room, user),
)
