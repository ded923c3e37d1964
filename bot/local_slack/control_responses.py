"""What the control API's client gives back: frozen values, parsed from its answers."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.local_slack.block_words import block_words

Outcome = Literal["closed", "cleared", "updated", "pushed", "errors", "refused", "failed"]


class _Response(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class BotAnswer(_Response):
    """What the bot answered, in how many seconds; `error` is what a person would see."""

    acked: bool
    status: int
    body: Any = None
    error: str | None = None
    seconds: float


class _WithBlocks(_Response):
    blocks: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def action_ids(self) -> tuple[str, ...]:
        """The action ids of all elements, in order."""
        return tuple(part["action_id"] for part in _parts(self.blocks) if "action_id" in part)

    @property
    def words(self) -> str:
        """All text of the blocks: see `block_words`."""
        return block_words(self.blocks)


class SlackMessage(_WithBlocks):
    """A message."""

    ts: str
    channel: str
    user: str
    text: str = ""
    subtype: str | None = None
    thread_ts: str | None = None
    edited: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    reactions: list[dict[str, Any]] = Field(default_factory=list)
    files: list[dict[str, Any]] = Field(default_factory=list)
    ephemeral: bool = False
    only_for: str | None = None
    pinned: bool = False
    from_bot: bool = False


class SlackChannel(_Response):
    """A conversation; members, pins, bookmarks and messages only in the state of the workspace."""

    id: str
    name: str
    kind: Literal["public_channel", "private_channel", "im", "mpim"]
    is_archived: bool
    creator: str = ""
    topic: dict[str, Any] = Field(default_factory=dict)
    purpose: dict[str, Any] = Field(default_factory=dict)
    unread: int = 0
    mentions: int = 0
    latest: str | None = None
    members: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    bookmarks: list[dict[str, Any]] = Field(default_factory=list)
    messages: tuple[SlackMessage, ...] = ()


class SlackView(_WithBlocks):
    """A modal or a home tab."""

    id: str
    type: Literal["modal", "home"]
    hash: str
    callback_id: str = ""
    private_metadata: str = ""
    external_id: str = ""
    title: dict[str, Any] | None = None
    submit: dict[str, Any] | None = None
    previous_view_id: str | None = None
    state: dict[str, Any] = Field(default_factory=dict)


class SlackState(_Response):
    """The whole workspace."""

    team: dict[str, Any]
    bot: dict[str, Any]
    people: list[dict[str, Any]]
    usergroups: list[dict[str, Any]]
    channels: tuple[SlackChannel, ...]
    modals: dict[str, tuple[SlackView, ...]]
    homes: dict[str, SlackView]
    last_event: int

    def __str__(self) -> str:
        lines = [
            f"{channel.name}: {'; '.join(message.text for message in channel.messages)}"
            for channel in self.channels
        ]
        modals = [f"{user} has {len(stack)} modals" for user, stack in self.modals.items()]
        return "\n".join([*lines, *modals])

    def channel(self, name: str) -> SlackChannel | None:
        """The channel with this name or id."""
        return next((c for c in self.channels if name in (c.name, c.id)), None)

    def direct(self, user: str) -> SlackChannel | None:
        """The direct messages of the bot with this person."""
        found = (c for c in self.channels if c.kind == "im" and user in c.members)
        return next(found, None)


class Clicked(_Response):
    """A click; `answer` is None when the bot was not asked."""

    answer: BotAnswer | None
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None


class Commanded(_Response):
    """A command; `ts` is the message that its acknowledgement became."""

    answer: BotAnswer
    channel: str
    ts: str | None = None
    refused: dict[str, Any] | None = None


class ShortcutTaken(_Response):
    """A shortcut was taken."""

    answer: BotAnswer


class Submitted(_Response):
    """A submission; `refused` comes from Slack itself, `errors` from the bot."""

    outcome: Outcome
    answer: BotAnswer | None
    errors: dict[str, str] = Field(default_factory=dict)
    reason: Any = None
    view_id: str | None = None


class Closed(_Response):
    """Modals that were closed; `answer` is None when the bot did not want to know."""

    closed: tuple[str, ...]
    answer: BotAnswer | None


class HomeOpened(_Response):
    """The home tab was opened; `answer` is None when the bot did not subscribe to that."""

    answer: BotAnswer | None


class Posted(_Response):
    """A person's message."""

    channel: str
    ts: str


class SlackCall(_Response):
    """A call in the wire log; `warnings` say what of it Slack took no notice of."""

    id: int
    direction: Literal["to_slack", "to_bot"]
    method: str
    arguments: dict[str, Any]
    status: int
    answer: Any
    started: float
    seconds: float
    warnings: tuple[str, ...] = ()


class FeedItem(BaseModel):
    """One event of the feed; what changed is in its extra fields."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int
    type: str
    at: float = 0.0

    def field(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """What the event says under this name; None when it says nothing."""
        return (self.model_extra or {}).get(name)


def _parts(value: object) -> Iterator[dict[str, Any]]:
    inside: list[object] = []
    if isinstance(value, dict):
        yield value
        inside = list(value.values())
    elif isinstance(value, list):
        inside = value
    for one in inside:
        yield from _parts(one)
