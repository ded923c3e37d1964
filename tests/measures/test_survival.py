"""The survival figures, against published results and an independent implementation."""

import math
import time
from collections.abc import Iterable
from fractions import Fraction
from statistics import NormalDist, median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.measures.survival import Curve, Median, cumulative_incidence, kaplan_meier

# Freireich et al. 1963: weeks in remission, 6-mercaptopurine and placebo.
MERCAPTOPURINE = (
    [6, 6, 6, 7, 10, 13, 16, 22, 23],
    [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35],
)
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

few_times = st.lists(st.integers(0, 12), max_size=25)  # a narrow range, so that ties are common
real_times = st.lists(st.floats(0, 1e6), max_size=40)


def exact_survival(events: list[int], censored: list[int]) -> dict[int, Fraction]:
    """The product-limit estimate straight from its definition, without rounding."""
    survival = Fraction(1)
    curve = {}
    for at in sorted(set(events)):
        at_risk = sum(each >= at for each in events + censored)
        survival *= 1 - Fraction(events.count(at), at_risk)
        curve[at] = survival
    return curve


def test_published_figures_of_the_mercaptopurine_arm() -> None:
    curve = kaplan_meier(*MERCAPTOPURINE)
    assert curve.median() == Median(value=23, low=13, high=None, at_least=None)
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    errors = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}
    for week, survival in published.items():
        assert curve.survival_at(week) == pytest.approx(survival, abs=5e-4)
        variance = curve.variance_at(week)
        assert variance is not None
        assert math.sqrt(variance) == pytest.approx(errors[week], abs=5e-5)
    assert curve.survival_at(10) == pytest.approx(0.7529, abs=5e-5)


def test_published_median_of_the_placebo_arm() -> None:
    assert kaplan_meier(PLACEBO, []).median() == Median(value=8, low=4, high=11, at_least=None)


def test_the_naive_median_of_the_resolved_alone_is_10_and_is_not_reported() -> None:
    events, _ = MERCAPTOPURINE
    assert median(events) == 10
    assert kaplan_meier(*MERCAPTOPURINE).median().value == 23


@given(few_times, few_times)
def test_survival_is_the_exact_product_limit(events: list[int], censored: list[int]) -> None:
    curve = kaplan_meier(events, censored)
    exact = exact_survival(events, censored)
    survival = [curve.survival_at(at) for at in exact]
    assert survival == pytest.approx([float(each) for each in exact.values()])
    half = [at for at, survival in exact.items() if survival <= Fraction(1, 2)]
    assert curve.median().value == (half[0] if half else None)


@given(real_times.filter(bool), real_times)
def test_survival_agrees_with_scipy(events: list[float], censored: list[float]) -> None:
    curve = kaplan_meier(events, censored)
    oracle = stats.ecdf(stats.CensoredData(uncensored=events, right=censored)).sf
    for at, survival in zip(oracle.quantiles, oracle.probabilities, strict=True):
        assert curve.survival_at(at) == pytest.approx(survival, abs=1e-12)
    # The oracle's quantiles include the censored times, which are no steps of the curve.
    below = [
        at
        for at, s in zip(oracle.quantiles, oracle.probabilities, strict=True)
        if s <= 0.5 + 1e-9 and at in events
    ]
    assert curve.median().value == (below[0] if below else None)


@given(few_times.filter(bool), few_times)
def test_interval_inverts_the_log_log_band(events: list[int], censored: list[int]) -> None:
    curve = kaplan_meier(events, censored)
    z = NormalDist().inv_cdf(0.975)
    low = high = None
    for at in sorted(set(events)):
        survival = curve.survival_at(at)
        if survival:
            variance = curve.variance_at(at)
            assert variance is not None
            spread = z * math.sqrt(variance) / (survival * -math.log(survival))
            low = at if low is None and survival ** math.exp(spread) <= 0.5 else low
            high = at if high is None and survival ** math.exp(-spread) <= 0.5 else high
    result = curve.median()
    assert (result.low, result.high) == (low, high)


@given(few_times, few_times, st.integers(0, 20))
def test_an_open_case_more_never_lowers_the_half_life(
    events: list[int], censored: list[int], waiting: int
) -> None:
    before = kaplan_meier(events, censored).median().value
    after = kaplan_meier(events, [*censored, waiting]).median().value
    assert after is None or (before is not None and after >= before)


@given(real_times, real_times)
def test_a_median_is_a_time_at_which_something_was_settled(
    events: list[float], censored: list[float]
) -> None:
    result = kaplan_meier(events, censored).median()
    assert {result.value, result.low, result.high} - {None} <= set(events)
    assert result.value is None or result.low is None or result.low <= result.value
    assert result.value is None or result.high is None or result.high >= result.value


def test_no_cases_have_no_median_and_no_bound() -> None:
    curve = kaplan_meier([], [])
    assert curve.median() == Median(None, None, None, None)
    assert curve.survival_at(0) is None


def test_if_all_are_open_the_median_is_not_reached_and_is_at_least_the_longest_wait() -> None:
    assert kaplan_meier([], [3, 5]).median() == Median(None, None, None, at_least=5)


def test_lower_bound_of_a_median_not_reached_is_that_of_the_interval_if_it_has_one() -> None:
    result = kaplan_meier([1, 2, 3], [9, 9, 9, 9]).median()
    assert result == Median(None, low=1, high=None, at_least=1)


def test_events_come_before_censorings_at_the_same_time() -> None:
    assert kaplan_meier([4], [4]).survival_at(4) == 0.5


def test_zero_times_count() -> None:
    curve = kaplan_meier([0, 0, 1], [0])
    assert curve.survival_at(0) == 0.5
    assert curve.median().value == 0


def test_the_median_is_the_time_at_which_survival_is_exactly_one_half() -> None:
    for n in range(2, 400, 2):  # in many of them the product is a little over 0.5
        assert kaplan_meier(range(1, n + 1), []).median().value == n // 2


def test_survival_is_not_known_past_the_last_time_unless_nobody_is_left() -> None:
    assert kaplan_meier([1], [2]).survival_at(3) is None
    assert kaplan_meier([1], [2]).variance_at(3) is None
    assert kaplan_meier([1, 2], []).survival_at(3) == 0
    assert kaplan_meier([1, 2], []).variance_at(3) == 0
    assert kaplan_meier([1], [2]).survival_at(0.5) == 1
    assert kaplan_meier([1], [2]).variance_at(0.5) == 0


@pytest.mark.parametrize("bad", [-1.0, math.inf, math.nan])
def test_negative_and_endless_times_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="negative or not finite"):
        kaplan_meier([1.0, bad], [])
    with pytest.raises(ValueError, match="negative or not finite"):
        kaplan_meier([], [1.0, bad])


def incidences(curve: Curve, at: Iterable[int], *outcomes: list[int]) -> list[list[float]]:
    return [cumulative_incidence(curve, sorted(times), list(at)) for times in outcomes]


@given(few_times, few_times, few_times)
def test_incidences_of_all_outcomes_and_survival_add_up_to_one(
    people: list[int], expiries: list[int], censored: list[int]
) -> None:
    curve = kaplan_meier(people + expiries, censored)
    at = [each for each in range(-1, 14) if curve.is_known_at(each)]
    human, expired = incidences(curve, at, people, expiries)
    for each, *parts in zip(at, human, expired, strict=True):
        assert sum(parts) + (curve.survival_at(each) or 0) == pytest.approx(1)


@given(few_times, few_times, few_times)
def test_incidence_is_the_exact_sum(
    people: list[int], expiries: list[int], censored: list[int]
) -> None:
    """Aalen-Johansen straight from the definition: the sum of S(t-) d / n, without rounding."""
    exact, total, before = [], Fraction(0), Fraction(1)
    survival = exact_survival(people + expiries, censored)
    for at in range(13):
        at_risk = sum(each >= at for each in people + expiries + censored)
        total += before * Fraction(people.count(at), at_risk) if at_risk else 0
        before = survival.get(at, before)
        exact.append(float(total))
    [human] = incidences(kaplan_meier(people + expiries, censored), range(13), people)
    assert human == pytest.approx(exact)


@given(few_times, few_times)
def test_incidence_without_open_cases_is_the_share_so_far(
    people: list[int], expiries: list[int]
) -> None:
    curve = kaplan_meier(people + expiries, [])
    at = sorted({*people, *expiries})
    [human] = incidences(curve, at, people)
    for until, share in zip(at, human, strict=True):
        expected = sum(each <= until for each in people) / len(people + expiries)
        assert share == pytest.approx(expected)


def test_incidence_weighs_each_event_by_those_still_waiting_before_it() -> None:
    # 1: person (5 at risk); 2: expiry (4); 3: open; 4: person (2); 5: open
    curve = kaplan_meier([1, 2, 4], [3, 5])
    human, expired = incidences(curve, (1, 2, 4), [1, 4], [2])
    assert human == pytest.approx([0.2, 0.2, 0.2 + 0.6 / 2])
    assert expired == pytest.approx([0, 0.8 / 4, 0.2])


def test_hundred_thousand_cases_take_no_quadratic_time() -> None:
    times = [(index * 7919) % 100_003 + 0.5 for index in range(100_000)]
    begin = time.process_time()
    assert kaplan_meier(times[::2], times[1::2]).median().value is not None
    assert time.process_time() - begin < 2  # about 0.1 s; a quadratic one takes minutes
