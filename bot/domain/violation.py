"""A violation: one event in which a policy was broken, as a pipeline or a person reports it.

Rules
- Required are a title and an initiator with at least one identity, or else a name, by which nobody
  is known; and a policy, unless some policy's own condition says that it is broken.
- Roles are never taken from a report: it names who made the change and nobody else.
- What can't be an identity is no initiator: it is refused where it comes in.
- The same deduplication key on the same policy means the same decision.
"""

import operator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    Field,
    HttpUrl,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.domain import deduplication, identity
from bot.domain.identity import Identity
from bot.domain.person import EMAIL, GITHUB, NAME, SLACK, SYSTEMS
from bot.domain.personal import FreeText, Personal
from bot.domain.value import StoredValue, StoredWord, is_reading

Line = Annotated[FreeText, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Path = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s<>|]+$")]


_ADDED: Any = Field(default=None, exclude_if=operator.not_)  # left out where it isn't there
CONTRIBUTORS = 50  # besides the initiator
LINES_SHOWN, FILES_SHOWN, TEXT_SHOWN = 12, 5, 200  # of code, of changed files, of each text


class Severity(StoredWord):
    """How much is at stake; it orders what is delivered first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """3 for the most severe, 0 for the least; 3 too for one that is not known here."""
        return _RANKS.get(self, _RANKS[Severity.CRITICAL])


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def graver(one: Severity, other: Severity) -> Severity:
    """The more severe of the two."""
    return max(one, other, key=lambda severity: severity.rank)


class Initiator(StoredValue):
    """A human who made the change, by any identity that the reporter knows, as it was spelt.

    A `name` alone is somebody whom nobody knows; beside an identity it says nothing more.
    """

    email: Word | None = None
    github: Word | None = None
    slack: Word | None = None
    name: Word | None = None

    @field_validator(EMAIL, GITHUB, SLACK)
    @classmethod
    def _an_identity(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is not None and not is_reading():
            identity.read(str(info.field_name), text)
        return text

    @model_validator(mode="after")
    def _one_identity(self) -> "Initiator":
        if not self.label:
            raise ValueError("one of email, github or slack is needed, or at least a name")
        return self

    @property
    def label(self) -> str:
        """A name for a person whom the configuration does not know."""
        return self.email or self.github or self.slack or self.name or ""

    @property
    def identities(self) -> tuple[Identity, ...]:
        """What each identity means, the surest first; of those on record, what can be read."""
        found = []
        for system in SYSTEMS:
            text = getattr(self, system)
            with suppress(ValueError):
                found += [identity.read(system, text)] if text else []
        if not found and self.name:
            found.append(Identity(f"{NAME}:{self.name}"))
        return tuple(found)


class Subject(StoredValue):
    """What the policy was broken with or on."""

    kind: Word | None = None
    name: Word | None = None
    version: Word | None = None
    digest: Word | None = None
    url: Url | None = None


class Code(StoredValue):
    """The lines of code that a finding is about, as they stand in the commit."""

    path: Path
    line: int = Field(ge=1, le=10**7)
    end_line: int | None = Field(default=None, ge=1, le=10**7)
    excerpt: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=500)], ...],
        Field(max_length=40),
        Personal(erased=[]),
    ] = ()


class Origin(StoredValue):
    """Where it happened; `author` and `commit_message` are of the commit, as its system has them.

    `changed_files` are those that the commit or pull request changes, `job` is the one of the run.
    """

    system: Word | None = None
    repository: Word | None = None
    commit: Word | None = None
    run_url: Url | None = None
    pull_request: int | None = Field(default=None, ge=1, le=10**15)
    environment: Word | None = None
    run_id: Word | None = Field(default=None, exclude_if=operator.not_)
    job: Word | None = Field(default=None, exclude_if=operator.not_)
    author: Annotated[FreeText, StringConstraints(max_length=300)] | None = Field(
        default=None, exclude_if=operator.not_
    )
    commit_message: Annotated[FreeText, StringConstraints(max_length=4000)] | None = Field(
        default=None, exclude_if=operator.not_
    )
    changed_files: Annotated[tuple[Path, ...], Field(max_length=300)] = Field(
        default=(), exclude_if=operator.not_
    )
    code: Code | None = _ADDED

    def cut(self, lines: int, files: int, most: int) -> "Origin":
        """The same with at most so many lines of code, files, and characters in each text."""
        code, message = self.code, self.commit_message
        message = message and message[:most]
        if code:
            code = code.but(excerpt=tuple(each[:most] for each in code.excerpt[:lines]))
        return self.but(commit_message=message, changed_files=self.changed_files[:files], code=code)


class Report(StoredValue):
    """What comes in: the body of a violation, before it has an id.

    `contributors` are further humans who made the change; each is an initiator like the first.
    """

    policy: Word | None = None
    title: Line
    severity: Severity | None = None
    detected_at: AwareDatetime | None = None
    team: Word | None = None
    initiator: Annotated[Initiator, Personal(erased={"slack": "(erased)"})]
    subject: Subject = Subject()
    origin: Origin = Origin()
    facts: Annotated[dict[str, Any], Personal(erased={})] = {}
    dedup_key: Word | None = None
    callback_url: HttpUrl | None = None
    contributors: Annotated[
        tuple[Initiator, ...], Field(max_length=CONTRIBUTORS), Personal(erased=[])
    ] = ()

    @property
    def key(self) -> str:
        """The deduplication key: the reporter's, or one derived from subject and origin.

        Where neither names a thing (a name, a digest, a commit), title and initiator count too.
        The run is left out: two runs over the same commit are one decision.
        """
        if self.dedup_key:
            return self.dedup_key
        subject, origin = self.subject, self.origin
        named = subject.name or subject.digest or origin.commit
        return deduplication.derived(
            *(subject.kind, subject.name, subject.version, subject.digest),
            *(origin.repository, origin.commit, origin.environment),
            *(() if named else (self.title, self.initiator.label)),
        )

    @property
    def bound_key(self) -> str:
        """The same bound to commit, repository and digest.

        What the reporter calls alike may be of several.
        """
        if not self.dedup_key:
            return self.key
        origin = self.origin
        return deduplication.bound(
            self.dedup_key, origin.commit, origin.repository, self.subject.digest
        )

    @property
    def pull_request(self) -> str | None:
        """The pull request and its repository, where it is known which of its commits this is."""
        origin = self.origin
        there = origin.repository and origin.pull_request and origin.commit
        return f"{origin.repository}#{origin.pull_request}" if there else None

    def is_of_same_commit(self, other: "Report") -> bool:
        """Whether both are about one commit of one repository and one digest, or neither names one.

        A fork has the commits of what it was made of.
        """
        return _thing(self) == _thing(other)


class Violation(StoredValue):
    """A report that was received: with an id, a place in time and its source.

    `signed_by` is the name of the secret that it was signed with: who sent it can't choose that.
    """

    id: str
    report: Report
    source: str
    received_at: AwareDatetime
    detected_at: AwareDatetime
    signed_by: str | None = _ADDED

    @classmethod
    def received(
        cls, report: Report, violation_id: str, source: str, now: datetime, signed_by: str | None
    ) -> "Violation":
        """What a report becomes at `now`; it wasn't detected later than that, whatever it says."""
        return cls(
            id=violation_id,
            report=report,
            source=source,
            received_at=now,
            detected_at=min(report.detected_at or now, now),
            signed_by=signed_by,
        )

    def is_again(self, report: Report, signed_by: str) -> bool:
        """Whether `report`, so signed, is this one sent again, for which its answers hold.

        Another run of the same commit is; what another policy, subject, commit or fact is reported
        of is not, nor what is signed by another name.
        """
        same = self.signed_by in (None, signed_by)
        return same and _answered(report) == _answered(self.report)

    @property
    def brief(self) -> "Violation":
        """The same without its facts, and what else may be of any size: what a room holds of it."""
        return self._held(lines=0, files=0, most=0)

    @property
    def shown(self) -> "Violation":
        """The same with as much of its commit and code as a card shows."""
        return self._held(lines=LINES_SHOWN, files=FILES_SHOWN + 1, most=TEXT_SHOWN)

    def _held(self, lines: int, files: int, most: int) -> "Violation":
        report, origin = self.report, self.report.origin
        if origin.code or origin.commit_message or origin.changed_files:
            report = report.but(origin=origin.cut(lines, files, most))
        return (
            self
            if report is self.report and not report.facts
            else self.but(report=report.but(facts={}))
        )


def _thing(report: Report) -> tuple[str | None, ...]:
    return report.origin.commit, report.origin.repository, report.subject.digest


def _answered(report: Report) -> tuple[object, ...]:
    """All of a report that an answer to it may rest on, or that it is an answer about."""
    subject, origin = report.subject, report.origin
    return (
        *(report.policy, report.severity, report.dedup_key, report.facts),
        *(subject.kind, subject.name, subject.version, subject.digest),
        *(origin.repository, origin.commit, origin.environment),
    )


class Success(StoredValue):
    """A check that succeeded: with the deduplication key that its failure has, and when it ended.

    `attempt` is the number of its run, where the other system counts them. With a `commit` it is
    told to no room that is about another one; `repository` is the commit's.
    """

    key: Word
    check: Word
    at: AwareDatetime
    run_url: Url | None = None
    attempt: int | None = None
    commit: Word | None = _ADDED
    repository: Word | None = _ADDED

    @property
    def bound_key(self) -> str:
        """The key of its failure, bound to its commit as that is."""
        return deduplication.bound(self.key, self.commit, self.repository)
