"""Who reads the page, and what they know: names, channels, the time where they are.

Rules
- A channel that the person may not know of has no name here.
- A time zone that is unknown is UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

from bot.local_slack.config import Member
from bot.local_slack.state.records import ChannelKind
from bot.local_slack.state.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reader:
    """A person with what they know, at the moment `now` in Unix time."""

    user: str
    tz: tzinfo
    now: float
    people: Mapping[str, str]
    channels: Mapping[str, str]
    usergroups: Mapping[str, str]

    @classmethod
    def of(cls, workspace: Workspace, user: str) -> Self:
        """Who the workspace says the person is, now. Raises SlackError user_not_found."""
        directory = workspace.directory
        named = (ChannelKind.PUBLIC, ChannelKind.PRIVATE)
        return cls(
            user=user,
            tz=_zone(directory.person(user).tz),
            now=workspace.core.now(),
            people={p.id: _called(p, bot=p is directory.bot) for p in directory.everybody()},
            channels={
                channel.id: channel.name
                for channel in workspace.conversations.all()
                if channel.kind in named and channel.seen_by(user)
            },
            usergroups={group.id: group.handle for group in directory.usergroups},
        )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no zone's name, a folder's name, an unknown zone
        return UTC


def _called(person: Member, *, bot: bool) -> str:
    words = person.real_name.split()
    if bot or not words:  # an app goes by its whole name
        return person.real_name or person.name or person.id
    return words[0]
