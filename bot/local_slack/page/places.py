"""The people that one can act as, and the conversations that one of them sees.

Rules
- What is unread is a person's own. Counted is what is for them: direct messages, and mentions.
- What they look at has been read, and what is archived waits for nobody.
"""

from dataclasses import dataclass

from bot.local_slack.config import Member
from bot.local_slack.state.records import Channel, ChannelKind, Json
from bot.local_slack.state.workspace import Workspace

_HUES = 8
_SIGNS = {ChannelKind.PUBLIC: "#", ChannelKind.PRIVATE: "🔒"}


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody, as a name and an avatar; `unread` messages are for them."""

    id: str
    name: str
    full: str
    initials: str
    hue: int
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation in the sidebar, or the open one; `count` unread messages are for one."""

    id: str
    name: str
    sign: str
    group: str
    joined: bool
    unread: bool = False
    count: int = 0
    archived: bool = False
    current: bool = False
    topic: str = ""
    bookmarks: tuple[Json, ...] = ()

    @property
    def called(self) -> str:
        """The name as one writes it."""
        return f"#{self.name}" if self.group == "channels" else self.name

    @property
    def app(self) -> bool:
        """Whether it is the bot that one talks to here."""
        return self.group == "apps"


def face(person: Member, unread: int = 0) -> Face:
    """A person, or the bot."""
    full = person.real_name or person.name
    words = full.split() or [person.id]
    initials = "".join(word[0] for word in words[:2]).upper()
    hue = sum(person.id.encode()) % _HUES
    return Face(person.id, words[0], full, initials, hue, unread)


def faces(workspace: Workspace) -> list[Face]:
    """Everybody one can act as, each with how many messages wait for them."""
    everybody = workspace.directory.everybody()
    active = (p for p in everybody if not p.deactivated and p is not workspace.directory.bot)
    return [face(p, _waiting(workspace, p.id)) for p in active]


def places(workspace: Workspace, user: str, current: str, *, read: bool = True) -> list[Place]:
    """What stands in the sidebar, archived channels last; the app even before its first word.

    `read` says whether the messages of the current one are what the person looks at.
    """
    seen = (c for c in workspace.conversations.all() if c.seen_by(user))
    found = [place(workspace, c, user, current, read=read) for c in seen]
    found.sort(key=lambda p: p.archived)
    if not any(p.app for p in found):
        bot = workspace.directory.bot
        found.append(Place(bot.id, bot.name, "", "apps", joined=True))
    return found


def place(
    workspace: Workspace, channel: Channel, user: str, current: str = "", *, read: bool = True
) -> Place:
    """One conversation."""
    here = channel.id == current
    waits = user in channel.members and not (here and read) and not channel.archived
    return Place(
        id=channel.id,
        name=_name(workspace, channel, user),
        sign=_SIGNS.get(channel.kind, ""),
        group=_group(channel),
        joined=user in channel.members,
        unread=waits and workspace.messages.unread(channel, user) > 0,
        count=workspace.messages.mentions(channel, user) if waits else 0,
        archived=channel.archived,
        current=here,
        topic=channel.topic["value"],
        bookmarks=tuple(channel.bookmarks),
    )


def _group(channel: Channel) -> str:
    return {ChannelKind.IM: "apps", ChannelKind.MPIM: "direct"}.get(channel.kind, "channels")


def _name(workspace: Workspace, channel: Channel, user: str) -> str:
    """Direct messages are called after those on the other side."""
    if channel.kind not in (ChannelKind.IM, ChannelKind.MPIM):
        return channel.name
    others = (m for m in channel.members if m != user)
    return ", ".join(workspace.directory.person(m).name for m in others)


def _waiting(workspace: Workspace, user: str) -> int:
    mine = (c for c in workspace.conversations.all() if user in c.members and not c.archived)
    return sum(workspace.messages.mentions(c, user) for c in mine)
