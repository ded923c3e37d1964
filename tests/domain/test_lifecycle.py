"""The rules of a room's life, over every state, command and role."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import access, excepted
from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.aggregate import Step
from bot.domain.explanations import Explanation
from bot.domain.fold import evolve, fold
from bot.domain.lifecycle import TABLE
from bot.domain.messages import PostedMessage
from bot.domain.person import NEW_COMMIT, OPERATOR, SYSTEM, TIMEOUT
from bot.domain.policy import OnExpiry, Role
from bot.domain.refusal import Refusal, Why
from bot.domain.superseding import CarryOver, Supersede
from bot.domain.violation import Initiator, Success
from bot.domain.war_room import Category, Outcome, State, Verdict, WarRoom
from tests.build import (
    APPROVE,
    JUSTIFICATION,
    POLICY,
    START,
    ada,
    bea,
    decide,
    eve,
    jude,
    made_by,
    opened,
    room,
    shown,
    val,
    viv,
)
from tests.build import violation as a_violation

DEADLINE = START + POLICY.window
SOON = START + timedelta(minutes=10)
HUMANS = (ada.name, val.name, viv.name, jude.name, bea.name, eve.name)
PEOPLE = (*HUMANS, SYSTEM, TIMEOUT, OPERATOR, NEW_COMMIT)

LOST = Initiator(email="lost@acme.test")
ADDRESS, STRANGER = "email:lost@acme.test", "github:stranger"

ORDERS: tuple[c.Command, ...] = (
    c.Join(violation=a_violation(2), makers=made_by(viv)),
    c.Join(violation=a_violation(3), makers=made_by(None, STRANGER)),
    c.Join(violation=a_violation(4, initiator=LOST), makers=made_by(None, ADDRESS)),
    c.Acknowledge(),
    APPROVE,
    c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)),
    c.Override(justification="no", category=Category.WAIVER, validity=timedelta(days=7)),
    c.Reject(reason="The data may not be used."),
    c.Dismiss(reason="The data set is synthetic."),
    c.Withdraw(),
    c.RequestInfo(question="Which customers?"),
    c.Explain(text="Only those who agreed."),
    c.RecordReply(
        name=ada.name, text="Only those who agreed.", thread=PostedMessage(channel="C1", ts="1.1")
    ),
    c.Extend(by=timedelta(hours=1), reason="The lawyer is on a plane."),
    c.HandOff(role=Role.ADJUDICATOR, to=bea),
    c.HandOff(role=Role.VALIDATOR, to=viv),
    c.Split(violation_id="violation2", to="room000002"),
    c.Escalate(),
    c.Expire(),
    c.Close(),
    c.IdentifyInitiator(account=ADDRESS, persons=(val,)),
    c.IdentifyInitiator(account=ADDRESS, persons=()),
    c.NameInitiator(account=STRANGER, persons=(jude,)),
    c.NameInitiator(account=ADDRESS, persons=(eve,)),
    c.ResolveGroup(role=Role.VALIDATOR, backup=False, members=(eve,)),
    r.RecordChannel(channel="C1"),
    r.RecordCard(message=PostedMessage(channel="C1", ts="1.1")),
    r.RecordPage(name=val.name, message=PostedMessage(channel="D1", ts="1.2")),
    r.RecordUnreachable(name=jude.name, error="user_disabled"),
    c.RecordSuccess(success=Success(key="ranker-7", check="Guardrails", at=SOON, attempt=2)),
    r.RecordInvited(names=(ada.name, val.name)),
    r.RecordResult(),
    r.RecordChannelLost(error="is_archived"),
    r.RecordTold(
        about=2,
        of="escalated",
        name=val.name,
        role=None,
        message=PostedMessage(channel="D1", ts="1.3"),
        seen=room(),
    ),
    r.RecordDropped(
        effect="invite", to="channel", error="not_in_channel", why="It is gone.", operator="root"
    ),
    excepted.WarnOfEnd(ends_at=SOON + timedelta(days=7), owner=jude),
    excepted.EndException(ended_at=SOON + timedelta(days=7), owner=jude),
    excepted.RenewException(until=SOON + timedelta(days=9), by=jude, reason=JUSTIFICATION),
    c.Assign(role=Role.VALIDATOR, to=eve, why="Everybody in privacy is away."),
    c.Assign(role=Role.VALIDATOR, to=ada, why="Everybody in privacy is away."),
    r.RecordTeam(name=val.name, team="T0OTHER"),
    Supersede(commit="8c1f2a7"),
    CarryOver(
        explanations=(Explanation(text="It is synthetic.", by=ada.name, room="room000000"),),
        persons=(ada,),
    ),
)


def _decided(at: datetime = SOON) -> WarRoom:
    return _after(room(), APPROVE, val.name, at)


def _closed() -> WarRoom:
    return _after(shown(_decided(), SOON), c.Close(), SYSTEM, SOON + POLICY.archive_after)


def _after(before: WarRoom, command: c.Command, actor: str, at: datetime) -> WarRoom:
    step = decide(before, command, actor, POLICY, at)
    assert isinstance(step, Step), step
    return step.after


ROOMS = {State.OPEN: room(), State.DECIDED: _decided(), State.CLOSED: _closed()}
MOMENTS = (SOON, START + POLICY.window / 2, DEADLINE, DEADLINE + timedelta(days=30))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("actor", PEOPLE)
@pytest.mark.parametrize("command", ORDERS, ids=lambda command: type(command).__name__)
def test_each_state_command_and_role_gives_a_step_of_the_table_or_a_refusal_that_changes_nothing(
    state: State, command: c.Command, actor: str
) -> None:
    before = ROOMS[state]
    kept = before.model_dump_json()
    for now in MOMENTS:
        answer = decide(before, command, actor, POLICY, now)
        assert before.model_dump_json() == kept
        if isinstance(answer, Refusal):
            assert answer.message
            assert answer.why in Why
        else:
            row = TABLE[before.state, type(command)]
            proposed = isinstance(answer.events[-1].event, e.Proposed)
            assert answer.after.state is (row.proposed if proposed else row.to)
            assert [event.seq for event in answer.events] == list(
                range(before.version + 1, answer.after.version + 1)
            )
            if type(command) in access.HUMAN:
                assert access.acting_role(before, actor, type(command))
                assert now < before.expires_at


@pytest.mark.parametrize("actor", PEOPLE)
@pytest.mark.parametrize(
    "command",
    [order for order in ORDERS if type(order) in access.HUMAN],
    ids=lambda command: type(command).__name__,
)
def test_the_table_of_rights_is_what_decides_who_may(command: c.Command, actor: str) -> None:
    answer = decide(room(), command, actor, POLICY, SOON)
    entitled = access.acting_role(room(), actor, type(command)) is not None
    denied = isinstance(answer, Refusal) and answer.why in {Why.NOT_ALLOWED, Why.OWN_VIOLATION}
    if isinstance(command, c.HandOff):
        assert entitled or denied  # and only what one has oneself: see below
    else:
        assert denied is not entitled


Orders = st.lists(
    st.tuples(
        st.sampled_from(ORDERS),
        st.sampled_from(PEOPLE),
        st.integers(min_value=0, max_value=6 * 3600),
    ),
    max_size=25,
)


@given(orders=Orders)
def test_no_sequence_of_commands_yields_two_decisions_and_the_fold_is_the_room(
    orders: list[tuple[c.Command, str, int]],
) -> None:
    record = list(opened().events)
    current, now = opened().after, START
    for command, actor, seconds in orders:
        now += timedelta(seconds=seconds)
        answer = decide(current, command, actor, POLICY, now)
        if isinstance(answer, Step):
            record += answer.events
            current = answer.after
    assert fold(record) == current
    assert WarRoom.read(current.model_dump_json()) == current
    decisions = [recorded for recorded in record if recorded.event.kind == "decided"]
    assert len(decisions) == (current.decision is not None)
    if current.decision and current.decision.by != TIMEOUT:
        assert current.decision.by not in room().initiators or (
            current.decision.outcome is Outcome.WITHDRAWN
        )


def test_initiator_cannot_decide_own_violation_whatever_roles_they_hold() -> None:
    own = room(initiator=jude)
    assert own.assignment(Role.ADJUDICATOR).on_duty == bea.name
    answer = decide(own, APPROVE, jude.name, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.OWN_VIOLATION


def test_whoever_joins_as_initiator_loses_their_role() -> None:
    order = c.Join(violation=a_violation(2), makers=made_by(val))
    joined = _after(room(), order, SYSTEM, SOON)
    assert joined.assignment(Role.VALIDATOR).on_duty == viv.name
    assert isinstance(decide(joined, APPROVE, val.name, POLICY, SOON), Refusal)


def test_first_decision_wins_and_the_loser_is_told_who_and_when() -> None:
    answer = decide(_decided(), c.Reject(reason="No."), jude.name, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.DECIDED
    assert "by val on" in answer.message
    assert "by <@U0VAL> on" in answer.told(lambda who: f"<@{who.slack}>")
    assert "09:10 UTC" in answer.message


def test_from_the_deadline_on_only_the_default_is_left() -> None:
    before = decide(room(), APPROVE, val.name, POLICY, DEADLINE - timedelta(microseconds=1))
    assert isinstance(before, Step)
    late = decide(room(), APPROVE, val.name, POLICY, DEADLINE)
    assert isinstance(late, Refusal)
    assert late.why is Why.LAPSED
    assert isinstance(decide(room(), c.Expire(), TIMEOUT, POLICY, SOON), Refusal)


@pytest.mark.parametrize(
    ("default", "verdict"), [(OnExpiry.BLOCK, Verdict.BLOCK), (OnExpiry.ALLOW, Verdict.ALLOW)]
)
def test_expiry_is_a_decision_by_the_clock_with_the_policys_default(
    default: OnExpiry, verdict: Verdict
) -> None:
    policy = POLICY.model_copy(update={"on_expiry": default})
    step = decide(room(policy), c.Expire(), TIMEOUT, policy, DEADLINE)
    assert isinstance(step, Step)
    assert step.after.decision
    assert step.after.decision.outcome is Outcome.EXPIRED
    assert step.after.decision.by == TIMEOUT
    assert step.after.verdict is verdict


def test_decision_cites_policy_digest_and_place() -> None:
    decision = _decided().decision
    assert decision
    assert decision.policy_digest == POLICY.digest
    assert decision.policy_place == "policies.yaml:3"


@pytest.mark.parametrize(
    ("justification", "days", "field"),
    [
        ("too short", 7, "justification"),
        (JUSTIFICATION, 31, "validity"),
        ("x" * 3001, 7, "justification"),
    ],
)
def test_override_within_the_policys_rules_only(justification: str, days: int, field: str) -> None:
    command = c.Override(
        justification=justification, category=Category.WAIVER, validity=timedelta(days=days)
    )
    answer = decide(room(), command, jude.name, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert (answer.why, answer.field) == (Why.INVALID, field)


def test_blanks_do_not_make_a_justification_longer() -> None:
    command = c.Override(
        justification="because" + " " * 60 + "so", category=Category.WAIVER, validity=timedelta(1)
    )
    assert isinstance(decide(room(), command, jude.name, POLICY, SOON), Refusal)


def test_validity_starts_at_the_decision() -> None:
    command = c.Override(
        justification=JUSTIFICATION, category=Category.MITIGATED, validity=timedelta(days=7)
    )
    decision = _after(room(), command, jude.name, SOON).decision
    assert decision
    assert decision.valid_until == SOON + timedelta(days=7)
    assert decision.owner == jude.name


def test_extensions_together_at_most_double_the_window() -> None:
    hours = timedelta(hours=1)
    longer = _after(room(), c.Extend(by=3 * hours, reason="Legal is asleep."), val.name, SOON)
    assert longer.expires_at == DEADLINE + 3 * hours
    too_long = decide(longer, c.Extend(by=2 * hours, reason="Still."), jude.name, POLICY, SOON)
    assert isinstance(too_long, Refusal)
    assert "at most 1 h more" in too_long.message
    longest = _after(longer, c.Extend(by=hours, reason="Still."), jude.name, SOON)
    assert longest.expires_at == START + 2 * POLICY.window


@pytest.mark.parametrize("by", [timedelta(0), timedelta(hours=-1)])
def test_extension_is_never_a_shortening(by: timedelta) -> None:
    assert isinstance(
        decide(room(), c.Extend(by=by, reason="Now."), jude.name, POLICY, SOON), Refusal
    )


@pytest.mark.parametrize(
    "command",
    [c.Reject(reason=" "), c.Dismiss(reason=""), c.Extend(by=timedelta(hours=1), reason="\n")],
)
def test_reasons_are_never_blank(command: c.Command) -> None:
    answer = decide(room(), command, jude.name, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert answer.field == "reason"


def test_only_ones_own_role_is_handed_off_and_only_to_somebody_eligible() -> None:
    order = c.HandOff(role=Role.ADJUDICATOR, to=bea)
    handed = _after(room(), order, jude.name, SOON)
    assert handed.assignment(Role.ADJUDICATOR).on_duty == bea.name
    assert jude.name in handed.assignment(Role.ADJUDICATOR).others
    assert isinstance(decide(room(), order, val.name, POLICY, SOON), Refusal)
    assert isinstance(decide(room(), order, bea.name, POLICY, SOON), Refusal)
    for to in (eve, ada, val, jude):
        command = c.HandOff(role=Role.ADJUDICATOR, to=to)
        assert isinstance(decide(room(), command, jude.name, POLICY, SOON), Refusal)


def test_an_unreachable_person_on_duty_makes_way_and_may_still_act() -> None:
    command = r.RecordUnreachable(name=jude.name, error="user_disabled")
    passed = _after(room(), command, SYSTEM, SOON)
    assert passed.assignment(Role.ADJUDICATOR).on_duty == bea.name
    assert passed.unreachable == {jude.name: "user_disabled"}
    assert isinstance(decide(passed, APPROVE, jude.name, POLICY, SOON), Step)


def test_acting_counts_as_acknowledging_and_only_an_answer_counts_as_a_response() -> None:
    acknowledged = _after(room(), c.Acknowledge(), val.name, SOON)
    assert acknowledged.acknowledged == {val.name: SOON}
    assert acknowledged.first_response_at is None
    later = SOON + timedelta(minutes=1)
    asked = _after(acknowledged, c.RequestInfo(question="Which?"), jude.name, later)
    assert asked.acknowledged == {val.name: SOON, jude.name: later}
    assert asked.first_response_at == later


def test_events_out_of_order_are_refused_by_the_fold() -> None:
    first = opened().events[0]
    with pytest.raises(ValueError, match="second time"):
        evolve(room(), first)
    later = decide(_after(room(), c.Acknowledge(), val.name, SOON), APPROVE, val.name, POLICY, SOON)
    assert isinstance(later, Step)
    with pytest.raises(ValueError, match="does not follow"):
        evolve(room(), later.events[0])


def test_a_group_of_unreachable_people_hands_over_to_the_backup_and_not_in_a_circle() -> None:
    policy = POLICY.model_copy(
        update={"validator": POLICY.validator.model_copy(update={"backups": (bea.name,)})}
    )
    current = room(policy)
    for user in (val.name, viv.name):
        order = r.RecordUnreachable(name=user, error="user_disabled")
        step = decide(current, order, SYSTEM, policy, SOON)
        assert isinstance(step, Step)
        current = step.after
    assert current.assignment(Role.VALIDATOR).on_duty == bea.name


def test_until_slack_has_named_the_initiator_nobody_allows_the_change() -> None:
    unnamed = room(initiator=None, email="jude@acme.test")
    for command in (APPROVE, c.Dismiss(reason="Synthetic.")):
        refusal = decide(unnamed, command, jude.name, POLICY, SOON)
        assert isinstance(refusal, Refusal)
        assert refusal.why is Why.UNIDENTIFIED
    assert isinstance(decide(unnamed, c.Reject(reason="No."), jude.name, POLICY, SOON), Step)
    for persons, allowed in (((eve,), Step), ((jude,), Refusal)):
        order = c.IdentifyInitiator(account="email:jude@acme.test", persons=persons)
        named = _after(unnamed, order, SYSTEM, SOON)
        assert isinstance(decide(named, APPROVE, jude.name, POLICY, SOON), allowed)


def test_what_somebody_else_explains_is_no_answer_to_the_initiators_question() -> None:
    asked = _after(room(), c.RequestInfo(question="Which customers?"), val.name, SOON)
    explained = _after(asked, c.Explain(text="I was told it is fine."), jude.name, SOON)
    assert (explained.question, explained.answer) == ("Which customers?", None)
    assert (explained.explanation, explained.explained_by) == ("I was told it is fine.", jude.name)
    answered = _after(explained, c.Explain(text="Those who agreed."), ada.name, SOON)
    assert answered.answer == "Those who agreed."
