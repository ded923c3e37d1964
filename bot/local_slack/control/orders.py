"""The bodies of the control API's requests. An unknown key is refused by name."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.local_slack.delivery.socket_mode import Reason
from bot.local_wire.faults import Fault


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClickOrder(_Order):
    """Click in a channel, or in a view."""

    user: str
    action_id: str
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None
    block_id: str | None = None
    value: Any = None
    values: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.channel is None) == (self.view_id is None):
            raise ValueError("give either channel or view_id")
        return self


class CommandOrder(_Order):
    """Type a slash command."""

    user: str
    channel: str
    text: str


class ShortcutOrder(_Order):
    """Take a shortcut: with channel and ts, on a message."""

    user: str
    callback_id: str
    channel: str | None = None
    ts: str | None = None

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        if (self.channel is None) != (self.ts is None):
            raise ValueError("give both channel and ts, or neither")
        return self


class SubmitOrder(_Order):
    """Submit the modal on top."""

    user: str
    view_id: str
    values: dict[str, Any] = Field(default_factory=dict)


class CloseOrder(_Order):
    """Close the modal on top, or everything."""

    user: str
    view_id: str
    everything: bool = False


class HomeOrder(_Order):
    """Open the home tab."""

    user: str


class PostOrder(_Order):
    """Write a message."""

    user: str
    channel: str
    text: str
    thread_ts: str | None = None


class ReactOrder(_Order):
    """React to a message."""

    user: str
    channel: str
    ts: str
    name: str


class PlaceOrder(_Order):
    """Join or leave a channel."""

    user: str
    channel: str


class ReadOrder(_Order):
    """Read a channel, and a thread of it."""

    user: str
    channel: str
    thread_ts: str | None = None


class CreateOrder(_Order):
    """Make a channel."""

    user: str
    name: str
    private: bool = False


class InviteOrder(_Order):
    """Invite people."""

    user: str
    channel: str
    users: list[str]


class ArchiveOrder(_Order):
    """Archive a channel, or open it again."""

    user: str
    channel: str
    archived: bool = True


class RenameOrder(_Order):
    """Rename a channel."""

    user: str
    channel: str
    name: str


class PersonOrder(BaseModel):
    """Change what is known of a person: the keys that are given."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str


class UsergroupOrder(_Order):
    """Say anew who is in a user group."""

    id: str
    users: list[str]


class FaultOrder(Fault):
    """Let something go wrong."""

    error: str = "fatal_error"


class LatencyOrder(_Order):
    """Delay every answer."""

    seconds: float = Field(ge=0)


class RequestUrlOrder(_Order):
    """Where the bot listens."""

    url: str | None


class DisconnectOrder(_Order):
    """Tell the socket links to go."""

    reason: Reason = "refresh_requested"
