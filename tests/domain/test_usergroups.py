"""Who has a role by a Slack user group has it for as long as Slack's answer holds."""

from datetime import timedelta

import pytest

from bot.domain import access, excepted, exception_rights, usergroups
from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.exception import Renew
from bot.domain.person import OPERATOR, SYSTEM
from bot.domain.policy import Role, Roster
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import WarRoom
from tests.build import (
    APPROVE,
    JUSTIFICATION,
    POLICY,
    START,
    acting,
    ada,
    bea,
    decide,
    eve,
    jude,
    room,
    val,
    viv,
)
from tests.domain.test_exceptions import active
from tests.domain.test_lifecycle import ORDERS

GROUPED = POLICY.but(
    validator=Roster(label="S0PRIVACY", member_group="S0PRIVACY", backup_group="S0LEGAL"),
    adjudicator=POLICY.adjudicator.but(backups=()),
)
HOLDS = usergroups.HOLDS
MEMBERS = (viv, val)
OLD = START + HOLDS + timedelta(seconds=1)


def _after(before: WarRoom, command: c.Command, name: str, at: timedelta) -> WarRoom:
    step = decide(before, command, name, GROUPED, START + at)
    assert isinstance(step, Step), step
    return step.after


def _told(*members: object, backup: bool = False) -> c.ResolveGroup:
    return c.ResolveGroup.model_validate(
        {"role": Role.VALIDATOR, "backup": backup, "members": members}
    )


def _grouped() -> WarRoom:
    """A room whose validators are a group's, which Slack named when it opened."""
    known = _after(room(GROUPED), _told(*MEMBERS), SYSTEM, timedelta(0))
    return _after(known, _told(bea, backup=True), SYSTEM, timedelta(0))


@pytest.mark.parametrize(
    "command",
    [order for order in ORDERS if type(order) in access.MAY[Role.VALIDATOR]],
    ids=lambda order: type(order).__name__,
)
def test_by_an_old_answer_a_member_does_nothing_but_speak(command: c.Command) -> None:
    for name in (val.name, viv.name, bea.name):
        answer = decide(_grouped(), command, name, GROUPED, OLD)
        if type(command) in access.WORDS_ALONE:
            assert isinstance(answer, Step)
        else:
            assert isinstance(answer, Refusal)
            assert answer.why is Why.NOT_KNOWN
        fresh = decide(_grouped(), command, name, GROUPED, START + HOLDS)
        assert isinstance(fresh, Step) or fresh.why is not Why.NOT_KNOWN


def test_whoever_has_two_roles_acts_in_the_one_that_is_known() -> None:
    both = GROUPED.but(adjudicator=Roster(label="val", members=(val.name,)))
    known = decide(room(both), _told(val, viv), SYSTEM, both, START)
    assert isinstance(known, Step)
    decided = decide(known.after, APPROVE, val.name, both, OLD)
    assert isinstance(decided, Step)
    assert decided.after.decision
    assert decided.after.decision.role is Role.ADJUDICATOR


def test_the_next_answer_takes_the_role_from_whoever_left_and_gives_it_to_whoever_joined() -> None:
    later = _after(_grouped(), _told(val, eve), SYSTEM, HOLDS)
    validator = later.assignment(Role.VALIDATOR)
    assert (validator.on_duty, validator.others) == (val.name, (eve.name,))
    assert validator.backups == (bea.name,)
    gone = _after(later, _told(), SYSTEM, 2 * HOLDS)
    assert gone.assignment(Role.VALIDATOR).on_duty == bea.name
    nobody = _after(gone, _told(backup=True), SYSTEM, 2 * HOLDS)
    assert nobody.assignment(Role.VALIDATOR).holders == ()


def test_an_initiator_in_the_group_gets_no_role_by_it_however_often_slack_is_asked() -> None:
    known = _after(_grouped(), _told(ada, val), SYSTEM, HOLDS)
    again = _after(known, _told(ada), SYSTEM, 2 * HOLDS)
    assert ada.name not in again.assignment(Role.VALIDATOR).holders


def test_an_answer_that_is_older_than_the_known_one_changes_nothing() -> None:
    known = _after(_grouped(), _told(val), SYSTEM, HOLDS)
    late = _told(*MEMBERS).but(asked_at=START + HOLDS / 2)
    answer = decide(known, late, SYSTEM, GROUPED, START + HOLDS)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.NOTHING_TO_DO


def test_an_answer_holds_from_when_slack_gave_it_and_not_from_when_it_was_recorded() -> None:
    early = _told(*MEMBERS).but(asked_at=START + HOLDS / 2)
    known = _after(_grouped(), early, SYSTEM, HOLDS)
    answer = decide(known, APPROVE, val.name, GROUPED, START + HOLDS / 2 + HOLDS)
    assert isinstance(answer, Step)
    late = START + 2 * HOLDS
    assert isinstance(decide(known, APPROVE, val.name, GROUPED, late), Refusal)


def test_once_a_room_is_decided_its_groups_are_asked_only_while_its_exception_holds() -> None:
    """Who is in a group then may renew it, and whoever has left may not."""
    approved = _after(_grouped(), APPROVE, val.name, timedelta(minutes=1))
    assert usergroups.to_ask(approved, GROUPED, OLD) == usergroups.to_ask(_grouped(), GROUPED, OLD)
    asked = _after(approved, _told(eve), SYSTEM, OLD - START)
    assert asked.assignment(Role.VALIDATOR).holders == (eve.name, bea.name)
    renew = Renew(reason=JUSTIFICATION, validity=timedelta(days=1))
    given = exception_rights.given(approved, active(), GROUPED, renew, acting(val.name), OLD)
    assert isinstance(given, Refusal)
    assert (given.why, "user group S0LEGAL, S0PRIVACY" in given.message) == (Why.NOT_KNOWN, True)
    listed = exception_rights.given(approved, active(), GROUPED, renew, acting(jude.name), OLD)
    assert not isinstance(listed, Refusal)
    given = exception_rights.given(asked, active(), GROUPED, renew, acting(eve.name), OLD)
    assert not isinstance(given, Refusal)
    assert given[0].roles == (Role.VALIDATOR,)
    end = excepted.EndException(ended_at=OLD, owner=None)
    rejected = _after(_grouped(), c.Dismiss(reason=JUSTIFICATION), val.name, timedelta(minutes=1))
    for over in (rejected, _after(approved, end, SYSTEM, OLD - START)):
        assert usergroups.to_ask(over, GROUPED, OLD) == ()
        assert isinstance(decide(over, _told(eve), SYSTEM, GROUPED, OLD), Refusal)


def test_of_a_room_that_was_opened_before_answers_were_kept_none_is_known() -> None:
    bare = tuple(each.but(groups=()) for each in _grouped().assignments)
    before = _grouped().but(assignments=bare)
    assert len(usergroups.to_ask(before, GROUPED, START)) == 2
    answer = decide(before, APPROVE, val.name, GROUPED, START)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.NOT_KNOWN
    asked = _after(before, _told(viv), SYSTEM, timedelta(0))
    assert asked.assignment(Role.VALIDATOR).holders == (viv.name, bea.name)


def test_whom_an_operator_assigned_stays_whatever_slack_says() -> None:
    order = c.Assign(role=Role.VALIDATOR, to=eve, why="Everybody in privacy is away.")
    mended = _after(_grouped(), order, OPERATOR, timedelta(0))
    assert mended.assignment(Role.VALIDATOR).on_duty == eve.name
    asked = _after(mended, _told(jude), SYSTEM, HOLDS)
    assert asked.assignment(Role.VALIDATOR).on_duty == eve.name
    assert isinstance(decide(asked, APPROVE, eve.name, GROUPED, OLD + HOLDS), Step)


def test_only_an_operator_assigns_and_never_an_initiator_nor_without_a_reason() -> None:
    order = c.Assign(role=Role.ADJUDICATOR, to=bea, why=JUSTIFICATION)
    for name in (ada.name, val.name, jude.name, SYSTEM):
        refused = decide(room(), order, name, POLICY, START)
        assert isinstance(refused, Refusal)
        assert refused.why is Why.NOT_ALLOWED
    for wrong, why in (
        (order.but(to=ada), Why.OWN_VIOLATION),
        (order.but(why="  "), Why.INVALID),
        (order.but(to=jude), Why.NOTHING_TO_DO),
    ):
        refused = decide(room(), wrong, OPERATOR, POLICY, START)
        assert isinstance(refused, Refusal)
        assert refused.why is why
    lapsed = decide(room(), order, OPERATOR, POLICY, START + POLICY.window)
    assert isinstance(lapsed, Refusal)
    assert lapsed.why is Why.LAPSED
