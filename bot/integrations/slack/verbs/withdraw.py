"""Withdraw: the initiator takes the change back, where all that is in the room is theirs.

Once the check has succeeded on the same commit it is offered as what it is then: fixed. The
withdrawal says so by itself.
"""

from bot.domain.commands import Withdraw
from bot.domain.storm import all_by
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.success import OFFER
from bot.integrations.slack.verbs.verb import AtOnce, ButtonRow, Confirmation, Verb

_CONFIRMATION = Confirmation(
    "Withdraw this change?",
    "Every change in this room stays blocked. There is no second decision.",
)

_FIXED = Confirmation(
    "Withdraw this change as fixed?",
    "The check has succeeded since, so nobody has to decide on its failure. What has failed stays "
    "blocked. There is no second decision.",
)
_LABEL = "Withdraw"


def confirmation(room: WarRoom) -> Confirmation:
    """What Slack asks, as long as it fails and once it has succeeded."""
    return _FIXED if room.fixed else _CONFIRMATION


WITHDRAW = Verb(
    action_id="withdraw",
    label=_LABEL,
    row=ButtonRow.REST,
    act=AtOnce(Withdraw()),
    confirmation=confirmation,
    of_use=lambda room, name: not room.is_storm or all_by(room, name),
    label_in=lambda room: OFFER if room.fixed else _LABEL,
)
