"""Messages that Slack holds: where each is, and what a later event may make untrue in it."""

from typing import Annotated

from bot.domain.personal import Personal, PersonName
from bot.domain.policy import Role
from bot.domain.value import StoredValue


class PostedMessage(StoredValue):
    """A message that Slack holds: channel and time stamp."""

    channel: str
    ts: str


PrivateMessage = Annotated[PostedMessage, Personal(erased={"channel": "", "ts": ""})]


class Standing(StoredValue):
    """A message that asks for something, for as long as that may still change.

    It tells of event `about`, which is `of` a kind and concerns a `role` where it concerns one;
    `name` is who got it, None: the channel.
    """

    about: int
    of: str
    name: PersonName | None
    role: Role | None = None
    message: PrivateMessage


class Listing(StoredValue):
    """The rooms that a digest's message lists by their ids, and how many it only counts.

    `needed` needed its reader when it was written, `missed` had ended by then.
    """

    needed: tuple[str, ...]
    more: int = 0
    missed: tuple[str, ...] = ()
    more_missed: int = 0
