"""A follow-up: what a person owes after a decision, until a time; each is a stream of its own.

Rules
- It is no decision: it changes none, and no measure of decisions counts it.
- Everybody who has a part in it is in `people`, by the name under which its stream knows them.
- Which violations are drawn as a sample, their ids say: anybody can check it.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from pydantic import AwareDatetime

from bot.domain.aggregate import Happened, Unknown
from bot.domain.messages import PostedMessage, PrivateMessage
from bot.domain.person import SYSTEM, Person, name_in
from bot.domain.personal import FreeText, PersonName
from bot.domain.value import StoredValue, StoredWord, Value
from bot.domain.violation import Severity

SAMPLE_TIME = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=1)
_OF_EIGHT_BYTES = 2**64


class FollowUpKind(StoredWord):
    """What is owed: a look at what a rule cleared, or the renewal of what ends."""

    SAMPLE = "sample"
    RENEWAL = "renewal"


class FollowUpState(StoredWord):
    """Whether it is still owed."""

    OPEN = "open"
    CLOSED = "closed"


class SampleAnswer(StoredWord):
    """Whether a person would have cleared what a rule cleared."""

    YES = "yes"
    NO = "no"


class Owe(Value):
    """Somebody owes something from now on; `id` is the new stream's.

    It is about a violation, a room or an exception, by the id. `others` may close it too, and
    `initiators` may not. Where there is no `owner`, the first who is in the Slack user `group` and
    made no part of the change gets it. `because` names what led to it, in words.
    """

    id: str
    kind: FollowUpKind
    owner: Person | None
    others: tuple[Person, ...] = ()
    group: str | None = None
    initiators: tuple[Person, ...] = ()
    violation_id: str | None = None
    room_id: str | None = None
    exception_id: str | None = None
    policy_id: str
    severity: Severity
    team: str | None
    title: str
    because: str
    until: datetime


class CloseFollowUp(Value):
    """Done, as a link or a reason shows; a sample is answered."""

    answer: SampleAnswer | None = None
    link: str = ""
    reason: str = ""


class Remind(Value):
    """The clock: the end is near."""


class TellOverdue(Value):
    """The clock: the end has come."""


class RecordAsked(Value):
    """Slack has delivered the message that asks somebody, called by their name in the stream."""

    name: str
    message: PostedMessage


class RecordNotReached(Value):
    """Slack can't write to somebody, by their name in the stream, for this reason."""

    name: str
    error: str


class NameHolders(Value):
    """Slack says who is in the user group that was to be asked."""

    members: tuple[Person, ...]


Command = CloseFollowUp | Remind | TellOverdue | RecordAsked | RecordNotReached | NameHolders


class FollowUpOwed(Happened):
    """Something is owed; see `Owe`."""

    kind: Literal["follow_up_owed"] = "follow_up_owed"
    follow_up_id: str
    owes: FollowUpKind
    owner: PersonName | None
    others: tuple[PersonName, ...]
    group: str | None
    initiators: tuple[PersonName, ...]
    violation_id: str | None
    room_id: str | None
    exception_id: str | None
    policy_id: str
    severity: Severity
    team: str | None
    title: FreeText
    because: FreeText
    until: AwareDatetime


class FollowUpAsked(Happened):
    """A direct message asks somebody."""

    kind: Literal["follow_up_asked"] = "follow_up_asked"
    name: PersonName
    message: PrivateMessage


class FollowUpReminded(Happened):
    """The end is near; the owner is told."""

    kind: Literal["follow_up_reminded"] = "follow_up_reminded"
    owner: PersonName | None


class FollowUpOverdue(Happened):
    """The end has come, and it is owed still; the owner is told."""

    kind: Literal["follow_up_overdue"] = "follow_up_overdue"
    owner: PersonName | None


class FollowUpPassedOn(Happened):
    """Slack can't write to somebody; `owner` owes it now, who may be the same."""

    kind: Literal["follow_up_passed_on"] = "follow_up_passed_on"
    name: PersonName
    error: str
    owner: PersonName | None


class HoldersNamed(Happened):
    """Slack said who is in the user group: they may close it too, and where nobody owed it, do."""

    kind: Literal["holders_named"] = "holders_named"
    owner: PersonName | None
    others: tuple[PersonName, ...]


class FollowUpClosed(Happened):
    """It is done."""

    kind: Literal["follow_up_closed"] = "follow_up_closed"
    answer: SampleAnswer | None
    link: FreeText | None
    reason: FreeText | None


# What may follow on the first.
Later = (
    FollowUpAsked
    | FollowUpReminded
    | FollowUpOverdue
    | FollowUpPassedOn
    | HoldersNamed
    | FollowUpClosed
    | Unknown
)
Event = FollowUpOwed | Later


class Closure(StoredValue):
    """How it was closed, by whom and when."""

    by: PersonName
    at: AwareDatetime
    answer: SampleAnswer | None
    link: str | None
    reason: str | None


class FollowUp(StoredValue):
    """A follow-up as its events give it; `asked` are the messages that ask, by whose they are."""

    id: str
    version: int
    state: FollowUpState
    kind: FollowUpKind
    owner: str | None
    others: tuple[str, ...]
    group: str | None
    initiators: tuple[str, ...]
    violation_id: str | None
    room_id: str | None
    exception_id: str | None
    policy_id: str
    severity: Severity
    team: str | None
    title: str
    because: str
    opened_at: AwareDatetime
    until: AwareDatetime
    people: dict[str, Person]
    asked: dict[str, PostedMessage] = {}
    not_reached: tuple[str, ...] = ()
    was_reminded: bool = False
    was_overdue: bool = False
    closure: Closure | None = None

    @property
    def about(self) -> str:
        """What it is about, most of all: `exception:…`, `room:…` or `violation:…`."""
        ids = {
            "exception": self.exception_id,
            "room": self.room_id,
            "violation": self.violation_id,
        }
        return next((f"{what}:{each}" for what, each in ids.items() if each), "")

    @property
    def holders(self) -> tuple[str, ...]:
        """Who may close it, the owner first."""
        return (*((self.owner,) if self.owner else ()), *self.others)

    @property
    def closed_by(self) -> Person:
        """Who closed it; the bot itself where nobody did, or nobody has yet."""
        by = self.closure.by if self.closure else SYSTEM
        return self.people.get(by) or Person(name=by)

    @property
    def remind_at(self) -> datetime:
        """A day before the end, or at half of a time that is shorter than two days."""
        return self.until - min(REMINDED_BEFORE, (self.until - self.opened_at) / 2)

    def name_of(self, person: Person) -> str:
        """The name under which this stream knows somebody; their own, where it doesn't."""
        return name_in(self.people, person, self.holders)


def sampled(violation_id: str, share: float) -> bool:
    """Whether a violation is in the sample of this share, 0 to 1, of all.

    The first eight bytes of the SHA-256 over its id, read as one number with the highest byte
    first and divided by 2⁶⁴, are less than the share.
    """
    number = int.from_bytes(sha256(violation_id.encode()).digest()[:8], "big")
    return number < share * _OF_EIGHT_BYTES
