"""Commands: what people, the clock and the delivery ask of a room. They order; events report.

Rules
- People stand in a command as persons, with their accounts: the room knows under which name.
- What a decision needs of the violations that the room doesn't hold comes with the command.
"""

from datetime import timedelta

from pydantic import AwareDatetime

from bot.domain.excepted import EndException, RenewException, WarnOfEnd
from bot.domain.makers import Attributed, Maker
from bot.domain.messages import PostedMessage
from bot.domain.order import Order
from bot.domain.person import Person
from bot.domain.policy import Role
from bot.domain.reported import (
    RecordCard,
    RecordChannel,
    RecordChannelLost,
    RecordDropped,
    RecordInvited,
    RecordPage,
    RecordResult,
    RecordTeam,
    RecordTold,
    RecordUnreachable,
)
from bot.domain.superseding import CarryOver, Supersede
from bot.domain.terms import Terms
from bot.domain.value import Value
from bot.domain.violation import Success, Violation
from bot.domain.war_room import Category

ACCOUNT_SHOWN = 75


class Held(Value):
    """A violation that a room has, and who was behind it as far as that was known when it came."""

    violation: Violation
    makers: tuple[Maker, ...]


class Remaining(Value):
    """What a storm's room keeps when violations leave it: the first, the newest, and their keys."""

    first: Violation
    newest: tuple[Violation, ...]
    one_key: bool


class Deciding(Order):
    """It settles the room, and what whoever decides was shown: `shown_count`, 0: not known."""

    shown_count: int = 0


class Join(Order):
    """Another violation with the same key, who is behind it, and the terms that it comes under."""

    verb = "add a violation"
    violation: Violation
    makers: tuple[Attributed, ...]
    terms: Terms | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody behind it who is known by name."""
        return tuple(person for maker in self.makers for person in maker.persons)


class Acknowledge(Order):
    """I have seen it."""

    verb = "acknowledge"


class Approve(Deciding):
    """The change is within policy; `scope` and `holding` are as in an override."""

    verb = "approve"
    reason: str
    scope: str = ""
    holding: tuple[str, ...] = ()


class Override(Deciding):
    """The finding stands, and its risk is accepted in writing, for a while.

    `scope` is the name of one that is offered; "": the narrowest of them. `holding` are those by a
    condition that says yes to what the room shows; the engine fills them in. Before its end
    somebody may be to look at it again, at `review_at`.
    """

    verb = "override"
    justification: str
    category: Category
    validity: timedelta
    scope: str = ""
    holding: tuple[str, ...] = ()
    review_at: AwareDatetime | None = None


class Reject(Deciding):
    """The change stays blocked."""

    verb = "reject"
    reason: str


class Dismiss(Deciding):
    """It was not a violation."""

    verb = "dismiss the finding"
    reason: str


class Withdraw(Order):
    """The initiator takes the change back."""

    verb = "withdraw"
    note: str = ""


class RequestInfo(Order):
    """A question to the initiator; the clock goes on."""

    verb = "ask for information"
    question: str


class Explain(Order):
    """The initiator's answer."""

    verb = "explain"
    text: str


class Extend(Order):
    """More time, with a reason."""

    verb = "extend the window"
    by: timedelta
    reason: str


class HandOff(Order):
    """One's own role to somebody eligible for it."""

    verb = "hand off"
    role: Role
    to: Person

    @property
    def people(self) -> tuple[Person, ...]:
        """Who is to have the role."""
        return (self.to,)


class Split(Order):
    """One violation out of a storm's room, with those that have its key, to be settled in `to`.

    `leaving` are all of them, and `remaining` is what the room holds without them: None where
    `violation_id` is not in it.
    """

    verb = "settle a violation apart"
    violation_id: str
    to: str = ""
    leaving: tuple[Held, ...] = ()
    remaining: Remaining | None = None


class Escalate(Order):
    """The clock reached steps of the ladder."""

    verb = "escalate"


class Expire(Order):
    """The window ended without a decision."""

    verb = "expire"


class Close(Order):
    """The result was there to be read for long enough."""

    verb = "close"


class IdentifyInitiator(Order):
    """It turned out whose an account is that violations name; without people: nobody's."""

    verb = "identify"
    account: str
    persons: tuple[Person, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """Whose it is."""
        return self.persons


class ResolveGroup(Order):
    """Slack told who is in a user group that holds a role.

    `asked_at` is when it told, None: now. `error` is its name for why it names nobody.
    """

    verb = "resolve a group"
    role: Role
    backup: bool
    members: tuple[Person, ...]
    asked_at: AwareDatetime | None = None
    error: str | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """The members."""
        return self.members


class NameInitiator(Order):
    """I know whose an account is that violations name.

    `account` has its first `ACCOUNT_SHOWN` characters: what a choice in Slack can carry.
    """

    verb = "say who made the change"
    account: str
    persons: tuple[Person, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """Whose it is: one human, by each name that they have."""
        return self.persons


class RecordSuccess(Order):
    """A check that had failed has succeeded."""

    verb = "record a success"
    success: Success


class Assign(Order):
    """An operator gives a role to somebody, so that a room can be decided."""

    verb = "assign a role"
    role: Role
    to: Person
    why: str

    @property
    def people(self) -> tuple[Person, ...]:
        """Who is to have the role."""
        return (self.to,)


class RecordReply(Order):
    """An initiator, called by their name in the room, replied in the thread of a message of its."""

    verb = "record a reply"
    name: str
    text: str
    thread: PostedMessage


Command = (
    Join
    | Acknowledge
    | Approve
    | Override
    | Reject
    | Dismiss
    | Withdraw
    | RequestInfo
    | Explain
    | Extend
    | HandOff
    | Split
    | Escalate
    | Expire
    | Close
    | IdentifyInitiator
    | ResolveGroup
    | RecordChannel
    | RecordCard
    | RecordPage
    | RecordUnreachable
    | NameInitiator
    | RecordSuccess
    | RecordInvited
    | RecordResult
    | RecordChannelLost
    | RecordTold
    | RecordDropped
    | WarnOfEnd
    | EndException
    | Assign
    | RecordTeam
    | RecordReply
    | RenewException
    | Supersede
    | CarryOver
)
