"""What a person has not read of a conversation.

Rules
- Only what others said since counts; Slack's own lines do not.
- A mere reply makes a channel unread only for whom it mentions.
- In direct messages everything is for the person.
"""

from collections.abc import Iterable, Iterator

from bot.local_slack.config import Usergroup
from bot.local_slack.state.mentions import mentions as mentioned
from bot.local_slack.state.records import Channel, ChannelKind, Message

_DIRECT = (ChannelKind.IM, ChannelKind.MPIM)


def count(channel: Channel, user: str, usergroups: Iterable[Usergroup]) -> int:
    """How many messages make the conversation unread."""
    return sum(
        message.thread_ts in (None, message.ts)
        or message.broadcast
        or _for(channel, message, user, usergroups)
        for message in _unread(channel, user)
    )


def mentions(channel: Channel, user: str, usergroups: Iterable[Usergroup]) -> int:
    """How many of them are for the user: in direct messages all, else those that mention them."""
    return sum(_for(channel, one, user, usergroups) for one in _unread(channel, user))


def _unread(channel: Channel, user: str) -> Iterator[Message]:
    """Newest first, and no further back than what was read."""
    mark = channel.read_up_to.get(user, "0")
    for message in reversed(channel.messages.values()):
        if message.ts <= mark:
            return
        own = message.user == user or message.subtype is not None
        if not own and message.only_for in (None, user):
            yield message


def _for(channel: Channel, message: Message, user: str, usergroups: Iterable[Usergroup]) -> bool:
    return channel.kind in _DIRECT or mentioned(message, user, usergroups)
