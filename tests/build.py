"""Values that tests start from: one policy, its people, one report."""

from datetime import UTC, datetime, timedelta

from bot.domain import commands as c
from bot.domain import lifecycle
from bot.domain import reported as r
from bot.domain.aggregate import Step
from bot.domain.answers import Answered
from bot.domain.lifecycle import RoomStep, open_room
from bot.domain.makers import Attributed
from bot.domain.person import EMAIL, SLACK, SYSTEM, Actor, Person, account
from bot.domain.policy import Policy, Role, Roster, Rules
from bot.domain.refusal import Refusal
from bot.domain.violation import Initiator, Report, Severity, Violation
from bot.domain.war_room import WarRoom
from bot.policies.load import Config
from bot.policies.people import Directory

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def person(name: str, user: str) -> Person:
    """Somebody whom the configuration names."""
    accounts = (account(SLACK, user), account(EMAIL, f"{name}@acme.test"))
    return Person(name=name, accounts=accounts)


# What Slack calls them, and who they are.
ADA, VAL, VIV, JUDE, BEA, EVE = "U0ADA", "U0VAL", "U0VIV", "U0JUDE", "U0BACK", "U0EVE"
NAMES = {ADA: "ada", VAL: "val", VIV: "viv", JUDE: "jude", BEA: "bea", EVE: "eve"}
BOT = "U0BOT"
"""Whom a local Slack calls its bot, where nothing else is given."""
EVERYBODY = tuple(person(name, user) for user, name in NAMES.items())
ada, val, viv, jude, bea, eve = EVERYBODY
DIRECTORY = Directory(people={who.name: who for who in EVERYBODY})

POLICY = Policy(
    id="pii-fine-tuning",
    title="Unapproved fine-tuning on personal data",
    description="A model may see personal data only once privacy has agreed.",
    severity=Severity.HIGH,
    validator=Roster(label="privacy", members=(val.name, viv.name)),
    adjudicator=Roster(label="jude", members=(jude.name,), backups=(bea.name,)),
    file="policies.yaml",
    line=3,
)

WITHIN_POLICY = "The data set is synthetic, as its card says."
APPROVE = c.Approve(reason=WITHIN_POLICY)
JUSTIFICATION = "Signed off by the data protection officer, ticket 4711, until the retraining."


def config(*policies: Policy) -> Config:
    return Config(policies={policy.id: policy for policy in policies}, people=DIRECTORY)


def rules(policy: Policy = POLICY) -> Rules:
    return Rules(policy, policy.digest, configuration=1, people=DIRECTORY.people)


def acting(name: str) -> Actor:
    """Somebody with their Slack account, or the bot itself."""
    who = DIRECTORY.people.get(name)
    return Actor(person=who, account=who.accounts[0]) if who else Actor(person=Person(name=name))


def decide(
    before: WarRoom, command: c.Command, name: str, policy: Policy, now: datetime
) -> RoomStep | Refusal:
    """What a command by somebody leads to, under this policy."""
    return lifecycle.decide(before, command, acting(name), rules(policy), now)


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


def made_by(who: Person | None = None, *accounts: str) -> tuple[Attributed, ...]:
    """One human behind a change: somebody who is known, or whoever has these accounts."""
    return (Attributed(persons=(who,) if who else (), accounts=accounts, known=who is not None),)


def opened(
    policy: Policy = POLICY, initiator: Person | None = ada, email: str | None = None
) -> RoomStep:
    who = Initiator(email=email) if email else Initiator(slack=ADA)
    makers = made_by(initiator, *([account(EMAIL, email)] if email else ()))
    return open_room("room000001", violation(initiator=who), makers, rules(policy), START)


def room(
    policy: Policy = POLICY, initiator: Person | None = ada, email: str | None = None
) -> WarRoom:
    return opened(policy, initiator, email).after


def in_room(place: WarRoom) -> tuple[Answered, ...]:
    """The answers of a violation that one policy has sent into a room."""
    return (Answered(place.policy_id, room=place),)


def shown(before: WarRoom, at: datetime, policy: Policy = POLICY) -> WarRoom:
    """The same once everybody was let into its channel and its result stands there."""
    steps = (r.RecordChannel(channel="C1"), r.RecordInvited(names=before.invited), r.RecordResult())
    for command in steps:
        step = decide(before, command, SYSTEM, policy, at)
        assert isinstance(step, Step), step
        before = step.after
    return before


def holder(role: Role) -> str:
    """Who holds `role` in the room that `room()` gives."""
    return {Role.INITIATOR: ada.name, Role.VALIDATOR: val.name, Role.ADJUDICATOR: jude.name}[role]
