"""What a new commit ends: rooms of its pull request's older ones, and nothing else."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.contents import COMMITS_MOST
from bot.domain.lifecycle import open_room
from bot.domain.person import NEW_COMMIT, SYSTEM, TIMEOUT
from bot.domain.refusal import Refusal, Why
from bot.domain.superseding import Supersede
from bot.domain.violation import Origin, Violation
from bot.domain.war_room import Outcome, Verdict, WarRoom
from tests.build import POLICY, START, ada, decide, jude, made_by, rules, val, violation
from tests.domain.test_lifecycle import PEOPLE

SOON = START + timedelta(minutes=10)
COMMITS = [f"{number:040x}" for number in range(COMMITS_MOST + 3)]
ORIGINS = st.builds(
    Origin,
    repository=st.sampled_from(["acme/ranker", "acme/other", None]),
    pull_request=st.sampled_from([42, 43, None]),
    commit=st.sampled_from([*COMMITS[:3], None]),
)


def _violation(number: int, commit: str | None, pull_request: int | None = 42) -> Violation:
    origin = Origin(repository="acme/ranker", commit=commit, pull_request=pull_request)
    return violation(number, origin=origin)


def _room(first: Violation, *joined: Violation, is_storm: bool = True) -> WarRoom:
    room = open_room("room000001", first, made_by(ada), rules(), START, is_storm=is_storm).after
    for each in joined:
        step = decide(room, c.Join(violation=each, makers=made_by(ada)), SYSTEM, POLICY, SOON)
        assert isinstance(step, Step)
        room = step.after
    return room


@given(origins=st.lists(ORIGINS, min_size=1, max_size=4), by=st.sampled_from(COMMITS[:4]))
def test_a_room_is_superseded_only_if_all_of_it_is_of_other_commits_of_one_pull_request(
    origins: list[Origin], by: str
) -> None:
    room = _room(*(violation(number, origin=origin) for number, origin in enumerate(origins)))
    known = {(origin.repository, origin.pull_request) for origin in origins}
    whole = len(known) == 1 and all(
        origin.repository and origin.pull_request and origin.commit for origin in origins
    )
    step = decide(room, Supersede(commit=by), NEW_COMMIT, POLICY, SOON)
    if whole and by not in {origin.commit for origin in origins}:
        assert isinstance(step, Step)
        decision = step.after.decision
        assert decision
        assert (decision.outcome, decision.verdict) == (Outcome.SUPERSEDED, Verdict.BLOCK)
        assert (decision.by, decision.role) == (NEW_COMMIT, None)
        assert by[:12] in decision.reason
        assert not step.after.acknowledged
        assert step.after.first_response_at is None
    else:
        assert isinstance(step, Refusal)


@given(who=st.sampled_from(PEOPLE), is_storm=st.booleans())
def test_nobody_but_a_new_commit_supersedes(who: str, is_storm: bool) -> None:
    room = _room(_violation(1, COMMITS[0]), is_storm=is_storm)
    step = decide(room, Supersede(commit=COMMITS[1]), who, POLICY, SOON)
    assert isinstance(step, Step if who == NEW_COMMIT else Refusal)


def test_a_new_commit_gives_no_other_order() -> None:
    room = _room(_violation(1, COMMITS[0]))
    for command in (c.Expire(), c.Reject(reason="Not like this."), c.Withdraw()):
        answer = decide(room, command, NEW_COMMIT, POLICY, START + POLICY.window)
        assert isinstance(answer, Refusal)
        assert answer.why is Why.NOT_ALLOWED


def test_what_is_superseded_is_over() -> None:
    room = _room(_violation(1, COMMITS[0]))
    step = decide(room, Supersede(commit=COMMITS[1]), NEW_COMMIT, POLICY, SOON)
    assert isinstance(step, Step)
    for who, command in (
        (jude.name, c.Approve(reason="It is a copy without names.")),
        (val.name, c.Dismiss(reason="It is a copy without names.")),
        (TIMEOUT, c.Expire()),
        (NEW_COMMIT, Supersede(commit=COMMITS[2])),
    ):
        refused = decide(step.after, command, who, POLICY, SOON)
        assert isinstance(refused, Refusal)
        assert refused.why is Why.DECIDED
        assert "was superseded by a newer commit" in refused.message


def test_a_room_with_more_commits_than_it_tells_apart_is_of_no_known_pull_request() -> None:
    kept = _room(*(_violation(n, commit) for n, commit in enumerate(COMMITS[:COMMITS_MOST])))
    assert kept.contents.pull_request
    lost = _room(*(_violation(n, commit) for n, commit in enumerate(COMMITS[: COMMITS_MOST + 1])))
    assert lost.contents.pull_request is None
