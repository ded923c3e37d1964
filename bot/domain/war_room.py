"""A war room: one decision to be taken, as the fold of its events.

Only `evolve` in `lifecycle.py` makes a room out of another.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from bot.domain.policy import Role
from bot.domain.value import Value
from bot.domain.violation import Severity, Violation

TIMEOUT = "system:timeout"
SYSTEM = "system:warroom"
GATHERING = " storm"  # no report has this key: theirs have no blank at their ends
GATHERS_MOST = 1000  # violations in one room


class State(StrEnum):
    """Where a room's life stands."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What a pipeline is told."""

    PENDING = "pending"
    ALLOW = "allow"
    BLOCK = "block"


class Outcome(StrEnum):
    """How a violation was settled."""

    APPROVED = "approved"
    OVERRIDDEN = "overridden"
    DISMISSED = "dismissed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def verdict(self) -> Verdict:
        """What the outcome means; an expiry takes the policy's default instead."""
        allows = (Outcome.APPROVED, Outcome.OVERRIDDEN, Outcome.DISMISSED)
        return Verdict.ALLOW if self in allows else Verdict.BLOCK


class Category(StrEnum):
    """What kind of exception an override is."""

    WAIVER = "waiver"
    MITIGATED = "mitigated"


class Assignment(Value):
    """One role in one room: who is on duty and was paged, and who else may act."""

    role: Role
    label: str
    on_duty: str | None = None
    others: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    unknown_group: str | None = None
    unknown_backup_group: str | None = None

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody who holds the role here."""
        first = (self.on_duty,) if self.on_duty else ()
        return first + self.others + self.backups


class Decision(Value):
    """The one decision of a room: what, by whom, why, under which policy."""

    outcome: Outcome
    verdict: Verdict
    by: str
    role: Role | None
    at: AwareDatetime
    reason: str
    category: Category | None = None
    owner: str | None = None
    valid_until: AwareDatetime | None = None
    policy_digest: str
    policy_place: str

    def verdict_at(self, now: datetime) -> Verdict:
        """The verdict as it holds at `now`: an exception allows until, and not at, its end."""
        ended = self.valid_until is not None and now >= self.valid_until
        return Verdict.BLOCK if ended else self.verdict


class Message(Value):
    """A message that Slack holds: channel and time stamp."""

    channel: str
    ts: str


class WarRoom(Value):
    """A room's whole state; its row in the database holds exactly this.

    A `is_storm` room holds a storm: violations of one policy with many keys. It knows who made
    which (`initiator_of`, Slack ids by violation), and where those are that were set `apart`.
    """

    id: str
    version: int
    state: State
    policy_id: str
    policy_digest: str
    severity: Severity
    team: str | None
    violation: Violation
    joined: tuple[Violation, ...] = ()
    initiators: tuple[str, ...] = ()
    unidentified: tuple[str, ...] = ()
    seats: tuple[Assignment, ...]
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
    card: Message | None = None
    pages: dict[str, Message] = {}
    digested: tuple[str, ...] = ()
    decision: Decision | None = None
    is_storm: bool = False
    initiator_of: dict[str, str] = {}
    apart: dict[str, str] = {}

    @property
    def verdict(self) -> Verdict:
        """`pending` until there is a decision."""
        return self.decision.verdict if self.decision else Verdict.PENDING

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All of them, the one that opened the room first."""
        return (self.violation, *self.joined)

    @property
    def full(self) -> bool:
        """Whether a storm needs another room; who was taken out makes no place."""
        return self.is_storm and 1 + len(self.joined) + len(self.apart) >= GATHERS_MOST

    @property
    def key(self) -> str:
        """What no other open room of its policy has: what comes in with this key joins it.

        All of a storm has one key, so that two rooms can't gather it at the same time.
        """
        if not self.is_storm:
            return self.violation.report.key
        return f"{GATHERING} {self.id}" if self.full else GATHERING

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        if not self.is_storm:
            return self.violation.report.title
        count = len(self.violations)
        return f"A storm of {count} {'violation' if count == 1 else 'violations'}"

    @property
    def newest(self) -> Violation:
        """The violation that came last."""
        return self.joined[-1] if self.joined else self.violation

    def awaiting(self, email: str | None) -> tuple[str, ...]:
        """The violations of which Slack has still to tell whose this address is."""
        if not email or not self.unidentified:
            return ()
        awaited, address = set(self.unidentified), email.lower()
        return tuple(
            violation.id
            for violation in self.violations
            if violation.id in awaited and (violation.email or "").lower() == address
        )

    @property
    def extended_by(self) -> timedelta:
        """By how much the window was extended, all extensions together."""
        return self.expires_at - self.opened_at - self.window

    def seat(self, role: Role) -> Assignment:
        """The seat of the validator or the adjudicator."""
        return next(seat for seat in self.seats if seat.role is role)

    @property
    def on_duty(self) -> tuple[str, ...]:
        """Whom the room pages when it opens: initiators, validator, adjudicator, each once."""
        seated = tuple(seat.on_duty for seat in self.seats if seat.on_duty)
        return tuple(dict.fromkeys(self.initiators + seated))

    @property
    def invited(self) -> tuple[str, ...]:
        """Who belongs in the channel; the backups only once they are paged."""
        people = list(self.on_duty)
        for seat in self.seats:
            people += seat.others
            if self.backups_paged:
                people += seat.backups
        return tuple(dict.fromkeys(people))


def channel_name(policy_id: str, room_id: str) -> str:
    """`wr-{policy}-{room id}` in at most 80 characters; the id is never what is cut."""
    return f"wr-{policy_id}"[: 79 - len(room_id)] + f"-{room_id}"
