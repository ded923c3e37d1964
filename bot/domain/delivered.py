"""Events that a delivery reports: what Slack has, whom it reaches, and what an operator gave up.

Rules
- They are events of a room like those in `events`, and have the rules that stand there.
"""

import operator
from typing import Literal

from pydantic import AwareDatetime, Field

from bot.domain.aggregate import Happened
from bot.domain.messages import Listing, PostedMessage, PrivateMessage
from bot.domain.personal import FreeText, PersonName
from bot.domain.policy import Role
from bot.domain.role_sources import Assignment


class ChannelOpened(Happened):
    """Slack has the channel."""

    kind: Literal["channel_opened"] = "channel_opened"
    channel: str


class CardPosted(Happened):
    """Slack has the card."""

    kind: Literal["card_posted"] = "card_posted"
    message: PostedMessage


class Paged(Happened):
    """Slack has delivered a page; in a `digest` it stands with those of other rooms.

    `listing` is what that digest lists, where it lists this room.
    """

    kind: Literal["paged"] = "paged"
    name: PersonName
    message: PrivateMessage
    digest: bool = False
    listing: Listing | None = Field(default=None, exclude_if=operator.not_)


class Unreachable(Happened):
    """Slack will not deliver to this person; until the decision their role goes on to the next."""

    kind: Literal["unreachable"] = "unreachable"
    name: PersonName
    error: str
    assignments: tuple[Assignment, ...]


class Invited(Happened):
    """Slack has let these into the channel, or they were in it."""

    kind: Literal["invited"] = "invited"
    names: tuple[PersonName, ...]


class ResultShown(Happened):
    """The result stands in the channel."""

    kind: Literal["result_shown"] = "result_shown"


class ChannelLost(Happened):
    """Somebody archived the channel, or Slack has it no more: nobody reads there."""

    kind: Literal["channel_lost"] = "channel_lost"
    error: str


class Told(Happened):
    """Slack has delivered a message that asks for something, and names a deadline.

    It tells of event `about`, `of` that kind; `name` is who got it, None: the channel. Where it is
    `overtaken`, it would read otherwise by now, or may.
    """

    kind: Literal["told"] = "told"
    about: int
    of: str
    name: PersonName | None
    role: Role | None
    message: PrivateMessage
    deadline: AwareDatetime
    overtaken: bool = Field(default=False, exclude_if=operator.not_)


class Dropped(Happened):
    """An operator gave up an effect that could not be delivered, and said why."""

    kind: Literal["dropped"] = "dropped"
    effect: str
    to: FreeText
    error: FreeText
    why: FreeText
    operator: FreeText


class TeamRecorded(Happened):
    """Somebody is of another Slack workspace than the one where the app is installed."""

    kind: Literal["team_recorded"] = "team_recorded"
    name: PersonName
    team: str
