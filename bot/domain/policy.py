"""A policy: a named rule with the people who settle it, its window and its default.

Rules
- What is not decided is not allowed, unless the policy says so in writing (`on_expiry`).
- Members come in the order of duty: the first who isn't an initiator is paged first.
- The digest covers everything that can change a decision, the resolved people included.
"""

import hashlib
from datetime import timedelta
from enum import StrEnum

from bot.domain.value import Value
from bot.domain.violation import Severity


class Role(StrEnum):
    """The part that a person has in one war room."""

    INITIATOR = "initiator"
    VALIDATOR = "validator"
    ADJUDICATOR = "adjudicator"


class OnExpiry(StrEnum):
    """What holds when nobody decides in time."""

    BLOCK = "block"
    ALLOW = "allow"


class Rung(StrEnum):
    """What a step of the ladder does."""

    REMIND = "remind"
    PAGE_BACKUP = "page_backup"
    LAST_CALL = "last_call"


class LadderStep(Value):
    """At this share of the window (0 < at < 1), do this."""

    at: float
    do: Rung


LADDER = (
    LadderStep(at=0.25, do=Rung.REMIND),
    LadderStep(at=0.50, do=Rung.PAGE_BACKUP),
    LadderStep(at=0.90, do=Rung.LAST_CALL),
)


class Roster(Value):
    """Who may hold a role: Slack user ids in the order of duty, and Slack user groups."""

    label: str
    members: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    member_group: str | None = None
    backup_group: str | None = None


class OverrideRule(Value):
    """What a decision against the finding needs."""

    min_justification: int = 40
    max_validity: timedelta = timedelta(days=30)


class StormRule(Value):
    """From how many rooms within which time on a policy's violations gather in one room."""

    rooms: int = 10
    within: timedelta = timedelta(minutes=5)


class Policy(Value):
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

    def bench(self, role: Role) -> Roster:
        """Who may hold `role`."""
        return self.validator if role is Role.VALIDATOR else self.adjudicator

    @property
    def place(self) -> str:
        """Where it stands: `policies.yaml:12`."""
        return f"{self.file}:{self.line}"

    @property
    def digest(self) -> str:
        """SHA-256 over the policy's content, its place in the file left out."""
        content = self.model_dump_json(exclude={"file", "line"})
        return "sha256:" + hashlib.sha256(content.encode()).hexdigest()
