"""Limits that no service is known to: windows and buckets under keys of the caller's."""

import pytest

from bot.local_wire.limits import Bucket, Limits, OverLimitError, Window


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_takes_its_calls_in_any_stretch_of_its_length() -> None:
    clock = Clock()
    limits, hourly = Limits(clock), ("token", Window(calls=2, seconds=3600))
    limits.count(hourly)
    clock.now += 600
    limits.count(hourly)
    with pytest.raises(OverLimitError) as refused:
        limits.count(hourly)
    assert refused.value.retry_after == 3000
    clock.now += 3000
    limits.count(hourly)


def test_a_bucket_takes_a_burst_and_then_one_at_a_time() -> None:
    clock = Clock()
    limits, bucket = Limits(clock), ("repository", Bucket(burst=3, seconds=2))
    for _ in range(3):
        limits.count(bucket)
    with pytest.raises(OverLimitError) as refused:
        limits.count(bucket)
    assert refused.value.retry_after == 2
    clock.now += 2
    limits.count(bucket)
    with pytest.raises(OverLimitError):
        limits.count(bucket)


def test_a_call_that_one_limit_refuses_counts_under_no_other() -> None:
    limits = Limits(Clock())
    shared = ("all", Window(calls=2, seconds=60))
    limits.count(shared, ("a", Window(calls=1, seconds=60)))
    with pytest.raises(OverLimitError):
        limits.count(shared, ("a", Window(calls=1, seconds=60)))
    limits.count(shared, ("b", Window(calls=1, seconds=60)))
