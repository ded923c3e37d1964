"""What a policy answers by itself, whatever its conditions say."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answering import Judgement, judged
from bot.domain.conditions import Ask, Condition, Known, Truth
from bot.domain.makers import Attributed, Behind
from bot.domain.person import Person
from bot.domain.policy import Band, ClearRule, Policy, Role
from bot.domain.violation import Severity
from tests.build import POLICY, START, ada, bea

# Ada is behind the change, and somebody at GitHub: where Bea has an account, and Pat none is known.
PAT = Person(name="pat", accounts=("slack:U0PAT", "email:pat@acme.test"))
MAKERS = (Attributed(persons=(ada,), known=True), Attributed(accounts=("github:stranger",)))
BEHIND = Behind(MAKERS, {"bea": bea.but(accounts=(*bea.accounts, "github:bea")), "pat": PAT})
TRUTHS = st.sampled_from(Truth)
NAMES = [f"c{number}" for number in range(8)]
CONDITIONS = st.sampled_from([Condition(text=name) for name in NAMES])
WORLDS = st.fixed_dictionaries(dict.fromkeys(NAMES, TRUTHS))
RULES = st.builds(
    ClearRule,
    id=st.sampled_from(["a", "b", "c", "d"]),
    when=CONDITIONS,
    reason=st.just("Agreed."),
    owner=st.sampled_from(["bea", "ada", "pat"]),
    until=st.sampled_from([START - timedelta(days=1), START, START + timedelta(days=1)]),
)
BANDS = st.builds(
    Band,
    id=st.sampled_from(["sure", "middle", "low"]),
    when=st.none() | CONDITIONS,
    allow=st.booleans(),
    decide=st.sampled_from([(), (Role.VALIDATOR,), (Role.ADJUDICATOR,)]),
    severity=st.none() | st.sampled_from(Severity),
)
POLICIES = st.builds(
    lambda never, rules, bands: POLICY.but(
        never_clear=tuple(never), auto_clear=tuple(rules), bands=tuple(bands)
    ),
    st.lists(CONDITIONS, max_size=2),
    st.lists(RULES, max_size=3),
    st.lists(BANDS, max_size=3),
)


def asked_in(world: dict[str, Truth]) -> Ask:
    return lambda condition: Known(world[condition.text])


def answer(policy: Policy, world: dict[str, Truth], *, may_clear: bool = True) -> Judgement:
    return judged(policy, None, asked_in(world), START, may_clear=may_clear, behind=BEHIND)


@given(POLICIES, WORLDS, RULES)
def test_one_rule_more_never_turns_an_allow_into_a_block(
    policy: Policy, world: dict[str, Truth], rule: ClearRule
) -> None:
    more = policy.but(auto_clear=(*policy.auto_clear, rule))
    if answer(policy, world).cleared_by:
        assert answer(more, world).cleared_by


@given(POLICIES, WORLDS, CONDITIONS)
def test_one_condition_more_that_never_clears_never_turns_a_block_into_an_allow(
    policy: Policy, world: dict[str, Truth], condition: Condition
) -> None:
    more = policy.but(never_clear=(*policy.never_clear, condition))
    if answer(more, world).cleared_by:
        assert answer(policy, world).cleared_by


@given(POLICIES, WORLDS, st.sampled_from(NAMES))
def test_what_becomes_not_known_is_never_allowed_by_it(
    policy: Policy, world: dict[str, Truth], name: str
) -> None:
    """Whatever a condition would have said: with less known, no more is allowed."""
    less = {**world, name: Truth.UNKNOWN}
    if answer(policy, less).cleared_by:
        allowed = [
            bool(answer(policy, {**world, name: truth}).cleared_by)
            for truth in (Truth.YES, Truth.NO)
        ]
        assert all(allowed)


@given(POLICIES, WORLDS)
def test_what_clears_is_known_to_hold_has_not_ended_and_is_nobodys_own(
    policy: Policy, world: dict[str, Truth]
) -> None:
    judgement = answer(policy, world)
    cleared = judgement.cleared_by
    if cleared is None:
        return
    assert all(world[each.text] is Truth.NO for each in policy.never_clear)
    assert cleared.when is None or world[cleared.when.text] is Truth.YES
    if isinstance(cleared, ClearRule):
        assert cleared.until > START
        assert cleared.owner == "bea"
        assert not judgement.doubts
    else:
        assert cleared.allow


@given(POLICIES, WORLDS)
def test_while_something_is_not_known_of_another_policy_nothing_clears(
    policy: Policy, world: dict[str, Truth]
) -> None:
    judgement = answer(policy, world, may_clear=False)
    assert judgement.cleared_by is None
    assert judgement.band is None or not judgement.band.allow


@given(POLICIES, WORLDS, st.randoms(use_true_random=False))
def test_the_order_of_rules_and_of_what_never_clears_changes_no_verdict(
    policy: Policy, world: dict[str, Truth], chance: object
) -> None:
    def mixed(each: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(each, len(each)))  # type: ignore[attr-defined] # a Random

    other = policy.but(auto_clear=mixed(policy.auto_clear), never_clear=mixed(policy.never_clear))
    assert bool(answer(other, world).cleared_by) == bool(answer(policy, world).cleared_by)
    assert answer(other, world).band == answer(policy, world).band


@pytest.mark.parametrize(
    ("accounts", "system"),
    [
        (("github:stranger",), "github"),
        (("github:stranger", "slack:U0OTHER"), None),
        (("email:stranger@acme.test",), None),
        (("service:acme-ci",), None),
        (("name:Pat",), None),
    ],
)
def test_an_unknown_human_may_be_who_has_no_account_in_any_system_of_theirs(
    accounts: tuple[str, ...], system: str | None
) -> None:
    """Whoever has one in a system is not who has another one there; a service is nobody."""
    unknown = Attributed(accounts=accounts)
    doubt = Behind((unknown,), {"pat": PAT}).doubt("pat")
    assert doubt == (system and f"pat may have made the change: list pat's {system} in people.yaml")
    assert Behind((unknown.but(known=True),), {"pat": PAT}).doubt("pat") is None
