"""Commands: what people, the clock and the delivery ask of a room. They order; events report."""

from datetime import timedelta
from typing import ClassVar

from bot.domain.policy import Role
from bot.domain.value import Value
from bot.domain.violation import Violation
from bot.domain.war_room import Category, Message


class Command(Value):
    """One order; `verb` completes «you may not …»."""

    verb: ClassVar[str]


class Deciding(Command):
    """It settles the room; `seen`: how many violations whoever decides was shown, 0: not known."""

    seen: int = 0


class Join(Command):
    """Another violation with the same key; `initiator` is their Slack id where it is known."""

    verb = "add a violation"
    violation: Violation
    initiator: str | None


class Acknowledge(Command):
    """I have seen it."""

    verb = "acknowledge"


class Approve(Deciding):
    """The change is within policy."""

    verb = "approve"
    note: str = ""


class Override(Deciding):
    """The finding stands, and its risk is accepted in writing, for a while."""

    verb = "override"
    justification: str
    category: Category
    validity: timedelta


class Reject(Deciding):
    """The change stays blocked."""

    verb = "reject"
    reason: str


class Dismiss(Deciding):
    """It was not a violation."""

    verb = "dismiss the finding"
    reason: str


class Withdraw(Command):
    """The initiator takes the change back."""

    verb = "withdraw"
    note: str = ""


class RequestInfo(Command):
    """A question to the initiator; the clock goes on."""

    verb = "ask for information"
    question: str


class Explain(Command):
    """The initiator's answer."""

    verb = "explain"
    text: str


class Extend(Command):
    """More time, with a reason."""

    verb = "extend the window"
    by: timedelta
    reason: str


class HandOff(Command):
    """One's own role to somebody eligible for it."""

    verb = "hand off"
    role: Role
    to: str


class Split(Command):
    """One violation out of a room that gathers a storm, into the room `to`, to be settled there."""

    verb = "settle a violation apart"
    violation_id: str
    to: str = ""


class Escalate(Command):
    """The clock reached steps of the ladder."""

    verb = "escalate"


class Expire(Command):
    """The window ended without a decision."""

    verb = "expire"


class Close(Command):
    """The result was there to be read for long enough."""

    verb = "close"


class IdentifyInitiator(Command):
    """Slack told whose e-mail address a violation named; None: nobody's."""

    verb = "identify"
    violation_id: str
    user: str | None


class ResolveGroup(Command):
    """Slack told who is in a user group that holds a role."""

    verb = "seat a group"
    role: Role
    backup: bool
    users: tuple[str, ...]


class RecordChannel(Command):
    """Slack has the channel."""

    verb = "record a channel"
    channel: str


class RecordCard(Command):
    """Slack has the card."""

    verb = "record a card"
    message: Message


class RecordPage(Command):
    """Slack has delivered a page, by itself or in a `digest` with those of other rooms."""

    verb = "record a page"
    user: str
    message: Message
    digest: bool = False


class RecordUnreachable(Command):
    """Slack will not deliver to this person."""

    verb = "record an unreachable person"
    user: str
    error: str
