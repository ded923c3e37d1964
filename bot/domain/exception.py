"""An exception: what an approval or an override allows besides what it was taken on, until its end.

Rules
- It is one decision's, and has the id of the room that took it; both are in its record.
- It allows a violation only while it is active, and only one that it covers: the same by its scope
  (see `scope`), in the same band, and no graver than what it was given for.
- It is active from the grant on, until and not at its end, unless it was revoked before.
- It is bounded: it counts the violations that it has waived, and holds the newest, and each human
  behind any of them once.
"""

import operator
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from bot.domain.aggregate import Happened, Unknown
from bot.domain.makers import Attributed, Maker
from bot.domain.order import Order
from bot.domain.person import Person
from bot.domain.personal import FreeText, Personal, PersonName
from bot.domain.policy import OfferedScope, Role, ScopeKind
from bot.domain.terms import Basis
from bot.domain.value import StoredValue, StoredWord
from bot.domain.violation import Severity, Subject, Violation
from bot.domain.war_room import Category, Outcome

NEWEST = 10  # waived violations that an exception holds
_QUIET = (ScopeKind.RUN, ScopeKind.COMMIT)
RENEWED_WITHIN = timedelta(days=7)  # so long before the end its owner owes what becomes of it
_AHEAD = (RENEWED_WITHIN, timedelta(days=1))
_SHORT = timedelta(days=2)


class ExceptionState(StoredWord):
    """Where an exception's life stands; one whose end nobody has recorded yet is `active` still."""

    ACTIVE = "active"
    REVOKED = "revoked"
    ENDED = "ended"


class Cover(StoredValue):
    """What all violations have that are the same, and how grave one of them may be."""

    key: str
    severity: Severity
    band: str | None = None


def distinct(covers: Iterable[Cover]) -> tuple[Cover, ...]:
    """Each once: as grave as the gravest of those that are the same in the same band."""
    gravest: dict[tuple[str, str | None], Cover] = {}
    for cover in covers:
        same = gravest.setdefault((cover.key, cover.band), cover)
        if cover.severity.rank > same.severity.rank:
            gravest[cover.key, cover.band] = cover
    return tuple(gravest.values())


Covers = Annotated[tuple[Cover, ...], Personal(erased=[])]  # their keys are made of facts


class Waived(Happened):
    """A violation came in that the exception covers: it was allowed, and nobody was asked.

    The policy with this digest was in force by then; the exception may rest on an older one.
    `makers` are known to have made the change, `unknown_makers` are the humans nobody knew.
    """

    kind: Literal["waived"] = "waived"
    violation: Violation
    policy_digest: str
    basis: Basis
    makers: tuple[PersonName, ...] = ()
    unknown_makers: tuple[Maker, ...] = Field(default=(), exclude_if=operator.not_)


class Granted(Happened):
    """A decision allowed what the exception is about.

    `scope` is None where there was none to offer: then it covers nothing besides what was decided
    on. `allows` says in words what it covers, but for its end. With `calls_back` some pipeline
    wants to be told of it.
    """

    kind: Literal["granted"] = "granted"
    room_id: str
    policy_id: str
    policy_digest: str
    policy_place: str
    configuration: int | None = None
    outcome: Outcome
    scope: OfferedScope | None
    covers: Covers
    allows: str
    severity: Severity
    title: FreeText
    subject: Subject
    team: str | None
    owner: PersonName
    role: Role
    reason: FreeText
    category: Category | None
    agreed: tuple[PersonName, ...]
    initiators: tuple[PersonName, ...]
    granted_at: AwareDatetime
    until: AwareDatetime
    review_at: AwareDatetime | None = None
    calls_back: bool = Field(default=False, exclude_if=operator.not_)


class Renewed(Happened):
    """Somebody entitled decided anew that it goes on, and owns it from now on."""

    kind: Literal["renewed"] = "renewed"
    role: Role
    reason: FreeText
    until: AwareDatetime
    review_at: AwareDatetime | None = None


class Revoked(Happened):
    """It allows nothing any more, from this moment on; without a `role` its owner said so."""

    kind: Literal["revoked"] = "revoked"
    role: Role | None
    reason: FreeText


class Warned(Happened):
    """It ends before long: a step before its end was reached."""

    kind: Literal["warned"] = "warned"
    due_at: AwareDatetime
    until: AwareDatetime


class Ended(Happened):
    """Its end has come."""

    kind: Literal["ended"] = "ended"
    until: AwareDatetime


Event = Granted | Waived | Renewed | Revoked | Warned | Ended | Unknown


class Grant(Order):
    """A room's decision allowed this; `granted` is what is on record of it."""

    verb = "grant an exception"
    granted: Granted
    persons: tuple[Person, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom it names."""
        return self.persons


class Waive(Order):
    """A violation has come in; `key`, `severity` and what `basis` says of it are its own.

    `makers` are the humans who made the change.
    """

    verb = "waive a violation"
    violation: Violation
    policy_digest: str
    key: str
    severity: Severity
    basis: Basis
    makers: tuple[Attributed, ...] = ()

    @property
    def made_by(self) -> tuple[Person, ...]:
        """The people who are known to have made the change."""
        return tuple(person for maker in self.makers for person in maker.persons)

    @property
    def unknown_makers(self) -> tuple[Maker, ...]:
        """The humans behind the change of whom it isn't known who they are."""
        return tuple(Maker(accounts=each.accounts) for each in self.makers if not each.known)


class Renew(Order):
    """It is to go on for so long from now, with a new reason.

    `roles` are those in which whoever orders it could take the decision, as their room has it.
    """

    verb = "renew an exception"
    reason: str
    validity: timedelta
    review_at: AwareDatetime | None = None
    roles: tuple[Role, ...] = ()


class Revoke(Order):
    """It is to allow nothing any more; `roles` are as in a renewal."""

    verb = "revoke an exception"
    reason: str
    roles: tuple[Role, ...] = ()


class WarnOfEnd(Order):
    """The clock reached a step before the end."""

    verb = "warn of an exception's end"


class End(Order):
    """The clock reached the end."""

    verb = "end an exception"


Later = Waive | Renew | Revoke | WarnOfEnd | End
Command = Grant | Later


class PolicyException(StoredValue):
    """An exception's whole state; its row in the database holds exactly this.

    `id` is that of the room that decided. `allowed_by`, `account`, `role`, `reason` and
    `allowed_at` are of the decision that it rests on by now: the grant, or its last renewal.
    From `warned_at` on what lies before its end is still to be told. `makers` are known to have
    made what it has waived; `unknown_makers` have made it too, and nobody knew who they are.
    """

    id: str
    version: int
    state: ExceptionState
    people: dict[str, Person]
    policy_id: str
    policy_digest: str
    policy_place: str
    configuration: int | None = None
    outcome: Outcome
    scope: OfferedScope | None
    covers: tuple[Cover, ...]
    allows: str
    severity: Severity
    title: str
    subject: Subject
    team: str | None
    owner: str
    allowed_by: str
    account: str | None
    role: Role
    reason: str
    category: Category | None
    agreed: tuple[str, ...] = ()
    initiators: tuple[str, ...] = ()
    granted_at: AwareDatetime
    allowed_at: AwareDatetime
    until: AwareDatetime
    review_at: AwareDatetime | None = None
    renewals: int = 0
    warned_at: AwareDatetime
    waived: int = 0
    newest: tuple[Violation, ...] = ()
    calls_back: bool = False
    revoked_by: str | None = None
    revoked_at: AwareDatetime | None = None
    revoked_for: str | None = None
    makers: tuple[str, ...] = ()
    unknown_makers: tuple[Maker, ...] = ()

    def is_active(self, now: datetime) -> bool:
        """Whether it allows anything at `now`: the one answer for all who ask."""
        return self.state is ExceptionState.ACTIVE and now < self.until

    @property
    def is_debt(self) -> bool:
        """Whether it counts as governance debt while it is active.

        An approval without a scope has allowed nothing besides what was found to be within policy.
        """
        return self.outcome is not Outcome.APPROVED or self.scope is not None

    def covers_one(self, key: str, severity: Severity, band: str | None) -> bool:
        """Whether a violation with this key is covered: the same, in its band, and no graver."""
        return any(
            cover.key == key
            and cover.band == band
            and cover.severity.is_known
            and severity.rank <= cover.severity.rank
            for cover in self.covers
        )

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is told of its end: nobody waits for that of an approved run or commit."""
        return self.outcome is Outcome.APPROVED and (
            self.scope is None or self.scope.kind in _QUIET
        )

    @property
    def warnings(self) -> tuple[datetime, ...]:
        """When its end is told ahead: 7 days and 1 day before, or at half of less than 2 days.

        What lies before the decision that it rests on is left out.
        """
        if self.is_quiet:
            return ()
        whole = self.until - self.allowed_at
        ahead = _AHEAD if whole >= _SHORT else (whole / 2,)
        return tuple(self.until - before for before in ahead if before < whole)

    def person(self, name: str) -> Person:
        """Who has this name in it."""
        return self.people.get(name) or Person(name=name)
