"""Events: what happened in a room, in the past tense. Together they are the record.

An event says what, the `Recorded` around it says who, when and in which order.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from bot.domain.policy import Role, Rung
from bot.domain.value import Value
from bot.domain.violation import Severity, Violation
from bot.domain.war_room import Assignment, Decision, Message


class Opened(Value):
    """A violation came in under a policy and opened the room."""

    kind: Literal["opened"] = "opened"
    room_id: str
    violation: Violation
    policy_id: str
    policy_digest: str
    severity: Severity
    team: str | None
    initiator: str | None
    seats: tuple[Assignment, ...]
    window: timedelta
    private: bool
    is_storm: bool = False


class Joined(Value):
    """A further violation with the same key joined, or in a storm one of the same policy.

    Seats as they are without its initiator.
    """

    kind: Literal["joined"] = "joined"
    violation: Violation
    initiator: str | None
    seats: tuple[Assignment, ...]


class Identified(Value):
    """Slack told who an initiator is, or that it knows nobody by that address.

    `also` are further violations that name the same address.
    """

    kind: Literal["identified"] = "identified"
    violation_id: str
    also: tuple[str, ...] = ()
    user: str | None
    seats: tuple[Assignment, ...]


class Reassigned(Value):
    """Seats changed: a user group was resolved, or somebody on duty can't be reached."""

    kind: Literal["seated"] = "seated"
    role: Role
    seats: tuple[Assignment, ...]


class Acknowledged(Value):
    """Somebody saw it."""

    kind: Literal["acknowledged"] = "acknowledged"
    role: Role


class InfoRequested(Value):
    """The initiator was asked something."""

    kind: Literal["info_requested"] = "info_requested"
    role: Role
    question: str


class Explained(Value):
    """The initiator answered."""

    kind: Literal["explained"] = "explained"
    role: Role
    text: str


class Extended(Value):
    """The window became longer."""

    kind: Literal["extended"] = "extended"
    role: Role
    by: timedelta
    expires_at: AwareDatetime
    reason: str


class HandedOff(Value):
    """A role went to somebody else."""

    kind: Literal["handed_off"] = "handed_off"
    role: Role
    to: str
    seats: tuple[Assignment, ...]


class Split(Value):
    """Violations with one key left a storm's room for the room `to`."""

    kind: Literal["set_apart"] = "set_apart"
    role: Role
    violations: tuple[str, ...]
    to: str


class Escalated(Value):
    """The clock reached a step of the ladder; `notify` are the people told."""

    kind: Literal["escalated"] = "escalated"
    rung: Rung
    due_at: AwareDatetime
    notify: tuple[str, ...]


class Decided(Value):
    """The decision."""

    kind: Literal["decided"] = "decided"
    decision: Decision


class Closed(Value):
    """The room is over; its channel may be archived."""

    kind: Literal["closed"] = "closed"


class ChannelOpened(Value):
    """Slack has the channel."""

    kind: Literal["channel_opened"] = "channel_opened"
    channel: str


class CardPosted(Value):
    """Slack has the card."""

    kind: Literal["card_posted"] = "card_posted"
    message: Message


class Paged(Value):
    """Slack has delivered a page; in a `digest` it stands with those of other rooms."""

    kind: Literal["paged"] = "paged"
    user: str
    message: Message
    digest: bool = False


class Unreachable(Value):
    """Slack will not deliver to this person; a role that they had goes on to the next."""

    kind: Literal["unreachable"] = "unreachable"
    user: str
    error: str
    seats: tuple[Assignment, ...]


Event = (
    Opened
    | Joined
    | Identified
    | Reassigned
    | Acknowledged
    | InfoRequested
    | Explained
    | Extended
    | HandedOff
    | Split
    | Escalated
    | Decided
    | Closed
    | ChannelOpened
    | CardPosted
    | Paged
    | Unreachable
)


class Recorded(Value):
    """An event in its place: `seq` counts from 1 in each room."""

    seq: int
    at: AwareDatetime
    actor: str
    event: Annotated[Event, Field(discriminator="kind")]


EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
