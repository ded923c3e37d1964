"""The durations that follow from a case, and the order that cases are put in."""

from hypothesis import given
from hypothesis import strategies as st

from bot.measures.case import CaseKind, Responses, by_kind, in_seconds
from bot.measures.part import part_of, pooled

from .build import case, observed

KIND = CaseKind("pii", "search", "high", resolved=True, outcome="approved", human=True)

times = st.lists(st.tuples(st.integers(-3, 9), st.none() | st.integers(-3, 12)), min_size=1)


def test_an_open_case_has_waited_until_now() -> None:
    seen = part_of(case(None))
    assert (seen.open, seen.outcomes, seen.humans) == ([864000], {}, 0)


def test_a_resolved_case_took_from_detection_to_resolution() -> None:
    seen = part_of(case(47))
    assert (seen.open, seen.outcomes, seen.humans) == ([], {"approved": 1}, 1)
    assert seen.times_by_cause == {"human": [2820], "expired": [], "other": []}


def test_a_negative_duration_counts_as_zero() -> None:
    seen = case(-5, acknowledged=-6)
    assert (seen.times, seen.acknowledged) == ([0], Responses([0], []))


def test_a_response_after_the_resolution_is_none() -> None:
    seen = case(47, acknowledged=48, responded=48)
    assert seen.acknowledged == seen.first_response == Responses([], [2820])


def test_a_response_at_the_resolution_counts() -> None:
    seen = case(47, acknowledged=47, responded=47)
    assert seen.acknowledged == seen.first_response == Responses([2820], [])


@given(times)
def test_many_cases_are_what_each_of_them_is(rows: list[tuple[int, int | None]]) -> None:
    """Columns mean the same as their cases one by one, whatever way they are put together."""
    ends, acknowledged = [end for end, _ in rows], [at for _, at in rows]
    none = [None] * len(rows)
    at_once = part_of(in_seconds(KIND, ends, acknowledged, none))
    singly = [part_of(in_seconds(KIND, [end], [at], [None])) for end, at in rows]
    assert pooled(singly) == at_once
    assert pooled([pooled(singly[:2]), *singly[2:]]) == at_once


def test_cases_observed_one_by_one_come_together_by_kind() -> None:
    rows = [observed(3, resolved=True, acknowledged=1), observed(4, resolved=False)]
    first, second = by_kind([*rows, observed(2, resolved=True)])
    assert (first.times, first.acknowledged) == ([3, 2], Responses([1], [2]))
    assert (second.kind.resolved, second.times) == (False, [4])
