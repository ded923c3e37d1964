"""One of each event, with every field filled in; what is personal in it says so in its words."""

from datetime import timedelta
from typing import Any

from bot.domain import configuration, exception, follow_up
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain.aggregate import Happened
from bot.domain.clearance import AutoCleared
from bot.domain.conditions import Asked, Condition, Truth
from bot.domain.contents import Contents, PullRequest
from bot.domain.erasure import Erased, ErasedFor
from bot.domain.explanations import Explanation
from bot.domain.hold import HoldLifted, HoldPlaced
from bot.domain.makers import MadeBy, Maker
from bot.domain.messages import Listing, PostedMessage
from bot.domain.policy import OfferedScope, Role, Rung, ScopeKind
from bot.domain.role_sources import Assignment, UserGroup
from bot.domain.terms import Basis, Cited, Terms
from bot.domain.violation import Code, Initiator, Origin, Severity, Subject, Success, Violation
from bot.domain.war_room import Category, Decision, Outcome, Proposal, Verdict
from tests.build import START, ada, bea, jude, report, val, viv

ADDRESS = "personal@acme.test"
WORDS = "Personal words."
MESSAGE = PostedMessage(channel="D0PERSONAL", ts="1.000001")

_VIOLATION = Violation(
    id="violation1",
    report=report(
        title="Personal title",
        severity=Severity.HIGH,
        detected_at=START,
        team="search",
        initiator=Initiator(email=ADDRESS, github="personal-login", slack="U0PERSONAL"),
        subject=Subject(
            kind="model", name="ranker", version="7", digest="sha256:7", url="https://models.test/7"
        ),
        origin=Origin(
            system="ci",
            repository="acme/ranker",
            commit="8c1f2a7",
            run_url="https://ci.test/1",
            pull_request=42,
            environment="production",
            run_id="218",
            job="train",
            author="Personal author",
            commit_message=WORDS,
            changed_files=("train.py",),
            code=Code(path="train.py", line=41, excerpt=("personal = 1",)),
        ),
        facts={"customer": "Personal fact"},
        callback_url="https://ci.test/callback",
    ),
    source="violations",
    received_at=START,
    detected_at=START,
    signed_by="export-ci",
)
_BASIS = Basis(
    file="policies.yaml",
    line=3,
    configuration=2,
    conditions=(
        Asked(place="policies.yaml:8:15", text="facts.x", value=Truth.UNKNOWN, why="no x"),
    ),
    band="low",
    band_line=9,
    besides=("drift",),
)
_ASSIGNMENTS = (
    Assignment(
        role=Role.VALIDATOR,
        on_duty=val.name,
        others=(viv.name,),
        backups=(bea.name,),
        unknown_group="S0PRIVACY",
        unknown_backup_group="S0LEGAL",
        groups=(UserGroup(id="S0OTHER", backup=False, asked_at=START, members=(viv.name,)),),
    ),
    Assignment(role=Role.ADJUDICATOR, on_duty=jude.name),
)
_DECISION = Decision(
    outcome=Outcome.OVERRIDDEN,
    verdict=Verdict.ALLOW,
    by=jude.name,
    account="slack:U0PERSONAL",
    role=Role.ADJUDICATOR,
    at=START,
    reason=WORDS,
    category=Category.WAIVER,
    owner=jude.name,
    valid_until=START,
    policy_digest="sha256:1",
    policy_place="policies.yaml:3",
    configuration=1,
)
_MAKERS = (Maker(names=(ada.name,), known=True),)
_CONTENTS = Contents(
    count=2,
    first=_VIOLATION,
    newest=(_VIOLATION,),
    made_by=(MadeBy(makers=(*_MAKERS, Maker(accounts=(ADDRESS,))), count=2),),
)

OF_A_ROOM: tuple[Happened, ...] = (
    e.Opened(
        room_id="room000001",
        violation=_VIOLATION,
        policy_id="pii",
        policy_digest="sha256:1",
        severity=Severity.HIGH,
        team="search",
        makers=_MAKERS,
        assignments=_ASSIGNMENTS,
        window=timedelta(hours=4),
        private=True,
        decide=(Role.ADJUDICATOR,),
        basis=_BASIS,
        key="0123456789abcdef",
        pull_request=PullRequest(name="acme/ranker#42", commits=("8c1f2a7",)),
    ),
    e.Joined(
        violation=_VIOLATION,
        makers=_MAKERS,
        assignments=_ASSIGNMENTS,
        terms=Terms(
            severity=Severity.CRITICAL,
            window=timedelta(hours=2),
            decide=(Role.ADJUDICATOR,),
            basis=_BASIS,
        ),
    ),
    e.Identified(
        account=ADDRESS, names=(ada.name,), assignments=_ASSIGNMENTS, instead_of=(bea.name,)
    ),
    e.Reassigned(role=Role.VALIDATOR, assignments=_ASSIGNMENTS),
    e.Acknowledged(role=Role.VALIDATOR),
    e.InfoRequested(role=Role.VALIDATOR, question=WORDS, asked_by=val.name),
    e.Explained(role=Role.INITIATOR, text=WORDS, asked_by=val.name),
    e.Extended(role=Role.VALIDATOR, by=timedelta(hours=1), expires_at=START, reason=WORDS),
    e.HandedOff(role=Role.VALIDATOR, to=viv.name, assignments=_ASSIGNMENTS),
    e.Split(role=Role.VALIDATOR, violations=("violation2",), to="room000002", contents=_CONTENTS),
    e.Escalated(rung=Rung.REMIND, due_at=START, notify=(val.name, jude.name)),
    e.Decided(decision=_DECISION),
    e.Closed(),
    d.ChannelOpened(channel="C0ROOM"),
    d.CardPosted(message=PostedMessage(channel="C0ROOM", ts="1.000002")),
    d.Paged(
        name=val.name,
        message=MESSAGE,
        digest=True,
        listing=Listing(needed=("room000001",), more=1, missed=("room000002",), more_missed=1),
    ),
    d.Unreachable(name=val.name, error="user_disabled", assignments=_ASSIGNMENTS),
    e.Proposed(
        proposal=Proposal(
            by=val.name,
            role=Role.VALIDATOR,
            at=START,
            outcome=Outcome.OVERRIDDEN,
            reason=WORDS,
            category=Category.WAIVER,
            validity=timedelta(days=7),
        )
    ),
    e.CheckSucceeded(
        success=Success(
            key="ranker-7",
            check="Guardrails",
            at=START,
            run_url="https://ci.test/1",
            attempt=2,
            commit="8c1f2a7",
        )
    ),
    d.Invited(names=(ada.name, val.name)),
    d.ResultShown(),
    d.ChannelLost(error="is_archived"),
    d.Told(
        about=5,
        of="handed_off",
        name=viv.name,
        role=Role.VALIDATOR,
        message=MESSAGE,
        deadline=START,
    ),
    e.ExceptionEnding(ends_at=START, notify=(jude.name,)),
    e.ExceptionEnded(ended_at=START, notify=(jude.name,), revoked_by=bea.name, reason=WORDS),
    d.Dropped(effect="archive", to="U0PERSONAL", error=WORDS, why=WORDS, operator="personal-login"),
    e.Assigned(role=Role.VALIDATOR, to=viv.name, why=WORDS, assignments=_ASSIGNMENTS),
    d.TeamRecorded(name=val.name, team="T0OTHER"),
    e.Replied(name=ada.name, text=WORDS, thread=MESSAGE),
    e.ExceptionRenewed(until=START, by=bea.name, reason=WORDS, notify=(jude.name,)),
    e.CarriedOver(
        explanations=(
            Explanation(question=WORDS, text=WORDS, by=ada.name, room="room000000"),
            Explanation(text=WORDS, by=ada.name, room="room000000"),
        )
    ),
)
OF_THE_CONFIGURATION: tuple[Happened, ...] = (
    configuration.ConfigurationLoaded(
        policies={"pii": "sha256:1"}, removed=("old",), sources="sha256:2", started_by=WORDS
    ),
    configuration.PersonListed(name=ada.name, accounts=("slack:U0PERSONAL",), team="search"),
    configuration.PersonRemoved(name=ada.name),
    configuration.PeopleImported(
        source="csv people.csv",
        first=1,
        claimed=(configuration.Claimed(accounts=("slack:U0PERSONAL",)),),
        released=(7,),
        accepted_by=WORDS,
    ),
)
A_CLEARANCE = AutoCleared(
    violation=_VIOLATION,
    policy_id="pii",
    rule=Cited(id="internal", file="policies.yaml", line=7, digest="sha256:1"),
    reason=WORDS,
    basis=_BASIS,
    owner=ada.name,
)
AN_ERASURE = Erased(
    erasure_id="erasure001",
    erased_for=ErasedFor.PERSON,
    order=WORDS,
    values=7,
    events=5,
    rooms=1,
    streams=2,
    violations=1,
)
OF_A_HOLD: tuple[Happened, ...] = (
    HoldPlaced(hold_id="hold000001", person=ada.name, room_id="room000001", reason=WORDS),
    HoldLifted(reason=WORDS),
)
OF_A_FOLLOW_UP: tuple[Happened, ...] = (
    follow_up.FollowUpOwed(
        follow_up_id="followup01",
        owes=follow_up.FollowUpKind.SAMPLE,
        owner=val.name,
        others=(viv.name,),
        group="S0PRIVACY",
        initiators=(ada.name,),
        violation_id="violation1",
        room_id="room000001",
        exception_id="room000001",
        policy_id="pii",
        severity=Severity.HIGH,
        team="search",
        title="Personal title",
        because=WORDS,
        until=START,
    ),
    follow_up.FollowUpAsked(name=val.name, message=MESSAGE),
    follow_up.FollowUpReminded(owner=val.name),
    follow_up.FollowUpOverdue(owner=val.name),
    follow_up.FollowUpPassedOn(name=val.name, error="user_disabled", owner=viv.name),
    follow_up.HoldersNamed(owner=val.name, others=(viv.name,)),
    follow_up.FollowUpClosed(
        answer=follow_up.SampleAnswer.NO, link="https://personal.test/1", reason=WORDS
    ),
)

OF_AN_EXCEPTION: tuple[exception.Event, ...] = (
    exception.Granted(
        room_id="room000001",
        policy_id="pii",
        policy_digest="sha256:1",
        policy_place="policies.yaml:3",
        configuration=1,
        outcome=Outcome.OVERRIDDEN,
        scope=OfferedScope(
            kind=ScopeKind.CONDITION,
            name="internal",
            when=Condition(text="true", line=3, column=7),
            words="it stays inside",
        ),
        covers=(exception.Cover(key="personal", severity=Severity.HIGH, band="middle"),),
        allows="pii: every violation by model ranker",
        severity=Severity.HIGH,
        title="Personal title",
        subject=_VIOLATION.report.subject,
        team="search",
        owner=jude.name,
        role=Role.ADJUDICATOR,
        reason=WORDS,
        category=Category.WAIVER,
        agreed=(bea.name,),
        initiators=(ada.name,),
        granted_at=START,
        until=START,
        review_at=START,
    ),
    exception.Waived(
        violation=_VIOLATION,
        policy_digest="sha256:1",
        basis=_BASIS,
        unknown_makers=(Maker(accounts=("github:personal",)),),
    ),
    exception.Renewed(role=Role.ADJUDICATOR, reason=WORDS, until=START, review_at=START),
    exception.Revoked(role=Role.ADJUDICATOR, reason=WORDS),
    exception.Warned(due_at=START, until=START),
    exception.Ended(until=START),
)


def kind_of(example: Any) -> str:  # noqa: ANN401 - an event, or nothing to name
    """What a test on an example is called."""
    return str(getattr(example, "kind", example))
