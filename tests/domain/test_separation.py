"""Separation of duties: who has to stand behind an allow while somebody behind it is unknown."""

from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import lifecycle, proposals
from bot.domain.aggregate import Step
from bot.domain.lifecycle import open_room
from bot.domain.makers import Attributed, Maker, attributed
from bot.domain.person import SLACK, SYSTEM, Actor, Person, account, unnamed
from bot.domain.policy import (
    Need,
    OfferedScope,
    Policy,
    ReasonRule,
    Role,
    Roster,
    ScopeKind,
    UnknownInitiator,
)
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import Category, Outcome, State, Void, WarRoom
from tests.build import (
    JUSTIFICATION,
    POLICY,
    START,
    VAL,
    ada,
    bea,
    decide,
    eve,
    jude,
    made_by,
    opened,
    rules,
    val,
    violation,
    viv,
)

SOON = START + timedelta(minutes=10)
STRANGER = "github:stranger"
STRICT = POLICY.but(unknown_initiator=UnknownInitiator.ADJUDICATOR)
REASON = "The data set is synthetic, as its card says."
ALLOWS: tuple[c.Command, ...] = (
    c.Approve(reason=REASON),
    c.Dismiss(reason=REASON),
    c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=1)),
)


def _take(room: WarRoom, command: c.Command, name: str, policy: Policy = POLICY) -> WarRoom:
    step = decide(room, command, name, policy, SOON)
    assert isinstance(step, Step), step
    return step.after


def _unknown(policy: Policy = POLICY) -> WarRoom:
    """A room of Ada's, which a change of somebody nobody knows has joined."""
    order = c.Join(violation=violation(2), makers=made_by(None, STRANGER))
    return _take(opened(policy).after, order, SYSTEM, policy)


@pytest.mark.parametrize("first", ALLOWS, ids=lambda each: type(each).__name__)
def test_no_allow_of_one_person_is_a_decision(first: c.Command) -> None:
    proposed = decide(_unknown(), first, jude.name, POLICY, SOON)
    if isinstance(first, c.Approve | c.Dismiss):
        proposed = decide(_unknown(), first, val.name, POLICY, SOON)
    assert isinstance(proposed, Step)
    assert [type(each.event) for each in proposed.events] == [e.Proposed]
    assert proposed.after.state is State.OPEN
    again = decide(proposed.after, first, proposed.events[0].actor, POLICY, SOON)
    assert isinstance(again, Refusal)
    assert (again.why, again.words) == (
        Why.INVALID,
        "You have proposed this already: a second person has to allow it too.",
    )


@pytest.mark.parametrize("second", ALLOWS, ids=lambda each: type(each).__name__)
def test_what_one_has_proposed_without_an_end_another_makes_a_decision(second: c.Command) -> None:
    proposed = _take(_unknown(), c.Approve(reason=REASON), val.name)
    decided = _take(proposed, second, jude.name)
    assert decided.decision
    assert (decided.decision.by, decided.decision.agreed) == (jude.name, (val.name,))


def test_what_one_has_allowed_for_a_while_another_doesnt_allow_for_good() -> None:
    proposed = _take(_unknown(), ALLOWS[2], jude.name)
    both = _take(proposed, c.Approve(reason=REASON), val.name)
    assert both.decision is None
    assert [each.by for each in both.proposals] == [jude.name, val.name]
    assert _take(both, ALLOWS[2], jude.name).decision


def test_what_one_has_allowed_for_a_scope_another_doesnt_allow_for_a_wider_one() -> None:
    """For a narrower one they do; a dismissal allows for none."""
    scopes = tuple(OfferedScope(kind=kind) for kind in (ScopeKind.COMMIT, ScopeKind.ENVIRONMENT))
    policy = POLICY.but(scopes=scopes)
    origin = {"commit": "c1", "environment": "production"}
    new = open_room(
        "room000001", violation(origin=origin), made_by(None, STRANGER), rules(policy), START
    )
    narrow, wide = (c.Approve(reason=REASON, scope=name) for name in ("commit", "environment"))
    for first, second, decides in (
        (narrow, wide, False),
        (wide, narrow, True),
        (wide, wide, True),
        (c.Dismiss(reason=REASON), narrow, False),
    ):
        proposed = _take(new.after, first, val.name, policy)
        decided = _take(proposed, second, jude.name, policy).decision
        assert (decided is not None) is decides
        assert decided is None or decided.scope == scopes[second is wide]


def test_a_proposal_of_who_turns_out_to_be_an_initiator_doesnt_count() -> None:
    proposed = _take(_unknown(), c.Approve(reason=REASON), val.name)
    named = _take(proposed, c.NameInitiator(account=STRANGER, persons=(val,)), jude.name)
    assert named.proposals == ()
    assert _take(named, c.Approve(reason=REASON), jude.name).decision is None


def test_a_proposal_of_who_has_no_role_any_more_doesnt_count() -> None:
    proposed = _take(_unknown(), c.Approve(reason=REASON), val.name)
    gone = tuple(
        each.but(on_duty=viv.name, others=()) if each.role is Role.VALIDATOR else each
        for each in proposed.assignments
    )
    later = _take(proposed.but(assignments=gone), c.Approve(reason=REASON), jude.name)
    assert later.decision is None


def test_the_second_person_is_another_human_by_whatever_name() -> None:
    again = account(SLACK, VAL)
    policy = POLICY.but(adjudicator=Roster(label="legal", members=(again, jude.name)))
    proposed = _take(_unknown(policy), c.Approve(reason=REASON), val.name, policy)
    assert proposed.assignment(Role.ADJUDICATOR).on_duty == again
    assert proposals.seconds(proposed, proposed.proposals[0]) == (viv.name, jude.name)
    assert proposals.to_call(proposed, proposed.proposals[0]) == (viv.name, jude.name)


def test_a_backup_is_not_called_where_another_of_the_role_may_be_the_second_person() -> None:
    both = Roster(label="legal", members=(val.name,), backups=(jude.name,))
    policy = POLICY.but(adjudicator=both)
    proposed = _take(_unknown(policy), c.Approve(reason=REASON), val.name, policy)
    assert proposals.seconds(proposed, proposed.proposals[0]) == (viv.name, jude.name)
    assert proposals.to_call(proposed, proposed.proposals[0]) == (viv.name,)
    assert not proposed.backups_paged


@pytest.mark.parametrize("outcome", [c.Reject(reason=REASON), c.Expire(), c.Withdraw()])
def test_a_block_takes_one(outcome: c.Command) -> None:
    by = {c.Reject: jude.name, c.Expire: "system:timeout", c.Withdraw: ada.name}[type(outcome)]
    now = SOON if by != "system:timeout" else START + POLICY.window
    step = decide(_unknown(), outcome, by, POLICY, now)
    assert isinstance(step, Step)
    assert step.after.decision
    assert step.after.decision.outcome in (Outcome.REJECTED, Outcome.EXPIRED, Outcome.WITHDRAWN)


def test_who_named_somebody_doesnt_allow_it_alone_and_another_does() -> None:
    named = _take(_unknown(), c.NameInitiator(account=STRANGER, persons=(ada,)), val.name)
    assert named.unknown_makers == ()
    assert _take(named, c.Approve(reason=REASON), val.name).decision is None
    assert _take(named, c.Approve(reason=REASON), viv.name).decision


def test_once_the_configuration_or_slack_knows_them_one_is_enough() -> None:
    known = _take(_unknown(), c.IdentifyInitiator(account=STRANGER, persons=(ada,)), SYSTEM)
    assert _take(known, c.Approve(reason=REASON), val.name).decision


@pytest.mark.parametrize("allow", ALLOWS[:2], ids=lambda each: type(each).__name__)
def test_by_policy_it_is_the_adjudicators_to_allow_in_writing(allow: c.Command) -> None:
    room = _unknown(STRICT)
    refused = decide(room, allow, val.name, STRICT, SOON)
    assert isinstance(refused, Refusal)
    assert refused.why is Why.NOT_ALLOWED
    optional = STRICT.but(reasons=ReasonRule(approve=Need.OPTIONAL))
    silent = decide(room, c.Approve(reason="!!!"), jude.name, optional, SOON)
    assert isinstance(silent, Refusal)
    assert silent.field == "reason"
    assert _take(room, allow, jude.name, STRICT).decision


def test_a_persons_word_doesnt_stand_in_for_slacks_answer() -> None:
    """Jude, whose address it is, says it was Ada before Slack has answered."""
    address = "email:home@jude.test"
    order = c.Join(violation=violation(2), makers=made_by(None, address))
    asked = _take(opened().after, order, SYSTEM)
    named = _take(asked, c.NameInitiator(account=address, persons=(ada,)), jude.name)
    assert named.awaited == (address,)
    refused = decide(named, c.Approve(reason=REASON), val.name, POLICY, SOON)
    assert isinstance(refused, Refusal)
    assert refused.why is Why.UNIDENTIFIED
    told = _take(named, c.IdentifyInitiator(account=address, persons=(jude,)), SYSTEM)
    assert {ada.name, jude.name} <= set(told.initiators)
    own = decide(told, c.Approve(reason=REASON), jude.name, POLICY, SOON)
    assert isinstance(own, Refusal)
    assert own.why is Why.OWN_VIOLATION
    assert _take(told, c.Approve(reason=REASON), val.name).decision


def test_a_wrong_name_is_corrected_and_whoever_was_named_first_stays_an_initiator() -> None:
    """Else one word would let somebody allow what another word says is their own change."""
    named = _take(_unknown(), c.NameInitiator(account=STRANGER, persons=(viv,)), val.name)
    again = _take(named, c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)
    assert {viv.name, eve.name} <= set(again.initiators)
    assert (again.owners[STRANGER].names, again.vouching) == ((eve.name,), (jude.name,))
    own = decide(again, c.Approve(reason=REASON), viv.name, POLICY, SOON)
    assert isinstance(own, Refusal)
    assert own.why is Why.OWN_VIOLATION
    assert _take(again, c.Approve(reason=REASON), jude.name).decision is None
    assert _take(again, c.Approve(reason=REASON), val.name).decision
    later = _take(again, c.Join(violation=violation(3), makers=made_by(None, STRANGER)), SYSTEM)
    assert {viv.name, eve.name} <= set(later.initiators)


def test_whoever_was_named_stays_an_initiator_where_their_change_is_settled_apart() -> None:
    named = _take(_unknown(), c.NameInitiator(account=STRANGER, persons=(viv,)), val.name)
    again = _take(named, c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)
    maker = Maker(accounts=(STRANGER,))
    apart = attributed(maker, again.owners, again.people, SYSTEM)
    assert (apart.persons, apart.known) == ((eve, viv), False)


@pytest.mark.parametrize("by", ["the configuration", "nobody"])
def test_who_is_named_again_is_one_whose_account_nobody_but_people_know(by: str) -> None:
    named = _take(_unknown(), c.NameInitiator(account=STRANGER, persons=(ada,)), val.name)
    order = c.IdentifyInitiator(account=STRANGER, persons=(ada,))
    room = _take(named, order, SYSTEM) if by == "the configuration" else opened().after
    answer = decide(
        room, c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name, POLICY, SOON
    )
    assert isinstance(answer, Refusal)
    assert answer.field == "account"


@pytest.mark.parametrize(
    ("persons", "why"), [((ada,), Why.NOTHING_TO_DO), ((), Why.INVALID)], ids=["the same", "nobody"]
)
def test_a_word_that_says_nothing_new_or_nobody_changes_nothing(
    persons: tuple[Person, ...], why: Why
) -> None:
    named = _take(_unknown(), c.NameInitiator(account=STRANGER, persons=(ada,)), val.name)
    order = c.NameInitiator(account=STRANGER, persons=persons)
    answer = decide(named, order, val.name, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert answer.why is why


def test_what_the_configuration_learns_later_counts_beside_a_persons_word() -> None:
    named = _take(_unknown(), c.NameInitiator(account=STRANGER, persons=(ada,)), val.name)
    told = _take(named, c.IdentifyInitiator(account=STRANGER, persons=(jude,)), SYSTEM)
    own = decide(told, c.Approve(reason=REASON), jude.name, POLICY, SOON)
    assert isinstance(own, Refusal)
    assert own.why is Why.OWN_VIOLATION


def test_that_slack_knows_nobody_leaves_a_persons_word_what_it_is() -> None:
    address = "email:home@ada.test"
    order = c.Join(violation=violation(2), makers=made_by(None, address))
    asked = _take(opened().after, order, SYSTEM)
    named = _take(asked, c.NameInitiator(account=address, persons=(ada,)), val.name)
    told = _take(named, c.IdentifyInitiator(account=address, persons=()), SYSTEM)
    assert (told.awaited, told.unknown_makers) == ((), ())
    assert _take(told, c.Approve(reason=REASON), val.name).decision is None
    assert _take(told, c.Approve(reason=REASON), viv.name).decision


def test_a_second_owner_of_a_known_human_is_told_to_the_room_too() -> None:
    known = Attributed(persons=(ada,), accounts=(STRANGER,), known=True)
    room = _take(opened().after, c.Join(violation=violation(2), makers=(known,)), SYSTEM)
    told = _take(room, c.IdentifyInitiator(account=STRANGER, persons=(jude,)), SYSTEM)
    assert jude.name in told.initiators


def test_one_human_by_two_names_is_no_second_person() -> None:
    other = unnamed(SLACK, "U0VAL2")
    members = (*POLICY.validator.members, other.name)
    policy = POLICY.but(validator=POLICY.validator.but(members=members))
    room = _unknown(policy)
    first = Actor(person=other, account=other.accounts[0])
    proposed = lifecycle.decide(room, c.Approve(reason=REASON), first, rules(policy), SOON)
    assert isinstance(proposed, Step)
    later = Actor(person=val, account=val.accounts[0], also=other.accounts)
    listed = Actor(person=val.but(accounts=(*val.accounts, *other.accounts)))
    for actor in (later, listed):
        again = lifecycle.decide(
            proposed.after, c.Approve(reason=REASON), actor, rules(policy), SOON
        )
        assert isinstance(again, Step)
        assert again.after.decision is None


def test_who_named_somebody_doesnt_allow_it_alone_by_another_name_either() -> None:
    other = unnamed(SLACK, "U0VAL2")
    members = (*POLICY.validator.members, other.name)
    policy = POLICY.but(validator=POLICY.validator.but(members=members))
    named = _take(
        _unknown(policy), c.NameInitiator(account=STRANGER, persons=(ada,)), val.name, policy
    )
    again = Actor(person=other, account=other.accounts[0], also=val.accounts)
    step = lifecycle.decide(named, c.Approve(reason=REASON), again, rules(policy), SOON)
    assert isinstance(step, Step)
    assert step.after.decision is None


def test_who_named_somebody_by_both_of_their_names_doesnt_allow_it_alone() -> None:
    """One human, by two names, has said of two accounts of another one who that is."""
    other = unnamed(SLACK, "U0VAL2")
    members = (*POLICY.validator.members, other.name)
    policy = POLICY.but(validator=POLICY.validator.but(members=members))
    maker = Attributed(accounts=(STRANGER, "github:stranger-home"))
    room = _take(opened(policy).after, c.Join(violation=violation(2), makers=(maker,)), SYSTEM)
    by_both = [
        Actor(person=val, account=val.accounts[0], also=other.accounts),
        Actor(person=other, account=other.accounts[0], also=val.accounts),
    ]
    for actor, stranger in zip(by_both, maker.accounts, strict=True):
        who = c.NameInitiator(account=stranger, persons=(eve,))
        named = lifecycle.decide(room, who, actor, rules(policy), SOON)
        assert isinstance(named, Step)
        room = named.after
    for actor in by_both:
        step = lifecycle.decide(room, c.Approve(reason=REASON), actor, rules(policy), SOON)
        assert isinstance(step, Step)
        assert step.after.decision is None


@pytest.mark.parametrize("allow", ALLOWS, ids=lambda each: type(each).__name__)
def test_who_is_the_adjudicator_allows_it_as_such_whatever_else_they_are(allow: c.Command) -> None:
    both = STRICT.but(validator=Roster(label="privacy", members=(jude.name, val.name)))
    decided = _take(_unknown(both), allow, jude.name, both).decision
    assert decided
    assert decided.role is Role.ADJUDICATOR


@pytest.mark.parametrize(
    "joining",
    [made_by(None, "github:second"), made_by(jude, "github:second"), made_by(None, STRANGER)],
    ids=["somebody unknown", "somebody known", "the same once more"],
)
def test_a_proposal_doesnt_count_for_what_joined_of_somebody_unknown_since(
    joining: tuple[Attributed, ...],
) -> None:
    """Val hasn't seen it, and it may be the change of whoever allows it then."""
    proposed = _take(_unknown(), c.Approve(reason=REASON), val.name)
    grown = _take(proposed, c.Join(violation=violation(3), makers=joining), SYSTEM)
    is_new = joining == made_by(None, "github:second")
    assert [why for _, why in proposals.void(grown)] == ([Void.JOINED] if is_new else [])
    another = _take(grown, c.Approve(reason=REASON), viv.name)
    assert (another.decision is None) is is_new


def test_a_proposal_doesnt_count_for_what_joined_of_somebody_known_by_a_word_alone() -> None:
    """The word is of whoever would allow it with the proposal."""
    room = _unknown()
    both = made_by(None, "github:other", "github:third")
    room = _take(room, c.Join(violation=violation(3), makers=both), SYSTEM)
    room = _take(room, c.NameInitiator(account="github:other", persons=(ada,)), jude.name)
    proposed = _take(room, c.Approve(reason=REASON), val.name)
    alone = made_by(None, "github:other")
    grown = _take(proposed, c.Join(violation=violation(4), makers=alone), SYSTEM)
    assert _take(grown, c.Approve(reason=REASON), jude.name).decision is None


def test_where_nobody_can_second_an_override_those_are_called_who_may_approve_first() -> None:
    policy = POLICY.but(adjudicator=POLICY.adjudicator.but(backups=()))
    step = decide(_unknown(policy), ALLOWS[2], jude.name, policy, SOON)
    assert isinstance(step, Step)
    room, (override,) = step.after, step.after.proposals
    assert proposals.seconds(room, override) == ()
    assert proposals.approvers(room, override) == (val.name,)
    assert isinstance(step.events[0].event, e.Proposed)
    assert step.events[0].event.notify == (val.name,)
    assert not proposals.author_can_decide(room, override)
    approved = _take(room, c.Approve(reason=REASON), val.name, policy)
    assert proposals.approvers(approved, override) == ()
    assert proposals.author_can_decide(approved, override)
    decided = _take(approved, ALLOWS[2], jude.name, policy).decision
    assert decided
    assert decided.agreed == (val.name,)


def test_nobody_is_asked_to_approve_first_where_another_can_override() -> None:
    room = _take(_unknown(), ALLOWS[2], jude.name)
    assert proposals.approvers(room, room.proposals[0]) == ()
    gone = room.but(unreachable={bea.name: "user_disabled"})
    assert proposals.approvers(gone, room.proposals[0]) == (val.name,)


def test_what_somebody_proposes_instead_is_told_to_whom_none_of_theirs_was_told() -> None:
    room = _take(_unknown(), c.Approve(reason=REASON), val.name)
    room = _take(room, c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
    for reason, told in (("Another data set.", (bea.name,)), ("A third data set.", ())):
        step = decide(room, c.Dismiss(reason=f"{reason} {REASON}"), val.name, POLICY, SOON)
        assert isinstance(step, Step)
        assert isinstance(step.events[0].event, e.Proposed)
        assert step.events[0].event.notify == told
        room = step.after
