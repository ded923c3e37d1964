"""The room of a storm: every command and role in it, what leaves it, and what people hear of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import access
from bot.domain import commands as c
from bot.domain.effect import Effect
from bot.domain.events import Recorded
from bot.domain.fold import fold
from bot.domain.lifecycle import TABLE, Step, decide, open_room
from bot.domain.policy import Role
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator, Severity, Violation
from bot.domain.war_room import SYSTEM, Message, Outcome, WarRoom
from bot.integrations.slack.kinds import ANNOUNCE, IDENTIFY, PAGE, UPDATE_CARD, UPDATE_PAGE
from tests.build import ADA, EVE, JUDE, POLICY, START, VAL, VIV, violation
from tests.domain.test_lifecycle import MOMENTS, ORDERS, PEOPLE, SOON
from tests.outgoing import in_slack

LOST = "lost@acme.test"


def _first() -> Step:
    return open_room("room000001", violation(1), ADA, POLICY, START, is_storm=True)


def _one(number: int, **fields: object) -> Violation:
    return violation(number, START, **{"dedup_key": f"key {number}", **fields})


def _by_mail(number: int, email: str = LOST) -> Violation:
    return _one(number, initiator=Initiator(email=email))


def _take(room: WarRoom, *orders: c.Command, actor: str = SYSTEM) -> WarRoom:
    for order in orders:
        answer = decide(room, order, actor, POLICY, SOON)
        assert isinstance(answer, Step), answer
        room = answer.room
    return room


def _follow(room: WarRoom, order: c.Command, actor: str = SYSTEM) -> list[Effect]:
    answer = decide(room, order, actor, POLICY, SOON)
    assert isinstance(answer, Step), answer
    return list(in_slack(room, answer.events[0], answer.room))


def _kinds(found: list[Effect]) -> list[str]:
    return [effect.kind for effect in found]


def _storm() -> WarRoom:
    """Of Ada two with one key and one with another, of Eve one."""
    return _take(
        _first().room,
        c.Join(violation=_one(2), initiator=EVE),
        c.Join(violation=violation(3), initiator=ADA),
        c.Join(violation=_one(4), initiator=ADA),
    )


MORE: tuple[c.Command, ...] = (
    *ORDERS,
    c.Join(violation=_one(5), initiator=EVE),
    c.Join(violation=_by_mail(6), initiator=None),
    c.Join(violation=_by_mail(7), initiator=None),
    c.IdentifyInitiator(violation_id="violation6", user=JUDE),
    c.IdentifyInitiator(violation_id="violation6", user=None),
    *(c.Split(violation_id=f"violation{number}", to="room000002") for number in (1, 5, 6)),
)


@pytest.mark.parametrize("actor", PEOPLE)
@pytest.mark.parametrize("command", MORE, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("decided", [False, True])
def test_in_a_storm_too_a_command_gives_a_step_of_the_table_or_a_refusal_that_changes_nothing(
    command: c.Command, actor: str, *, decided: bool
) -> None:
    before = _take(_storm(), c.Approve(), actor=VAL) if decided else _storm()
    kept = before.model_dump_json()
    for now in MOMENTS:
        answer = decide(before, command, actor, POLICY, now)
        assert before.model_dump_json() == kept
        if isinstance(answer, Refusal):
            assert answer.message
        else:
            assert answer.room.state is TABLE[before.state, type(command)].to
            if type(command) in access.HUMAN:
                assert access.acting_role(before, actor, type(command))


@given(
    st.lists(st.tuples(st.sampled_from(MORE), st.sampled_from(PEOPLE), st.integers(0, 3600))),
)
def test_the_fold_of_a_storms_events_is_its_room_and_nothing_in_it_is_lost(
    orders: list[tuple[c.Command, str, int]],
) -> None:
    record: list[Recorded] = list(_first().events)
    current, now = _first().room, START
    came = {"violation1"}
    for command, actor, seconds in orders:
        now += timedelta(seconds=seconds)
        if isinstance(command, c.Join) and command.violation.id in came:
            continue
        answer = decide(current, command, actor, POLICY, now)
        if isinstance(answer, Step):
            came |= {command.violation.id} if isinstance(command, c.Join) else set()
            record += answer.events
            current = answer.room
    assert fold(record) == current
    assert WarRoom.model_validate_json(current.model_dump_json()) == current
    there = [each.id for each in current.violations]
    assert sorted([*there, *current.apart]) == sorted(came)
    assert set(current.initiator_of) | set(current.unidentified) <= set(there)
    if current.decision and current.decision.outcome is not Outcome.WITHDRAWN:
        assert current.decision.by not in current.initiators


def test_what_has_one_key_leaves_together_and_the_room_keeps_the_others() -> None:
    before = _storm()
    after = _take(before, c.Split(violation_id="violation3", to="room000002"), actor=VAL)
    assert [each.id for each in after.violations] == ["violation2", "violation4"]
    assert after.apart == {"violation1": "room000002", "violation3": "room000002"}
    assert after.initiators == (ADA, EVE)
    assert VAL in after.acknowledged


def test_who_made_only_what_has_left_is_no_initiator_any_more_and_gets_no_seat_back() -> None:
    joined = _take(_storm(), c.Join(violation=_one(5), initiator=VAL))
    assert isinstance(decide(joined, c.Approve(), VAL, POLICY, SOON), Refusal)
    after = _take(joined, c.Split(violation_id="violation5", to="room000002"), actor=VIV)
    assert VAL not in after.initiators
    assert isinstance(decide(after, c.Approve(), VAL, POLICY, SOON), Refusal)
    assert isinstance(decide(after, c.Approve(), VIV, POLICY, SOON), Step)


def test_only_a_storm_of_several_keys_can_be_taken_apart_and_only_what_is_in_it() -> None:
    order = c.Split(violation_id="violation1", to="room000002")
    same = _take(_first().room, c.Join(violation=violation(2), initiator=ADA))
    for place, wanted in ((same, Why.NOTHING_TO_DO), (_first().room, Why.NOTHING_TO_DO)):
        refusal = decide(place, order, VAL, POLICY, SOON)
        assert isinstance(refusal, Refusal)
        assert refusal.why is wanted
    gone = decide(_storm(), c.Split(violation_id="violation9"), VAL, POLICY, SOON)
    assert isinstance(gone, Refusal)
    assert (gone.why, gone.field) == (Why.INVALID, "violation")


def test_an_initiator_withdraws_a_storm_only_where_all_of_it_is_theirs() -> None:
    refusal = decide(_storm(), c.Withdraw(), EVE, POLICY, SOON)
    assert isinstance(refusal, Refusal)
    assert "settle yours apart" in refusal.message
    own = _take(_storm(), c.Split(violation_id="violation2", to="room000002"), actor=VAL)
    assert isinstance(decide(own, c.Withdraw(), ADA, POLICY, SOON), Step)


def test_a_storms_room_is_as_severe_as_the_worst_in_it_and_of_no_team() -> None:
    step = open_room(
        "room000001",
        violation(1, severity=Severity.LOW, team="search"),
        ADA,
        POLICY,
        START,
        is_storm=True,
    )
    assert (step.room.severity, step.room.team) == (POLICY.severity, None)
    worse = c.Join(violation=_one(2, severity=Severity.CRITICAL), initiator=ADA)
    better = c.Join(violation=_one(3, severity=Severity.LOW), initiator=ADA)
    assert _take(step.room, worse, better).severity is Severity.CRITICAL


def test_what_joins_a_storm_is_not_announced_and_only_who_is_new_is_paged() -> None:
    known = _follow(_storm(), c.Join(violation=_one(5), initiator=ADA))
    assert _kinds(known) == [UPDATE_CARD.name]
    page = c.RecordPage(user=EVE, message=Message(channel="D1", ts="1.1"))
    paged = _take(_storm(), page)
    assert _kinds(_follow(paged, c.Join(violation=_one(5), initiator=EVE))) == [
        UPDATE_PAGE.name,
        UPDATE_CARD.name,
    ]
    new = _follow(_storm(), c.Join(violation=_one(5), initiator=VIV))
    assert [each.payload["user"] for each in new if each.kind == PAGE.name] == [VIV]
    assert ANNOUNCE.name not in _kinds(new)


def test_slack_is_asked_once_for_an_address_and_its_answer_holds_for_all_and_later() -> None:
    first = c.Join(violation=_by_mail(5), initiator=None)
    again = c.Join(violation=_by_mail(6, LOST.upper()), initiator=None)
    other = c.Join(violation=_by_mail(7, "other@acme.test"), initiator=None)
    assert IDENTIFY.name in _kinds(_follow(_storm(), first))
    asked = _take(_storm(), first)
    assert IDENTIFY.name not in _kinds(_follow(asked, again))
    assert IDENTIFY.name in _kinds(_follow(asked, other))
    waiting = _take(asked, again, other)
    told = _take(waiting, c.IdentifyInitiator(violation_id="violation5", user=VAL))
    assert told.unidentified == ("violation7",)
    assert told.initiator_of["violation6"] == VAL
    late = c.Join(violation=_by_mail(8), initiator=None)
    assert IDENTIFY.name not in _kinds(_follow(told, late))
    assert _take(told, late).initiator_of["violation8"] == VAL


def test_nobody_is_asked_again_whom_slack_does_not_know() -> None:
    order = c.Join(violation=_by_mail(5), initiator=None)
    nobody = c.IdentifyInitiator(violation_id="violation5", user=None)
    told = _take(_storm(), order, nobody)
    late = c.Join(violation=_by_mail(6), initiator=None)
    assert IDENTIFY.name not in _kinds(_follow(told, late))
    assert _take(told, late).unidentified == ()


def test_a_question_that_leaves_with_a_violation_is_asked_again_for_those_that_stay() -> None:
    waiting = _take(
        _storm(), *(c.Join(violation=_by_mail(number), initiator=None) for number in (5, 6))
    )
    found = _follow(waiting, c.Split(violation_id="violation5", to="room000002"), VAL)
    asked = [each.payload["violation"] for each in found if each.kind == IDENTIFY.name]
    assert asked == ["violation6"]
    assert ANNOUNCE.name in _kinds(found)


def test_a_room_recorded_before_there_were_storms_is_an_ordinary_one() -> None:
    event = _first().events[0]
    old = event.model_dump(mode="json")
    del old["event"]["is_storm"]
    assert not fold([Recorded.model_validate(old)]).is_storm


def test_validators_and_adjudicators_may_settle_one_apart_and_initiators_may_not() -> None:
    may = {role for role in Role if c.Split in access.MAY[role]}
    assert may == {Role.VALIDATOR, Role.ADJUDICATOR}
