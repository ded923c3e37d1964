"""Messages: posted, changed, deleted, read; pins, reactions and bookmarks.

Rules
- Timestamps are unique and rise; a message is found by its channel and timestamp.
- An ephemeral message is seen by one person, is in no history, and can't be updated by the bot.
- Only the bot's own messages can be changed or deleted by the bot.
- A file that a message shows in an image is shared where the message is.
- A message that is deleted leaves a tombstone while it has replies.
"""

from collections.abc import Iterable, Iterator

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state import unread
from bot.local_slack.state.core import Core, micros
from bot.local_slack.state.entered import starting_values
from bot.local_slack.state.file_store import Files
from bot.local_slack.state.identified import attachments_with_ids, slack_files, with_ids
from bot.local_slack.state.records import Channel, Json, Message
from bot.local_slack.state.shapes import message_shape

MOST_PINS = 100
TOMBSTONE, SLACKBOT = "tombstone", "USLACKBOT"


class Messages:
    """Every operation on the messages of a channel."""

    def __init__(self, core: Core, files: Files) -> None:
        self._core = core
        self._files = files

    def post(self, channel: Channel, draft: Message) -> Message:
        """Put a message into the channel, now. Raises is_archived and thread_not_found."""
        if channel.archived and draft.subtype is None:
            raise SlackError("is_archived")
        if draft.thread_ts is not None:
            root = self._root(channel, draft.thread_ts)
            draft.thread_ts = root.ts
            if draft.only_for is None:
                root.thread_ts = root.ts
        draft.ts, draft.channel = self._core.new_ts(), channel.id
        self._complete_blocks(draft)
        channel.messages[draft.ts] = draft
        self._announce("message.ephemeral" if draft.only_for else "message.posted", draft)
        return draft

    def find(self, channel: Channel, ts: str, viewer: str | None = None) -> Message:
        """The message at `ts`, an ephemeral one for its reader only. Raises message_not_found."""
        found = channel.messages.get(ts)
        if found is None or found.only_for not in (None, viewer):
            raise SlackError("message_not_found")
        return found

    def update(self, message: Message, changes: Json) -> None:
        """Replace the given parts of a message; what was entered in gone blocks is forgotten."""
        before = self._shape(message)
        for name, value in changes.items():
            setattr(message, name, value)
        self._complete_blocks(message)
        message.edited = self._core.new_ts()
        message.entered = {
            user: starting_values(message.all_blocks, values)
            for user, values in message.entered.items()
        }
        self._announce("message.changed", message, previous_message=before)

    def delete(self, channel: Channel, message: Message) -> None:
        """Take a message away; what has replies becomes a tombstone, for as long as it has them."""
        channel.pins.pop(message.ts, None)
        if self._replies(channel, message.ts):
            before = self._shape(message)
            _bury(message)
            self._announce("message.changed", message, previous_message=before)
            return
        del channel.messages[message.ts]
        self._announce("message.deleted", message)
        root = channel.messages.get(message.thread_ts or "")
        if root is not None and root.subtype == TOMBSTONE and not self._replies(channel, root.ts):
            self.delete(channel, root)

    def history(self, channel: Channel) -> Iterator[Message]:
        """What the channel shows to everybody, newest first; replies stay in their threads."""
        for message in reversed(channel.messages.values()):
            in_thread = message.thread_ts not in (None, message.ts)
            if message.only_for is None and (not in_thread or message.broadcast):
                yield message

    def thread(self, channel: Channel, ts: str) -> list[Message]:
        """A message and its replies, oldest first. Raises thread_not_found."""
        root = self._root(channel, ts)
        return [root, *self._replies(channel, root.ts)]

    def seen_by(self, channel: Channel, user: str) -> list[Message]:
        """All that the user sees in the channel, oldest first: threads and own ephemerals too."""
        return [m for m in channel.messages.values() if m.only_for in (None, user)]

    def mark_thread_read(self, channel: Channel, user: str, ts: str) -> None:
        """The user has read a thread of the channel; announced when that was not so before."""
        newest, threads = next(reversed(channel.messages)), channel.threads_read
        if threads.setdefault(user, {}).get(ts) != newest:
            threads[user][ts] = newest
            self._core.announce("read.marked", channel=channel.id, user=user, ts=ts)

    def unread(self, channel: Channel, user: str) -> int:
        """How many messages of others the user has not read."""
        return unread.count(channel, user, self._core.config.usergroups)

    def mentions(self, channel: Channel, user: str) -> int:
        """How many of the messages that the user has not read are for them: direct, or by name."""
        return unread.mentions(channel, user, self._core.config.usergroups)

    def mark_read(self, channel: Channel, user: str, up_to: str | None = None) -> None:
        """The user has read the channel, all of it or `up_to` a ts; announced if that is new."""
        newest, before = next(reversed(channel.messages), "0"), channel.read_up_to.get(user, "0")
        channel.read_up_to[user] = up_to or newest
        if channel.read_up_to[user] != before:
            self._core.announce("read.marked", channel=channel.id, user=user)

    def pin(self, channel: Channel, message: Message, user: str) -> None:
        """Pin a message. Raises already_pinned and too_many_pins."""
        if message.ts in channel.pins:
            raise SlackError("already_pinned")
        if len(channel.pins) >= MOST_PINS:
            raise SlackError("too_many_pins")
        pin = {"created": int(self._core.now()), "created_by": user}
        channel.pins[message.ts] = pin
        self._core.announce("pin.added", channel=channel.id, ts=message.ts, user=user, pin=pin)

    def unpin(self, channel: Channel, message: Message, user: str) -> None:
        """Take a pin away. Raises no_pin."""
        pin = channel.pins.pop(message.ts, None)
        if pin is None:
            raise SlackError("no_pin")
        self._core.announce("pin.removed", channel=channel.id, ts=message.ts, user=user, pin=pin)

    def react(self, channel: Channel, message: Message, name: str, user: str) -> None:
        """Add a reaction. Raises already_reacted."""
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        self._core.announce(
            "reaction.added", channel=channel.id, ts=message.ts, user=user, name=name
        )

    def unreact(self, channel: Channel, message: Message, name: str, user: str) -> None:
        """Take a reaction back. Raises no_reaction."""
        users = message.reactions.get(name, [])
        if user not in users:
            raise SlackError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._core.announce(
            "reaction.removed", channel=channel.id, ts=message.ts, user=user, name=name
        )

    def bookmark(self, channel: Channel, bookmark: Json) -> Json:
        """Add a bookmark to the channel's head."""
        made = {"id": self._core.new_id("Bk"), "channel_id": channel.id, **bookmark}
        channel.bookmarks.append(made)
        self._core.announce("bookmark.added", channel=channel.id, bookmark=made["id"])
        return made

    def change_bookmark(self, channel: Channel, bookmark: Json, changes: Json) -> Json:
        """Change parts of a bookmark."""
        bookmark |= changes
        self._core.announce("bookmark.changed", channel=channel.id, bookmark=bookmark["id"])
        return bookmark

    def restore(self, channels: Iterable[Channel]) -> None:
        """Show the files of messages under the address that the server has now."""
        for channel in channels:
            for message in channel.messages.values():
                found = [self._files.find(file["id"]) for file in message.files]
                message.files = [self._files.shape(file) for file in found]
                message.attachments = attachments_with_ids(message.attachments, self._core)

    def _complete_blocks(self, message: Message) -> None:
        message.blocks = with_ids(message.blocks, self._core)
        message.attachments = attachments_with_ids(message.attachments, self._core)
        for _, given in slack_files(message.all_blocks):
            file = self._files.image(given)
            if file is not None:
                self._files.share(file, message.channel)

    def _root(self, channel: Channel, ts: str) -> Message:
        found = channel.messages.get(ts)
        if found is None or found.only_for is not None:
            raise SlackError("thread_not_found")
        return channel.messages.get(found.thread_ts or ts, found)

    def _replies(self, channel: Channel, ts: str) -> list[Message]:
        messages = channel.messages.values()
        return [m for m in messages if m.thread_ts == ts != m.ts and m.only_for is None]

    def _shape(self, message: Message) -> Json:
        return message_shape(message, self._core.config)

    def _announce(self, kind: str, message: Message, **more: Json) -> None:
        fields: Json = {"channel": message.channel, "ts": message.ts, "user": message.user}
        if message.only_for is not None:
            fields["only_for"] = message.only_for
        self._core.announce(kind, **fields, message=self._shape(message), **more)


def _bury(message: Message) -> None:
    """Leave of a message only that it was there."""
    message.user, message.text = SLACKBOT, "This message was deleted."
    message.subtype, message.from_bot = TOMBSTONE, False
    message.blocks, message.attachments, message.files = [], [], []
    message.reactions, message.entered = {}, {}
    message.metadata = message.edited = None


def position(ts: str, error: str) -> int:
    """A timestamp given by a caller as microseconds; `error` names the refusal."""
    try:
        return micros(ts)
    except ValueError:
        raise SlackError(error) from None
