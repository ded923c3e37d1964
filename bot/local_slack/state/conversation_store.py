"""Channels and direct messages: made, named, entered, left, archived.

Rules
- Names: lower-case letters, digits, `-` and `_`, at most 80; an archived channel keeps its name.
- A private channel does not exist for who is not in it.
- Whoever archives a channel leaves it when it is the bot.
"""

import re

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.core import Core
from bot.local_slack.state.records import Channel, ChannelKind

NAME_LENGTH = 80
TOPIC_LENGTH = 250
_NAME = re.compile(r"[\w\-]+")


def check_name(name: str) -> str:
    """The name, or the refusal Slack has for it."""
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LENGTH:
        raise SlackError("invalid_name_maxlength")
    if not _NAME.fullmatch(name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if not name.strip("-_"):
        raise SlackError("invalid_name_punctuation")
    return name


class Conversations:
    """All conversations of the workspace, by id, name and partner."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._channels: dict[str, Channel] = {}
        self._names: dict[str, str] = {}
        self._direct: dict[frozenset[str], str] = {}
        for start in core.config.channels:
            active = [p.id for p in core.config.people if not p.deactivated]
            kind = ChannelKind.PRIVATE if start.private else ChannelKind.PUBLIC
            members = active if start.members is None else list(start.members)
            made = Channel(start.id, kind, start.name, members[0] if members else "", self._now())
            made.members, made.general = members, start.name == "general"
            self._keep(made)

    def all(self) -> list[Channel]:
        """Every conversation, oldest first."""
        return list(self._channels.values())

    def get(self, channel: str) -> Channel:
        """The conversation with this id. Raises channel_not_found."""
        if channel not in self._channels:
            raise SlackError("channel_not_found")
        return self._channels[channel]

    def seen(self, channel: str, user: str) -> Channel:
        """The conversation as far as the user may know of it. Raises channel_not_found."""
        found = self.get(channel)
        if not found.seen_by(user):
            raise SlackError("channel_not_found")
        return found

    def named(self, name: str) -> Channel | None:
        """The channel that has this name."""
        found = self._names.get(name)
        return self._channels[found] if found else None

    def create(self, name: str, creator: str, *, private: bool) -> Channel:
        """A new channel with its creator in it. Raises invalid_name_… and name_taken."""
        if check_name(name) in self._names:
            raise SlackError("name_taken")
        kind = ChannelKind.PRIVATE if private else ChannelKind.PUBLIC
        made = Channel(self._core.new_id("C"), kind, name, creator, self._now(), [creator])
        self._keep(made)
        self._core.announce("channel.created", channel=made.id, name=name, user=creator)
        return made

    def rename(self, channel: Channel, name: str, user: str) -> None:
        """Give the channel another name. Raises as create does."""
        if self._names.get(check_name(name), channel.id) != channel.id:
            raise SlackError("name_taken")
        del self._names[channel.name]
        channel.previous_names.insert(0, channel.name)
        channel.name = name
        self._names[name] = channel.id
        self._changed(channel, "name", user)

    def describe(self, channel: Channel, what: str, value: str, user: str) -> None:
        """Set the `topic` or the `purpose`. Raises too_long."""
        if len(value) > TOPIC_LENGTH:
            raise SlackError("too_long")
        setattr(channel, what, {"value": value, "creator": user, "last_set": self._now()})
        self._changed(channel, what, user)

    def archive(self, channel: Channel, user: str) -> None:
        """Close the channel; a bot that does so is ejected.

        Raises already_archived, cant_archive_general.
        """
        if channel.archived:
            raise SlackError("already_archived")
        if channel.general:
            raise SlackError("cant_archive_general")
        channel.archived = True
        if user == self._core.config.bot_user_id and user in channel.members:
            channel.members.remove(user)
        self._changed(channel, "archived", user)

    def unarchive(self, channel: Channel, user: str) -> None:
        """Open an archived channel again; the bot does not come back by itself."""
        if not channel.archived:
            raise SlackError("not_archived")
        channel.archived = False
        self._changed(channel, "archived", user)

    def enter(self, channel: Channel, user: str, inviter: str | None = None) -> None:
        """Make the user a member, unless they are."""
        if user in channel.members:
            return
        channel.members.append(user)
        self._core.announce("member.joined", channel=channel.id, user=user, inviter=inviter)

    def leave(self, channel: Channel, user: str) -> None:
        """Take the user out. Raises not_in_channel."""
        if user not in channel.members:
            raise SlackError("not_in_channel")
        channel.members.remove(user)
        self._core.announce("member.left", channel=channel.id, user=user)

    def partner(self, channel: str) -> str | None:
        """Who the bot talks to in this direct message; None for any other id."""
        found = self._channels.get(channel)
        return found.name if found is not None and found.kind is ChannelKind.IM else None

    def direct(self, users: list[str], *, make: bool = True) -> Channel | None:
        """The direct messages of the bot with these people, made when there are none yet."""
        party = frozenset(users)
        if party in self._direct or not make:
            known = self._direct.get(party)
            return self._channels[known] if known else None
        bot = self._core.config.bot_user_id
        kind = ChannelKind.IM if len(party) == 1 else ChannelKind.MPIM
        prefix = "D" if kind is ChannelKind.IM else "G"
        name = users[0] if kind is ChannelKind.IM else "mpdm-" + "--".join(sorted(party)).lower()
        made = Channel(
            self._core.new_id(prefix), kind, name, bot, self._now(), [*sorted(party), bot]
        )
        self._keep(made)
        self._core.announce("channel.created", channel=made.id, name=name, user=bot)
        return made

    def restore(self, kept: list[Channel]) -> None:
        """Hold these conversations; beside them those from the start whose name is free."""
        started = list(self._channels.values())
        self._channels, self._names, self._direct = {}, {}, {}
        for channel in kept:
            self._keep(channel)
        for channel in started:
            if channel.id not in self._channels and channel.name not in self._names:
                self._keep(channel)

    def _keep(self, channel: Channel) -> None:
        self._channels[channel.id] = channel
        if channel.kind in (ChannelKind.IM, ChannelKind.MPIM):
            party = frozenset(channel.members) - {self._core.config.bot_user_id}
            self._direct[party] = channel.id
        else:
            self._names[channel.name] = channel.id

    def _changed(self, channel: Channel, what: str, user: str) -> None:
        self._core.announce("channel.changed", channel=channel.id, what=what, user=user)

    def _now(self) -> int:
        return int(self._core.now())
