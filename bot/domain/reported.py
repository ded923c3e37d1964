"""What the delivery reports to a room, and an operator who gives something up: as commands."""

from bot.domain.messages import Listing, PostedMessage
from bot.domain.order import Order
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom


class RecordInvited(Order):
    """Slack has let these into the channel, called by their names in the room."""

    verb = "record an invitation"
    names: tuple[str, ...]


class RecordResult(Order):
    """The result stands in the channel."""

    verb = "record where the result is shown"


class RecordChannelLost(Order):
    """The channel was archived by hand, or is gone."""

    verb = "record the loss of a channel"
    error: str


class RecordTold(Order):
    """Slack has delivered a message that asks for something; see `Told`.

    It was made from the room as `seen`; None where an earlier attempt may have sent it.
    """

    verb = "record a message"
    about: int
    of: str
    name: str | None
    role: Role | None
    message: PostedMessage
    seen: WarRoom | None


class RecordDropped(Order):
    """An operator gives up an effect, by the name of its kind, that could not be delivered.

    `account` is the one that it asks about, where it asks whose one is.
    """

    verb = "drop an effect"
    effect: str
    to: str
    error: str
    why: str
    operator: str
    account: str | None = None


class RecordChannel(Order):
    """Slack has the channel."""

    verb = "record a channel"
    channel: str


class RecordCard(Order):
    """Slack has the card."""

    verb = "record a card"
    message: PostedMessage


class RecordPage(Order):
    """Slack has delivered a page to somebody, called by their name in the room.

    In a `digest` it stands with those of other rooms; `listing` is what it lists, where that has
    this room.
    """

    verb = "record a page"
    name: str
    message: PostedMessage
    digest: bool = False
    listing: Listing | None = None


class RecordUnreachable(Order):
    """Slack will not deliver to this person, called by their name in the room."""

    verb = "record an unreachable person"
    name: str
    error: str


class RecordTeam(Order):
    """Slack says that somebody, called by their name in the room, is of another workspace."""

    verb = "record another workspace"
    name: str
    team: str
