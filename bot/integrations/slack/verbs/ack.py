"""Acknowledge: I have seen it."""

from bot.domain.commands import Acknowledge
from bot.integrations.slack.verbs.verb import AtOnce, Verb

ACK = Verb(
    action_id="ack",
    label="Acknowledge",
    has_button=True,
    act=AtOnce(
        Acknowledge(),
        receipt="Acknowledged. Everybody in the war room sees that you have seen it.",
    ),
    of_use=lambda room, name: name not in room.acknowledged,
)
