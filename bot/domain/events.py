"""Events: what happened in a room, in the past tense. Together they are the record.

Rules
- An event says what; the `Recorded` around it says who, when and in which order.
- Each field that is personal says so in its type (see `personal`).
- `schema_number` counts the shapes that an event had; who reads an older one brings it up to date.
- A field that was added to a shape is left out of the bytes where it holds its default.
"""

import operator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from bot.domain.aggregate import Happened
from bot.domain.contents import Contents, PullRequest
from bot.domain.delivered import (
    CardPosted,
    ChannelLost,
    ChannelOpened,
    Dropped,
    Invited,
    Paged,
    ResultShown,
    TeamRecorded,
    Told,
    Unreachable,
)
from bot.domain.explanations import Explanation
from bot.domain.makers import Maker
from bot.domain.messages import PrivateMessage
from bot.domain.personal import FreeText, PersonName
from bot.domain.policy import DECIDERS, Role, Rung
from bot.domain.role_sources import Assignment
from bot.domain.terms import Basis, Terms
from bot.domain.violation import Severity, Success, Violation
from bot.domain.war_room import Decision, Proposal


class Opened(Happened):
    """A violation came in under a policy and opened the room.

    `awaits_readers`: it closes only once its result was there to be read for long enough. `key` is
    what it is found by where an open room had the violation's own, and `pull_request` what its
    violation is of.
    """

    schema_number: ClassVar[int] = 2
    kind: Literal["opened"] = "opened"
    room_id: str
    violation: Violation
    policy_id: str
    policy_digest: str
    severity: Severity
    team: str | None
    makers: tuple[Maker, ...]
    assignments: tuple[Assignment, ...]
    window: timedelta
    private: bool
    is_storm: bool = False
    awaits_readers: bool = Field(default=False, exclude_if=operator.not_)
    decide: tuple[Role, ...] = Field(default=DECIDERS, exclude_if=lambda roles: roles == DECIDERS)
    basis: Basis | None = Field(default=None, exclude_if=operator.not_)
    key: str | None = Field(default=None, exclude_if=operator.not_)
    pull_request: PullRequest | None = Field(default=None, exclude_if=operator.not_)


class Joined(Happened):
    """A further violation with the same key joined, or in a storm one of the same policy.

    `assignments` are what they are without its initiators. With graver `terms` than the room had it
    is decided under these from now on.
    """

    schema_number: ClassVar[int] = 2
    kind: Literal["joined"] = "joined"
    violation: Violation
    makers: tuple[Maker, ...]
    assignments: tuple[Assignment, ...]
    terms: Terms | None = Field(default=None, exclude_if=operator.not_)


class Identified(Happened):
    """It turned out whose an account is that violations name; without names: nobody's.

    With a `role` somebody in the room said so, else Slack or the configuration. It corrects who an
    earlier word had said it was: `instead_of`.
    """

    schema_number: ClassVar[int] = 2
    kind: Literal["identified"] = "identified"
    account: FreeText
    names: tuple[PersonName, ...]
    role: Role | None = None
    assignments: tuple[Assignment, ...]
    instead_of: tuple[PersonName, ...] = Field(default=(), exclude_if=operator.not_)


class Reassigned(Happened):
    """Slack told who is in a user group: its members have the role, and who left it hasn't.

    `error` is Slack's name for why it names nobody. Before answers were asked for anew, an event
    had the assignments alone.
    """

    kind: Literal["reassigned"] = "reassigned"
    role: Role
    assignments: tuple[Assignment, ...]
    group: str | None = None
    backup: bool = False
    joined: tuple[PersonName, ...] = ()
    left: tuple[PersonName, ...] = ()
    error: str | None = None


class Acknowledged(Happened):
    """Somebody saw it."""

    kind: Literal["acknowledged"] = "acknowledged"
    role: Role


class InfoRequested(Happened):
    """The initiator was asked something; `asked_by` is who waits for the answer."""

    kind: Literal["info_requested"] = "info_requested"
    role: Role
    question: FreeText
    asked_by: PersonName | None = None


class Explained(Happened):
    """An initiator answered a question of `asked_by`, or told their side `unasked`.

    A second answer to a question calls nobody: `asked_by` stands in the first.
    """

    kind: Literal["explained"] = "explained"
    role: Role
    text: FreeText
    asked_by: PersonName | None = None
    unasked: bool = False


class Extended(Happened):
    """The window became longer."""

    kind: Literal["extended"] = "extended"
    role: Role
    by: timedelta
    expires_at: AwareDatetime
    reason: FreeText


class HandedOff(Happened):
    """A role went to somebody else."""

    kind: Literal["handed_off"] = "handed_off"
    role: Role
    to: PersonName
    assignments: tuple[Assignment, ...]


class Split(Happened):
    """Violations with one key left a storm's room for the room `to`; `contents` stay."""

    schema_number: ClassVar[int] = 2
    kind: Literal["split"] = "split"
    role: Role
    violations: tuple[str, ...]
    to: str
    contents: Contents


class Escalated(Happened):
    """The clock reached a step of the ladder; `notify` are the people told."""

    kind: Literal["escalated"] = "escalated"
    rung: Rung
    due_at: AwareDatetime
    notify: tuple[PersonName, ...]


class Decided(Happened):
    """The decision."""

    kind: Literal["decided"] = "decided"
    decision: Decision


class Closed(Happened):
    """The room is over; its channel may be archived."""

    kind: Literal["closed"] = "closed"


class Proposed(Happened):
    """Somebody would allow it, and it takes a second person; `notify` are the people told."""

    kind: Literal["proposed"] = "proposed"
    proposal: Proposal
    notify: tuple[PersonName, ...] = Field(default=(), exclude_if=operator.not_)


class CheckSucceeded(Happened):
    """A check whose failure is among the violations has succeeded later; it decides nothing."""

    kind: Literal["check_succeeded"] = "check_succeeded"
    success: Success


class ExceptionEnding(Happened):
    """The exception that an override made ends before long; `notify` are the people told."""

    kind: Literal["exception_ending"] = "exception_ending"
    ends_at: AwareDatetime
    notify: tuple[PersonName, ...]


class ExceptionEnded(Happened):
    """The exception has ended: what it allowed is blocked again.

    Where somebody has revoked it, `revoked_by` is who did, and for which `reason`.
    """

    kind: Literal["exception_ended"] = "exception_ended"
    ended_at: AwareDatetime
    notify: tuple[PersonName, ...]
    revoked_by: PersonName | None = Field(default=None, exclude_if=operator.not_)
    reason: FreeText = Field(default="", exclude_if=operator.not_)


class Assigned(Happened):
    """An operator gave a role to somebody, who is on duty in it now."""

    kind: Literal["assigned"] = "assigned"
    role: Role
    to: PersonName
    why: FreeText
    assignments: tuple[Assignment, ...]


class Replied(Happened):
    """An initiator replied in the `thread` of a message: no explanation until they say so."""

    kind: Literal["replied"] = "replied"
    name: PersonName
    text: FreeText
    thread: PrivateMessage


class ExceptionRenewed(Happened):
    """Somebody entitled has decided that the exception goes on; `notify` are the people told."""

    kind: Literal["exception_renewed"] = "exception_renewed"
    until: AwareDatetime
    by: PersonName
    reason: FreeText
    notify: tuple[PersonName, ...]


class CarriedOver(Happened):
    """What initiators had explained in rooms of earlier commits of the same pull request."""

    kind: Literal["carried_over"] = "carried_over"
    explanations: tuple[Explanation, ...]


# What may follow on the opening of a room.
Later = (
    Joined
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
    | Proposed
    | CheckSucceeded
    | Invited
    | ResultShown
    | ChannelLost
    | Told
    | ExceptionEnding
    | ExceptionEnded
    | Dropped
    | Assigned
    | TeamRecorded
    | Replied
    | ExceptionRenewed
    | CarriedOver
)
Event = Opened | Later
