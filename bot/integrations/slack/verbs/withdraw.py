"""Withdraw: the initiator takes the change back, where all that is in the room is theirs.

Once the check has succeeded on the same commit it is offered as what it is then: fixed. The
withdrawal says so by itself.
"""

from bot.domain.commands import Withdraw
from bot.domain.storm import all_by
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.success import OFFER
from bot.integrations.slack.show.text import Block
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_MEANING = "Every change in this room stays blocked. There is no second decision."
_FIXED = (
    "The check has succeeded since, so nobody has to decide on its failure. What has failed stays "
    "blocked. There is no second decision."
)
_LABEL = "Withdraw"


def inputs(context: FormContext) -> list[Block]:
    """What it means, as long as it fails and once it has succeeded; there is nothing to say."""
    return [section(_FIXED if context.room.fixed else _MEANING)]


WITHDRAW = Verb(
    action_id="withdraw",
    label=f"{_LABEL}…",
    act=Form(
        callback_id="withdraw_modal",
        title="Withdraw the change",
        submit=_LABEL,
        command=Withdraw,
        inputs=inputs,
        read=lambda _entries, _now: Withdraw(),
        empty=lambda _: Withdraw(),
    ),
    of_use=lambda room, name: not room.is_storm or all_by(room, name),
    label_in=lambda room: f"{OFFER if room.fixed else _LABEL}…",
)
