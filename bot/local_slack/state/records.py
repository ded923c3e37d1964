"""The things a workspace holds. They are changed by their stores only."""

import enum
from dataclasses import dataclass, field
from typing import Any

from pydantic import Base64Bytes

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]
"""What is entered in a surface: block id → action id → Slack's state entry."""


class ChannelKind(enum.Enum):
    """What sort of conversation it is; the values are Slack's names in `types`."""

    PUBLIC = "public_channel"
    PRIVATE = "private_channel"
    IM = "im"
    MPIM = "mpim"


@dataclass(slots=True)
class Message:
    """One message; with `only_for` it is ephemeral, and in nobody else's channel."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    from_bot: bool = False
    subtype: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited: str | None = None
    only_for: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    entered: dict[str, Values] = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    """The files as Slack shows them, without their content."""
    details: dict[str, str] = field(default_factory=dict)
    """What a line of Slack's own says apart from its text, such as the topic."""

    @property
    def all_blocks(self) -> list[Json]:
        """The message's own blocks, then those in its attachments."""
        inside = (attachment.get("blocks", []) for attachment in self.attachments)
        return [*self.blocks, *(block for blocks in inside for block in blocks)]


@dataclass(slots=True)
class File:
    """A file, and the channels that it is shared in."""

    id: str
    name: str
    title: str
    mimetype: str
    filetype: str
    user: str
    created: int
    content: Base64Bytes
    """The bytes themselves; as base64 only where the workspace is kept."""
    alt_text: str = ""
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """A conversation: its members, its messages by timestamp, its pins and bookmarks."""

    id: str
    kind: ChannelKind
    name: str
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    archived: bool = False
    general: bool = False
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    pins: dict[str, Json] = field(default_factory=dict)
    bookmarks: list[Json] = field(default_factory=list)
    read_up_to: dict[str, str] = field(default_factory=dict)
    threads_read: dict[str, dict[str, str]] = field(default_factory=dict)
    """Up to where each person has read each thread, by the ts of its root."""

    @property
    def is_public(self) -> bool:
        """Whether everybody may know that it exists."""
        return self.kind is ChannelKind.PUBLIC

    def seen_by(self, user: str) -> bool:
        """Whether the user may know that it exists."""
        return self.is_public or user in self.members


@dataclass(slots=True)
class View:
    """A modal or a home tab in front of one person; `body` is what the bot gave, completed."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str | None = None
    entered: Values = field(default_factory=dict)

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.body["type"])

    @property
    def blocks(self) -> list[Json]:
        """The blocks, each with its id."""
        return list(self.body["blocks"])
