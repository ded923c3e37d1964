"""An exception allows nothing outside its scope, nor without a decision behind it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import exception as x
from bot.domain import scope
from bot.domain.aggregate import Step
from bot.domain.exception_life import EXCEPTION
from bot.domain.person import BY_SYSTEM, SLACK, Actor, Person, account
from bot.domain.policy import OfferedScope, Role, ScopeKind
from bot.domain.refusal import Refusal, Why
from bot.domain.terms import Basis
from bot.domain.violation import Severity, Subject, Violation
from bot.domain.war_room import Category, Outcome
from tests.build import JUSTIFICATION, START, acting, ada, bea, eve, jude, rules, val, violation
from tests.domain.test_scope import FACTS, ORIGIN, SUBJECT, VARYING, found

DAY, WEEK = timedelta(days=1), timedelta(days=7)
COMMIT = OfferedScope(kind=ScopeKind.COMMIT)
ENVIRONMENT = OfferedScope(kind=ScopeKind.ENVIRONMENT)
RULES = rules(VARYING)
AGAIN = "The retraining takes a week more, as ticket 4712 says, and nothing else has changed."
ROLES = {val.name: (Role.VALIDATOR,), jude.name: (Role.ADJUDICATOR,), ada.name: (Role.INITIATOR,)}


def grant(
    outcome: Outcome = Outcome.OVERRIDDEN,
    within: OfferedScope | None = COMMIT,
    validity: timedelta = 2 * WEEK,
    role: Role = Role.ADJUDICATOR,
) -> x.Grant:
    """What a room's decision on `found()` allows besides."""
    key = within and scope.key(VARYING, found().report, within)
    granted = x.Granted(
        room_id="room000001",
        policy_id=VARYING.id,
        policy_digest=RULES.digest,
        policy_place="policies.yaml:3",
        outcome=outcome,
        scope=within,
        covers=(x.Cover(key=key, severity=Severity.MEDIUM, band="middle"),) if key else (),
        allows="…",
        severity=Severity.MEDIUM,
        title="ranker 7 goes to customer-eu",
        subject=Subject(**SUBJECT),
        team="search",
        owner=jude.name,
        role=role,
        reason=JUSTIFICATION,
        category=Category.WAIVER,
        agreed=(),
        initiators=(ada.name,),
        granted_at=START,
        until=START + validity,
    )
    return x.Grant(granted=granted, persons=(ada, jude, val))


def step(
    before: x.PolicyException | None, command: x.Command, by: Actor, now: datetime
) -> Step[x.PolicyException, x.Event] | Refusal:
    return EXCEPTION.decide(before, command, by, RULES if before else None, now)


def taken(
    before: x.PolicyException | None, command: x.Command, by: Actor, now: datetime
) -> x.PolicyException:
    answer = step(before, command, by, now)
    assert isinstance(answer, Step), answer
    return answer.after


def active(
    outcome: Outcome = Outcome.OVERRIDDEN,
    within: OfferedScope | None = COMMIT,
    validity: timedelta = 2 * WEEK,
) -> x.PolicyException:
    return taken(None, grant(outcome, within, validity), acting(jude.name), START)


def waive(
    one: Violation, severity: Severity = Severity.MEDIUM, band: str | None = "middle"
) -> x.Waive:
    """A violation that came in, as the scope of commits has it."""
    key = scope.key(VARYING, one.report, COMMIT)
    return x.Waive(
        violation=one,
        policy_digest=RULES.digest,
        key=key or "none",
        severity=severity,
        basis=Basis(file="policies.yaml", line=1, band=band),
    )


def waived(state: x.PolicyException, order: x.Waive, now: datetime = START) -> bool:
    return isinstance(step(state, order, BY_SYSTEM, now), Step)


@given(
    run=st.sampled_from([None, "https://ci.test/1", "https://ci.test/2"]),
    psi=st.none() | st.floats(allow_nan=False),
    severity=st.sampled_from([Severity.LOW, Severity.MEDIUM]),
    after=st.timedeltas(timedelta(0), 2 * WEEK - timedelta(microseconds=1)),
)
def test_what_the_scope_frees_and_the_policy_calls_varying_is_waived(
    run: str | None, psi: float | None, severity: Severity, after: timedelta
) -> None:
    order = waive(found({**FACTS, "psi": psi}, run_url=run), severity)
    assert waived(active(), order, START + after)


@given(
    changed=st.sampled_from([*SUBJECT, *ORIGIN, *(f"fact {name}" for name in FACTS), "fact new"]),
    value=st.sampled_from([None, "https://ci.test/2"]),
    graver=st.booleans(),
    band=st.sampled_from(["middle", "low", None]),
    after=st.timedeltas(timedelta(0), 3 * WEEK),
    revoked=st.booleans(),
)
def test_nothing_outside_its_scope_is_ever_waived(
    changed: str, value: str | None, *, graver: bool, band: str | None, after: timedelta,
    revoked: bool,
) -> None:  # fmt: skip
    """Whatever is changed: a coordinate or fact, the severity, the band, or the time."""
    fact = changed.removeprefix("fact ")
    other = found({**FACTS, fact: value}) if fact != changed else found(**{changed: value})
    state = active()
    if revoked:
        state = taken(state, x.Revoke(reason="No."), acting(jude.name), START)
    freed = changed == "run_url" or fact in VARYING.varying
    allowed = freed and not graver and band == "middle" and after < 2 * WEEK and not revoked
    order = waive(other, Severity.HIGH if graver else Severity.MEDIUM, band)
    assert waived(state, order, START + after) is allowed


ORDERS = st.one_of(
    st.builds(
        x.Renew,
        reason=st.sampled_from([AGAIN, "No.", JUSTIFICATION, AGAIN + "!"]),
        validity=st.timedeltas(timedelta(0), 5 * WEEK),
    ),
    st.builds(x.Revoke, reason=st.sampled_from(["It was misused.", ""])),
    st.sampled_from([x.WarnOfEnd(), x.End(), waive(found()), grant()]),
)
ACTORS = st.sampled_from([val.name, jude.name, ada.name, eve.name, BY_SYSTEM.person.name])


ENTITLED = {
    Outcome.APPROVED: {Role.VALIDATOR, Role.ADJUDICATOR},
    Outcome.OVERRIDDEN: {Role.ADJUDICATOR},
}


@given(
    first=st.builds(
        grant, outcome=st.sampled_from(list(Outcome)), role=st.sampled_from(list(Role))
    ),
    by=ACTORS,
    orders=st.lists(st.tuples(ORDERS, ACTORS, st.timedeltas(timedelta(0), WEEK)), max_size=12),
)
def test_there_is_no_active_exception_without_a_decision_by_somebody_entitled(
    first: x.Grant, by: str, orders: list[tuple[x.Command, str, timedelta]]
) -> None:
    """Whatever is ordered by whom and when; what is refused changes nothing."""
    now, state, decided_until = START, None, START
    for order, name, later in [(first, by, timedelta(0)), *orders]:
        now, roles = now + later, ROLES.get(name, ())
        if isinstance(order, x.Renew | x.Revoke):
            order = order.but(roles=roles)  # noqa: PLW2901 - as the engine fills it in
        answer = step(state, order, acting(name), now)
        if isinstance(answer, Step):
            event = answer.events[0].event
            if isinstance(event, x.Granted | x.Renewed):
                may = ENTITLED[answer.after.outcome]
                assert event.role in may
                assert isinstance(event, x.Granted) or event.role in roles
                assert name != ada.name
                assert state is None or state.is_active(now)
                decided_until = event.until
            if isinstance(event, x.Revoked):
                assert (
                    roles in ((Role.VALIDATOR,), (Role.ADJUDICATOR,)) or name == answer.after.owner
                )
                decided_until = now
            state = answer.after
        assert state is None or state.is_active(now) is (now < decided_until)


def test_an_override_is_renewed_by_the_adjudicator_and_an_approval_by_the_validator_too() -> None:
    renew = x.Renew(reason=AGAIN, validity=6 * DAY)
    for outcome, roles, name, why in (
        (Outcome.OVERRIDDEN, (Role.VALIDATOR,), val.name, Why.NOT_ALLOWED),
        (Outcome.OVERRIDDEN, (Role.INITIATOR,), ada.name, Why.OWN_VIOLATION),
        (Outcome.OVERRIDDEN, (), eve.name, Why.NOT_ALLOWED),
        (Outcome.APPROVED, (Role.INITIATOR,), ada.name, Why.OWN_VIOLATION),
        (Outcome.OVERRIDDEN, (Role.ADJUDICATOR,), jude.name, None),
        (Outcome.APPROVED, (Role.ADJUDICATOR,), jude.name, None),
        (Outcome.APPROVED, (Role.VALIDATOR,), val.name, None),
    ):
        state = active(outcome=outcome, validity=3 * DAY)
        answer = step(state, renew.but(roles=roles), acting(name), START + DAY)
        assert (answer.why if isinstance(answer, Refusal) else None) is why


def test_who_made_the_change_renews_nothing_under_another_name_either() -> None:
    """Nor with an account that is only said to be theirs."""
    other = Person(name="ada2", accounts=(account("github", "ada"), *ada.accounts[:1]))
    alone = Person(name="github:ada", accounts=(account("github", "ada"),))
    renew = x.Renew(reason=AGAIN, validity=20 * DAY, roles=(Role.ADJUDICATOR,))
    for by in (Actor(person=other), Actor(person=alone, also=ada.accounts)):
        answer = step(active(), renew, by, START + DAY)
        assert isinstance(answer, Refusal)
        assert answer.why is Why.OWN_VIOLATION


def test_a_renewal_is_a_decision_with_a_new_reason_and_an_end_that_the_policy_allows() -> None:
    state, now, by = active(), START + DAY, acting(jude.name)
    roles = (Role.ADJUDICATOR,)
    for renew, field, words in (
        (x.Renew(reason="No.", validity=20 * DAY), "reason", "at least 40"),
        (x.Renew(reason=JUSTIFICATION, validity=20 * DAY), "reason", "was given with"),
        (x.Renew(reason=AGAIN, validity=31 * DAY), "validity", "at most 30 days from now"),
        (x.Renew(reason=AGAIN, validity=13 * DAY), "validity", "until 04 Dec 2026 09:00 UTC"),
        (x.Renew(reason=AGAIN, validity=timedelta(0)), "validity", "Found 0 s"),
    ):
        answer = step(state, renew.but(roles=roles), by, now)
        assert isinstance(answer, Refusal)
        assert (answer.field, words in answer.message) == (field, True), answer.message
    renew = x.Renew(reason=AGAIN, validity=30 * DAY, roles=roles)
    after = taken(state, renew, acting(bea.name), now)
    assert (after.allowed_by, after.owner, after.reason) == (bea.name, bea.name, AGAIN)
    assert (after.granted_at, after.until, after.renewals) == (START, now + 30 * DAY, 1)
    assert after.is_active(START + 30 * DAY)
    own = active(outcome=Outcome.APPROVED, validity=3 * DAY)
    answer = step(own, renew.but(validity=8 * DAY), by, now)
    assert isinstance(answer, Refusal)
    assert "at most 7 days from now" in answer.message  # as long as an approval holds


def test_what_is_over_is_not_renewed_and_says_that_what_comes_in_is_asked_anew() -> None:
    renew = x.Renew(reason=AGAIN, validity=20 * DAY, roles=(Role.ADJUDICATOR,))
    end = START + 2 * WEEK
    ended = taken(active(), x.End(), BY_SYSTEM, end)
    revoked = taken(active(), x.Revoke(reason="It was misused."), acting(jude.name), START + DAY)
    for state, words in (
        (active(), "Exception room000001 ended on 04 Dec 2026 09:00 UTC"),
        (ended, "Exception room000001 ended on 04 Dec 2026 09:00 UTC"),
        (revoked, "Exception room000001 was revoked by jude on 21 Nov 2026 09:00 UTC"),
    ):
        for order in (renew, renew.but(), x.Revoke(reason="No."), waive(found())):
            answer = step(state, order, acting(jude.name), end)
            assert isinstance(answer, Refusal)
            assert answer.message == f"{words}; what comes in now is asked for anew."
    assert ended.state is x.ExceptionState.ENDED
    assert isinstance(step(ended, x.End(), BY_SYSTEM, end), Refusal)


@pytest.mark.parametrize(
    ("name", "roles", "allowed"),
    [
        (val.name, (Role.VALIDATOR,), True),
        (bea.name, (Role.ADJUDICATOR,), True),
        (jude.name, (), True),  # who owns it
        (ada.name, (Role.INITIATOR,), False),
        (eve.name, (), False),
    ],
)
def test_validator_adjudicator_and_owner_revoke_it_at_once_and_with_a_reason(
    name: str, roles: tuple[Role, ...], *, allowed: bool
) -> None:
    revoke = x.Revoke(reason="It was misused.", roles=roles)
    answer = step(active(), revoke, acting(name), START + DAY)
    assert isinstance(answer, Step) is allowed
    if isinstance(answer, Step):
        after = answer.after
        assert (after.revoked_by, after.revoked_for) == (name, "It was misused.")
        assert after.is_active(START + DAY) is False
        assert EXCEPTION.next_timers(after, RULES) == ()
        wordless = step(active(), revoke.but(reason=" "), acting(name), START + DAY)
        assert isinstance(wordless, Refusal)
        assert wordless.field == "reason"


@pytest.mark.parametrize(
    ("validity", "ahead"),
    [
        (2 * WEEK, [WEEK, DAY]),
        (WEEK, [DAY]),
        (2 * DAY, [DAY]),
        (DAY, [DAY / 2]),
        (timedelta(hours=2), [timedelta(hours=1)]),
    ],
)
def test_the_end_is_told_a_week_and_a_day_before_or_at_half_of_a_short_validity(
    validity: timedelta, ahead: list[timedelta]
) -> None:
    """Each step once, and the end once; what lies before the grant is not told."""
    state, end, told = active(validity=validity), START + validity, []
    while timers := EXCEPTION.next_timers(state, RULES):
        (timer,) = timers
        early = timer.due_at - timedelta(microseconds=1)
        assert EXCEPTION.due_command(state, RULES, early) is None
        due = EXCEPTION.due_command(state, RULES, timer.due_at)
        assert due
        told.append((timer.name, end - timer.due_at))
        state = taken(state, *due, timer.due_at)
    assert told == [*(("warn", before) for before in ahead), ("end", timedelta(0))]


def test_who_is_late_tells_of_the_last_step_alone_and_of_the_end_alone_once_it_has_come() -> None:
    state = taken(active(), x.WarnOfEnd(), BY_SYSTEM, START + 13 * DAY)
    assert state.warned_at == START + 13 * DAY
    assert EXCEPTION.next_timers(state, RULES)[0].name == "end"
    due = EXCEPTION.due_command(active(), RULES, START + 2 * WEEK)
    assert due
    assert isinstance(due[0], x.End)


def test_after_a_renewal_its_new_end_is_told_ahead_again() -> None:
    warned = taken(active(), x.WarnOfEnd(), BY_SYSTEM, START + 13 * DAY)
    renew = x.Renew(reason=AGAIN, validity=20 * DAY, roles=(Role.ADJUDICATOR,))
    state = taken(warned, renew, acting(jude.name), START + 13 * DAY)
    assert state.warnings == (state.until - WEEK, state.until - DAY)
    assert EXCEPTION.next_timers(state, RULES)[0].due_at == state.until - WEEK


@pytest.mark.parametrize(
    ("within", "quiet"), [(None, True), (COMMIT, True), (ENVIRONMENT, False)], ids=str
)
def test_nobody_waits_for_the_end_of_an_approved_run_or_commit(
    within: OfferedScope | None, *, quiet: bool
) -> None:
    approved = active(outcome=Outcome.APPROVED, within=within, validity=3 * DAY)
    assert (approved.is_quiet, approved.warnings == ()) == (quiet, quiet)
    assert active(within=within, validity=3 * DAY).warnings


def test_an_exception_counts_what_it_waives_and_holds_the_newest() -> None:
    state = active()
    for number in range(25):
        order = waive(found()).but(violation=violation(number))
        state = taken(state, order, BY_SYSTEM, START + number * timedelta(minutes=1))
    assert state.waived == 25
    assert [each.id for each in state.newest] == [f"violation{n}" for n in range(15, 25)]


def test_only_the_bot_itself_gives_the_orders_that_nobody_decides() -> None:
    for order in (waive(found()), x.WarnOfEnd(), x.End()):
        answer = step(active(), order, acting(jude.name), START + 13 * DAY)
        assert isinstance(answer, Refusal)
        assert answer.message == f"Only the bot itself can {order.verb}."


def test_in_a_state_that_only_a_newer_version_knows_it_allows_nothing() -> None:
    state = active().but(state=x.ExceptionState.read("suspended"))
    assert state.is_active(START) is False
    assert not waived(state, waive(found()))
    assert EXCEPTION.next_timers(state, RULES) == ()


def test_an_actor_is_recorded_by_the_name_that_the_exception_has_for_them() -> None:
    by = Actor(person=Person(name="slack:U0JUDE", accounts=(account(SLACK, "U0JUDE"),)))
    after = taken(active(), x.Revoke(reason="It was misused."), by, START + DAY)
    assert (after.revoked_by, set(after.people)) == (jude.name, {ada.name, jude.name, val.name})
