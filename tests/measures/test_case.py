"""The durations that follow from a case."""

from datetime import timedelta

from bot.measures.case import observe

from .build import NOW, START, case


def test_an_open_case_has_waited_until_now() -> None:
    seen = observe(case(None), NOW)
    assert (seen.time, seen.resolved) == (timedelta(days=10).total_seconds(), False)


def test_a_resolved_case_took_from_detection_to_resolution() -> None:
    seen = observe(case(47), NOW)
    assert (seen.time, seen.resolved, seen.outcome, seen.human) == (2820, True, "approved", True)


def test_a_case_resolved_after_now_is_still_open() -> None:
    seen = observe(case(47), START + timedelta(minutes=10))
    assert (seen.time, seen.resolved, seen.outcome, seen.human) == (600, False, None, False)


def test_a_negative_duration_counts_as_zero() -> None:
    early = START - timedelta(minutes=1)
    seen = observe(case(-5, acknowledged_at=START - timedelta(minutes=6)), NOW)
    assert (seen.time, seen.acknowledged) == (0, 0)
    assert observe(case(None), early).time == 0


def test_a_response_after_the_resolution_is_none() -> None:
    late = START + timedelta(minutes=48)
    seen = observe(case(47, acknowledged_at=late, first_response_at=late), NOW)
    assert (seen.acknowledged, seen.first_response) == (None, None)


def test_a_response_at_the_resolution_counts() -> None:
    at = START + timedelta(minutes=47)
    seen = observe(case(47, acknowledged_at=at, first_response_at=at), NOW)
    assert (seen.acknowledged, seen.first_response) == (2820, 2820)
