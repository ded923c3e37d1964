"""Values that tests start from: one policy, its people, one report."""

from datetime import UTC, datetime, timedelta

from bot.domain.lifecycle import Step, open_room
from bot.domain.policy import Policy, Role, Roster
from bot.domain.violation import Initiator, Report, Severity, Violation
from bot.domain.war_room import WarRoom

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

ADA, VAL, VIV, JUDE, BEA, EVE = "U0ADA", "U0VAL", "U0VIV", "U0JUDE", "U0BACK", "U0EVE"
NAMES = {ADA: "ada", VAL: "val", VIV: "viv", JUDE: "jude", BEA: "bea", EVE: "eve"}
BOT = "U0BOT"
"""Whom a local Slack calls its bot, where nothing else is given."""

POLICY = Policy(
    id="pii-fine-tuning",
    title="Unapproved fine-tuning on personal data",
    description="A model may see personal data only once privacy has agreed.",
    severity=Severity.HIGH,
    validator=Roster(label="privacy", members=(VAL, VIV)),
    adjudicator=Roster(label="jude", members=(JUDE,), backups=(BEA,)),
    file="policies.yaml",
    line=3,
)

JUSTIFICATION = "Signed off by the data protection officer, ticket 4711, until the retraining."


def report(**fields: object) -> Report:
    given = {
        "policy": POLICY.id,
        "title": "ranker fine-tuned on customers_eu",
        "initiator": Initiator(slack=ADA),
        "dedup_key": "ranker-7",
        **fields,
    }
    return Report.model_validate(given)


def violation(number: int = 1, at: datetime = START, **fields: object) -> Violation:
    return Violation(
        id=f"violation{number}",
        report=report(**fields),
        source="violations",
        received_at=at,
        detected_at=at - timedelta(minutes=1),
    )


def opened(policy: Policy = POLICY, initiator: str | None = ADA, email: str | None = None) -> Step:
    who = Initiator(email=email) if email else Initiator(slack=ADA)
    return open_room("room000001", violation(initiator=who), initiator, policy, START)


def room(policy: Policy = POLICY, initiator: str | None = ADA, email: str | None = None) -> WarRoom:
    return opened(policy, initiator, email).room


def holder(role: Role) -> str:
    """Who holds `role` in the room that `room()` gives."""
    return {Role.INITIATOR: ADA, Role.VALIDATOR: VAL, Role.ADJUDICATOR: JUDE}[role]
