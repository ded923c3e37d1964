"""The lines Slack itself writes into a channel: who came, who left, what it is called now."""

from bot.local_slack.state.conversation_store import Conversations
from bot.local_slack.state.message_store import Messages
from bot.local_slack.state.records import Channel, ChannelKind, Message
from bot.local_wire.feed import FeedEvent

_PREFIX = {ChannelKind.PUBLIC: "channel", ChannelKind.PRIVATE: "group"}


class Notices:
    """Listens to the feed and writes the notice that belongs to a change."""

    def __init__(self, conversations: Conversations, messages: Messages) -> None:
        self._conversations = conversations
        self._messages = messages

    def __call__(self, event: FeedEvent) -> None:
        """Write the notice, if there is one for this event."""
        if event.type not in ("member.joined", "member.left", "channel.changed"):
            return
        channel = self._conversations.get(event.fields["channel"])
        said = _notice(event, channel)
        if channel.kind not in _PREFIX or said is None:
            return
        what, text, details = said
        user = str(event.fields["user"])
        subtype = f"{_PREFIX[channel.kind]}_{what}"
        words = f"<@{user}> {text}"
        draft = Message("", channel.id, user, words, subtype=subtype, details=details)
        self._messages.post(channel, draft)


def _notice(event: FeedEvent, channel: Channel) -> tuple[str, str, dict[str, str]] | None:
    """What it is called, what it says, and its details by Slack's names; None: there is none."""
    if event.type == "member.joined":
        inviter = event.fields["inviter"]
        return "join", "has joined the channel", {"inviter": inviter} if inviter else {}
    if event.type == "member.left":
        return "leave", "has left the channel", {}
    topic, purpose = channel.topic["value"], channel.purpose["value"]
    names = {"name": channel.name, "old_name": next(iter(channel.previous_names), "")}
    return {
        "topic": ("topic", f"set the channel topic: {topic}", {"topic": topic}),
        "purpose": ("purpose", f"set the channel description: {purpose}", {"purpose": purpose}),
        "name": ("name", f"has renamed the channel to {channel.name}", names),
        "archived": ("archive", "archived the channel", {}) if channel.archived else None,
    }.get(event.fields["what"])
