"""A war room: one decision to be taken, as the fold of its events.

Rules
- Only `evolve` in `fold.py` makes a room out of another.
- A room is bounded: it counts its violations and holds the first and the newest, without their
  facts; all stand in a table of their own. It grows with the people who have a part in it.
- Everybody who has a part in it is in `people`, by the name under which the room knows them.
"""

import operator
from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from bot.domain import makers
from bot.domain.contents import Contents, title_of
from bot.domain.explanations import Earlier
from bot.domain.makers import AccountOwner, Maker
from bot.domain.messages import Listing, PostedMessage, Standing
from bot.domain.person import SYSTEM, Person, name_in
from bot.domain.personal import FreeText, PersonName
from bot.domain.policy import DECIDERS, OfferedScope, Role
from bot.domain.role_sources import Appointment, Assignment
from bot.domain.scope import is_within
from bot.domain.terms import Basis, Terms
from bot.domain.value import StoredValue, StoredWord
from bot.domain.violation import Severity, Success, Violation

STORM_KEY = " storm"  # no report has this key: theirs have no blank at their ends
STORM_MOST = 1000  # violations in one room


class State(StoredWord):
    """Where a room's life stands."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


class Verdict(StoredWord):
    """What a pipeline is told."""

    PENDING = "pending"
    ALLOW = "allow"
    BLOCK = "block"


class Outcome(StoredWord):
    """How a violation was settled."""

    APPROVED = "approved"
    OVERRIDDEN = "overridden"
    DISMISSED = "dismissed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"

    @property
    def verdict(self) -> Verdict:
        """What the outcome means; an expiry takes the policy's default instead."""
        allows = (Outcome.APPROVED, Outcome.OVERRIDDEN, Outcome.DISMISSED)
        return Verdict.ALLOW if self in allows else Verdict.BLOCK


class Category(StoredWord):
    """What kind of exception an override is."""

    WAIVER = "waiver"
    MITIGATED = "mitigated"


class Decision(StoredValue):
    """The one decision of a room: what, by whom, why, under which policy and configuration.

    `by` is a person's name, `account` the account that they acted with; the clock has none.
    `agreed` are those who had proposed before what it allows, where it took a second person. It
    holds for its `scope`, and for what was decided on alone where it has none. A renewal of its
    exception moves `valid_until`, and nothing else of it.
    """

    outcome: Outcome
    verdict: Verdict
    by: PersonName
    account: FreeText | None = None
    role: Role | None
    at: AwareDatetime
    reason: FreeText
    category: Category | None = None
    owner: PersonName | None = None
    valid_until: AwareDatetime | None = None
    policy_digest: str
    policy_place: str
    configuration: int | None = None
    agreed: tuple[PersonName, ...] = ()
    scope: OfferedScope | None = Field(default=None, exclude_if=operator.not_)
    review_at: AwareDatetime | None = Field(default=None, exclude_if=operator.not_)

    def verdict_at(self, now: datetime) -> Verdict:
        """The verdict as it holds at `now`: an exception allows until, and not at, its end."""
        ended = self.valid_until is not None and now >= self.valid_until
        return Verdict.BLOCK if ended else self.verdict


class Void(StoredWord):
    """Why what somebody would allow doesn't count; all but the first two follow from the room."""

    INITIATOR = "initiator"
    JOINED = "joined"
    MISNAMED = "misnamed"
    NO_ROLE = "no_role"
    TOO_LATE = "too_late"
    DECIDED_OTHERWISE = "decided_otherwise"


class Proposal(StoredValue):
    """What somebody would allow, which takes a second person; `validity` is an override's.

    `told` are those who were called for it, or for what its author had proposed before.
    """

    by: PersonName
    role: Role
    at: AwareDatetime
    outcome: Outcome
    reason: FreeText
    category: Category | None = None
    validity: timedelta | None = None
    void: Void | None = Field(default=None, exclude_if=operator.not_)
    told: tuple[PersonName, ...] = Field(default=(), exclude_if=operator.not_)
    scope: OfferedScope | None = Field(default=None, exclude_if=operator.not_)

    def covers(self, validity: timedelta | None, scope: OfferedScope | None) -> bool:
        """Whether it would allow as much for as long; a `validity` of None is the policy's."""
        longest = self.validity is None or (validity is not None and validity <= self.validity)
        return longest and is_within(scope, self.scope)


class WarRoom(StoredValue):
    """A room's whole state; its row in the database holds exactly this.

    Where it `is_storm` it holds violations of one policy with many keys. `owners` has whose
    accounts are that no file has, by Slack's or somebody's word. `proposals` are what people would
    allow, and a second person has to, `voided` those that count no more. `successes` are the newest
    of those checks that have failed here and succeeded since. `asked_by` asked the `question` in
    event `question_seq`; `explanation` was told without being asked, `earlier` is what newer words
    have replaced. `questions` has the message that asked last, by its reader; "": in the channel.
    `appointed` got a role from an operator; `slack_teams` has who is of another workspace.

    `standing` are messages that may become untrue, `listings` the digests that list it, by reader.
    `let_in` are those whom the channel has let in, `result_at` is since when the result stands in
    it; from `given_up_at` on nobody waits for either. Without `awaits_readers`, as in older rooms,
    it counts as read from the decision on. `end_told`: the end of its exception was announced.
    """

    id: str
    version: int
    state: State
    policy_id: str
    policy_digest: str
    severity: Severity
    team: str | None
    contents: Contents
    people: dict[str, Person]
    initiators: tuple[str, ...] = ()
    assignments: tuple[Assignment, ...]
    opened_at: AwareDatetime
    expires_at: AwareDatetime
    window: timedelta
    ladder_at: AwareDatetime
    acknowledged: dict[str, AwareDatetime] = {}
    first_response_at: AwareDatetime | None = None
    question: str | None = None
    answer: str | None = None
    backups_paged: bool = False
    unreachable: dict[str, str] = {}
    private: bool
    channel: str | None = None
    card: PostedMessage | None = None
    pages: dict[str, PostedMessage] = {}
    digested: tuple[str, ...] = ()
    decision: Decision | None = None
    is_storm: bool = False
    split_off: int = 0
    owners: dict[str, AccountOwner] = {}
    proposals: tuple[Proposal, ...] = ()
    successes: tuple[Success, ...] = ()
    awaits_readers: bool = False
    standing: tuple[Standing, ...] = ()
    listings: dict[str, Listing] = {}
    let_in: tuple[str, ...] = ()
    let_in_at: AwareDatetime | None = None
    result_at: AwareDatetime | None = None
    given_up_at: AwareDatetime | None = None
    end_told: bool = False
    exception_ended_at: AwareDatetime | None = None
    appointed: tuple[Appointment, ...] = ()
    slack_teams: dict[str, str] = {}
    asked_by: str | None = None
    explanation: str | None = None
    explained_by: str | None = None
    answered_by: str | None = None
    earlier: Earlier = Earlier()
    voided: tuple[Proposal, ...] = ()
    questions: dict[str, PostedMessage] = {}
    question_seq: int | None = None
    decide: tuple[Role, ...] = DECIDERS
    basis: Basis | None = None
    revoked_by: str | None = None
    revoked_for: str | None = None
    own_key: str | None = None

    @property
    def terms(self) -> Terms:
        """The terms under which people decide here."""
        return Terms(
            severity=self.severity, window=self.window, decide=self.decide, basis=self.basis
        )

    @property
    def verdict(self) -> Verdict:
        """`pending` until there is a decision."""
        return self.decision.verdict if self.decision else Verdict.PENDING

    @property
    def violation(self) -> Violation:
        """The one that opened the room, or the first that is left; without its facts."""
        return self.contents.first

    @property
    def count(self) -> int:
        """How many violations one decision settles here."""
        return self.contents.count

    @property
    def newest(self) -> Violation:
        """The violation that came last."""
        return self.contents.newest[-1] if self.contents.newest else self.contents.first

    @property
    def fixed(self) -> Success | None:
        """The success of the check that all of the room is about, where it failed no more since."""
        if not self.contents.one_key:
            return None
        key = self.violation.report.key
        return next((success for success in self.successes if success.key == key), None)

    @property
    def full(self) -> bool:
        """Whether a storm needs another room; what was split off makes no place."""
        return self.is_storm and self.count + self.split_off >= STORM_MOST

    @property
    def key(self) -> str:
        """What no other open room of its policy has; all of a storm is gathered under one."""
        if not self.is_storm:
            return self.own_key or self.violation.report.key
        return f"{STORM_KEY} {self.id}" if self.full else STORM_KEY

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return title_of(self.violation.report.title, self.count, is_storm=self.is_storm)

    @property
    def extended_by(self) -> timedelta:
        """By how much the window was extended, all extensions together."""
        return self.expires_at - self.opened_at - self.window

    @property
    def awaited(self) -> tuple[str, ...]:
        """The accounts that Slack has still to tell of."""
        return makers.awaited(self.contents.made_by, self.owners)

    @property
    def unknown_makers(self) -> tuple[Maker, ...]:
        """The humans behind the change of whom it isn't known who they are."""
        return makers.unknown(self.contents.made_by, self.owners)

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The accounts of which neither the configuration nor Slack has said whose they are."""
        return makers.unsettled(self.contents.made_by, self.owners, SYSTEM)

    @property
    def vouching(self) -> tuple[str, ...]:
        """Those on whose word alone it is known who somebody behind the change is."""
        return makers.named_by(self.contents.made_by, self.owners, SYSTEM)

    def assignment(self, role: Role) -> Assignment:
        """Who has the role of validator or adjudicator."""
        return next(each for each in self.assignments if each.role == role)

    def person(self, name: str) -> Person:
        """Who has this name in the room; the clock and the bot itself have no accounts."""
        return self.people.get(name) or Person(name=name)

    def name_of(self, person: Person) -> str:
        """The name under which the room knows somebody; where it knows two, an initiator's."""
        return name_in(self.people, person, self.initiators)

    @property
    def on_duty(self) -> tuple[str, ...]:
        """Whom the room pages when it opens: initiators, validator, adjudicator, each once."""
        assigned = tuple(each.on_duty for each in self.assignments if each.on_duty)
        return tuple(dict.fromkeys(self.initiators + assigned))

    @property
    def invited(self) -> tuple[str, ...]:
        """Who belongs in the channel; the backups only once they are paged."""
        people = list(self.on_duty)
        for each in self.assignments:
            people += each.others
            if self.backups_paged:
                people += each.backups
        return tuple(dict.fromkeys(people))
