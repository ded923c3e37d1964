"""A policy: a named rule with the people who settle it, its window and its default.

Rules
- What is not decided is not allowed, unless the policy says so in writing (`on_expiry`).
- Members come in the order of duty: the first who isn't an initiator is paged first.
- A policy is kept as the bytes of its document, and the digest is over those bytes. A field that
  holds its default is not in them, but for those of the first documents: one that a later version
  adds, here or in what a policy is made of, changes no digest. The default of such a field never
  changes, and it comes last in its class.
- The digest covers everything that can change a decision, and who the members of a role are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime

from bot.domain.conditions import Condition, FactType
from bot.domain.person import Person
from bot.domain.value import StoredValue, StoredWord
from bot.domain.violation import Severity, graver


class Role(StoredWord):
    """The part that a person has in one war room."""

    INITIATOR = "initiator"
    VALIDATOR = "validator"
    ADJUDICATOR = "adjudicator"


DECIDERS = (Role.VALIDATOR, Role.ADJUDICATOR)  # the weightier last


class OnExpiry(StoredWord):
    """What holds when nobody decides in time."""

    BLOCK = "block"
    ALLOW = "allow"


class Rung(StoredWord):
    """What a step of the ladder does."""

    REMIND = "remind"
    PAGE_BACKUP = "page_backup"
    LAST_CALL = "last_call"


class UnknownInitiator(StoredWord):
    """Who can allow a change while some human behind it is unknown."""

    SECOND_PERSON = "second_person"
    ADJUDICATOR = "adjudicator"


class LadderStep(StoredValue):
    """At this share of the window (0 < at < 1), do this."""

    at: float
    do: Rung


LADDER = (
    LadderStep(at=0.25, do=Rung.REMIND),
    LadderStep(at=0.50, do=Rung.PAGE_BACKUP),
    LadderStep(at=0.90, do=Rung.LAST_CALL),
)


class Roster(StoredValue):
    """Who may hold a role: people's names in the order of duty, and Slack user groups."""

    label: str
    members: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    member_group: str | None = None
    backup_group: str | None = None


class OverrideRule(StoredValue):
    """What a decision against the finding needs."""

    min_justification: int = 40
    max_validity: timedelta = timedelta(days=30)


class StormRule(StoredValue):
    """From how many rooms within which time on a policy's violations gather in one room."""

    rooms: int = 10
    within: timedelta = timedelta(minutes=5)


class Need(StoredWord):
    """Whether something has to be said."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class ReasonRule(StoredValue):
    """Which decisions that allow need a reason besides an override, and how long.

    Where it isn't written, a dismissal needs one, and an approval of what is of high or critical
    severity.
    """

    approve: Need | None = None
    dismiss: Need | None = None
    min_length: int = 5

    def least_for_approval(self, severity: Severity) -> int:
        """How many letters and digits an approval's reason needs where this much is at stake."""
        weighty = severity.rank >= Severity.HIGH.rank
        return self._least(self.approve, Need.REQUIRED if weighty else Need.OPTIONAL)

    def least_for_dismissal(self) -> int:
        """How many letters and digits a dismissal's reason needs."""
        return self._least(self.dismiss, Need.REQUIRED)

    def _least(self, written: Need | None, by_default: Need) -> int:
        return 0 if (written or by_default) == Need.OPTIONAL else self.min_length


class ClearRule(StoredValue):
    """An approval given beforehand: what it clears needs nobody, until and not at its end.

    `owner` answers for it. `review_sample` is the share that a validator looks at afterwards.
    """

    id: str
    when: Condition
    reason: str
    owner: str
    until: AwareDatetime
    review_sample: float = 0.0
    line: int = 0


class Band(StoredValue):
    """A range of a violation's facts: who decides on what falls into it, or that nobody has to.

    The last of a policy's may be without a condition. What it leaves open is the policy's.
    """

    id: str
    when: Condition | None = None
    allow: bool = False
    reason: str = ""
    decide: tuple[Role, ...] = ()
    severity: Severity | None = None
    window: timedelta | None = None
    ladder: tuple[LadderStep, ...] | None = None
    line: int = 0


class ScopeKind(StoredWord):
    """How far a decision may be asked to hold, from the narrowest on."""

    RUN = "run"
    COMMIT = "commit"
    VERSION = "version"
    ENVIRONMENT = "environment"
    CONDITION = "condition"


class OfferedScope(StoredValue):
    """A scope that a policy offers; one by a condition of its own has a name, and words for it."""

    kind: ScopeKind
    name: str = ""
    when: Condition | None = None
    words: str = ""


class Policy(StoredValue):
    """A policy as loaded: people resolved, defaults filled in, with its place in the file."""

    id: str
    title: str
    description: str
    severity: Severity
    validator: Roster
    adjudicator: Roster
    window: timedelta = timedelta(hours=4)
    ladder: tuple[LadderStep, ...] = LADDER
    on_expiry: OnExpiry = OnExpiry.BLOCK
    override: OverrideRule = OverrideRule()
    storm: StormRule = StormRule()
    private: bool = True
    archive_after: timedelta = timedelta(days=1)
    file: str = ""
    line: int = 0
    unknown_initiator: UnknownInitiator = UnknownInitiator.SECOND_PERSON
    reasons: ReasonRule = ReasonRule()
    risk_class: str | None = None
    facts: dict[str, FactType] = {}
    when: Condition | None = None
    never_clear: tuple[Condition, ...] = ()
    auto_clear: tuple[ClearRule, ...] = ()
    bands: tuple[Band, ...] = ()
    scopes: tuple[OfferedScope, ...] = ()
    holds: timedelta = timedelta(days=7)
    varying: tuple[str, ...] = ()

    def roster(self, role: Role) -> Roster:
        """Who may hold `role`."""
        return self.validator if role is Role.VALIDATOR else self.adjudicator

    def band(self, band_id: str | None) -> Band | None:
        """The band with this id."""
        return next((band for band in self.bands if band.id == band_id), None)

    def least_for_approval(self, severity: Severity) -> int:
        """How many letters and digits an approval's reason needs in a room of this severity.

        What a report says may make it graver than the policy, and never less grave.
        """
        return self.reasons.least_for_approval(graver(severity, self.severity))

    @property
    def place(self) -> str:
        """Where it stands: `policies.yaml:12`."""
        return f"{self.file}:{self.line}"

    @property
    def document(self) -> str:
        """The policy's content as it is kept, without its places in the file."""
        return self.model_dump_json(exclude=_unused(self))

    @property
    def digest(self) -> str:
        """SHA-256 over the document's bytes; costs a serialisation, so keep it where it counts."""
        return digest_of(self.document)


@dataclass(frozen=True, slots=True)
class Rules:
    """Under what a room is opened and decided on: the policy, and the digest that it is kept by.

    `configuration` is the load of the configuration that is in force, and `people` are those whom
    it names.
    """

    policy: Policy
    digest: str
    configuration: int | None = None
    people: Mapping[str, Person] = field(default_factory=dict)


# What the first documents hold even where it is the default. It stays in, and no field is added.
_ALWAYS: Mapping[type[StoredValue], frozenset[str]] = {
    Policy: frozenset(
        {"window", "ladder", "on_expiry", "override", "storm", "private", "archive_after"}
    ),
    Roster: frozenset({"members", "backups"}),
    OverrideRule: frozenset({"min_justification", "max_validity"}),
    StormRule: frozenset({"rooms", "within"}),
}

# Where something stands in a file is no part of what it says.
_PLACES: Mapping[type[StoredValue], frozenset[str]] = {
    Policy: frozenset({"file", "line"}),
    ClearRule: frozenset({"line"}),
    Band: frozenset({"line"}),
    Condition: frozenset({"line", "column"}),
}


def _unused(value: object) -> dict[Any, Any]:
    """What a document leaves out of a value and of its parts, as pydantic's `exclude` takes it."""
    unused: dict[Any, Any] = {}
    if isinstance(value, StoredValue):
        types = type(value).__mro__
        always = {name for first in types for name in _ALWAYS.get(first, ())}
        places = {name for first in types for name in _PLACES.get(first, ())}
        for name, known in type(value).model_fields.items():
            part = getattr(value, name)
            by_default = part == known.get_default(call_default_factory=True)
            left_out = name in places or (by_default and name not in always)
            unused[name] = left_out or _unused(part)
    elif isinstance(value, Mapping):
        unused = {key: _unused(part) for key, part in value.items()}
    elif isinstance(value, tuple):
        unused = {number: _unused(part) for number, part in enumerate(value)}
    return {key: part for key, part in unused.items() if part}


def digest_of(document: str) -> str:
    """`sha256:` and the digest of a document's bytes."""
    return "sha256:" + hashlib.sha256(document.encode()).hexdigest()
