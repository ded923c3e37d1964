"""Acknowledge: I have seen it."""

from bot.domain.commands import Acknowledge
from bot.integrations.slack.verbs.verb import AtOnce, ButtonRow, Verb

ACK = Verb(
    action_id="ack",
    label="Acknowledge",
    row=ButtonRow.DECISIONS,
    act=AtOnce(
        Acknowledge(),
        receipt="Acknowledged. Everybody in the war room sees that you have seen it.",
    ),
    of_use=lambda room, user: user not in room.acknowledged,
)
