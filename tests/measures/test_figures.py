"""The figures of a set of cases."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.measures.case import Cases, by_kind
from bot.measures.figures import KEYS, figures
from bot.measures.half_life import HALF_LIFE
from bot.measures.incidence import INCIDENCE, Incidence
from bot.measures.responses import TIME_TO_ACKNOWLEDGE, TIME_TO_FIRST_RESPONSE, Timing
from bot.measures.shares import EXPIRED_SHARE, HUMAN_SHARE, SHARE_BY_OUTCOME

from .build import START, case, observed

MEDIAN = {"value", "low", "high", "at_least"}
GROUP = {
    "n", "resolved", "open", "half_life", "time_to_acknowledge", "time_to_first_response",
    "share_by_outcome", "human_share", "expired_share", "incidence",
}  # fmt: skip
EXPIRY: dict[str, Any] = {"outcome": "expired", "human": False}


def incidence_of(*cases: Cases) -> Incidence:
    incidence = figures(cases).of(INCIDENCE)
    assert incidence is not None
    return incidence


def test_the_half_life_is_in_seconds() -> None:
    result = figures([case(minutes) for minutes in (10, 47, 300)])
    assert (result.unit, result.of(HALF_LIFE).value) == ("seconds", 2820)


def test_open_cases_are_counted_and_not_left_out_of_the_half_life() -> None:
    result = figures([case(10), case(None), case(None)])
    assert (result.n, result.resolved, result.open) == (3, 1, 2)
    assert result.of(HALF_LIFE).value is None


def test_the_published_half_life_in_the_unit_of_the_rows() -> None:
    events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    rows = [observed(week, resolved=True) for week in events]
    rows += [observed(week, resolved=False) for week in censored]
    result = figures(by_kind(rows), "weeks")
    half_life, incidence = result.of(HALF_LIFE), result.of(INCIDENCE)
    assert (half_life.value, half_life.low, half_life.high) == (23, 13, None)
    assert incidence is not None
    assert incidence.horizons == {}


def test_what_stands_in_json_beside_the_measures_is_known_beforehand() -> None:
    """By these keys a measure's name is refused that would take the place of another figure."""
    whole = figures([case(10, **EXPIRY)], measures=()).as_json()
    of_outcome = whole["by_outcome"]["expired"]
    assert whole.keys() | of_outcome.keys() == KEYS


def test_no_cases_give_nulls_and_no_groups() -> None:
    result = figures([]).as_json()
    assert result["half_life"] == dict.fromkeys(MEDIAN)
    assert (result["human_share"], result["expired_share"], result["incidence"]) == (None,) * 3
    assert result["share_by_outcome"] == result["by_policy"] == result["by_outcome"] == {}


def test_json_has_the_agreed_shape() -> None:
    cases = [case(10), case(20, **EXPIRY), case(None, team=None)]
    result = json.loads(json.dumps(figures(cases).as_json()))
    groups = {"by_policy", "by_team", "by_severity", "by_risk_class", "by_outcome"}
    assert set(result) == GROUP | {"unit", "cleared"} | groups
    assert set(result["half_life"]) == MEDIAN
    assert set(result["time_to_acknowledge"]) == MEDIAN | {"n"}
    assert set(result["by_policy"]["pii"]) == GROUP
    assert set(result["by_team"]) == {"search", "(none)"}
    assert set(result["by_severity"]) == {"high"}
    assert set(result["by_outcome"]["expired"]) == GROUP | {"share"}
    assert set(result["incidence"]) == {"human", "expired", "other", "at", "horizons"}


def test_a_case_resolved_without_acknowledgement_is_censored_at_its_resolution() -> None:
    cases = [case(10), case(60, acknowledged=30)]
    # The one resolved after 10 minutes is no longer at risk at 30: one of one acknowledged.
    assert figures(cases).of(TIME_TO_ACKNOWLEDGE) == Timing(1800, None, None, None, n=1)


def test_acknowledgement_not_reached_is_null_with_a_lower_bound() -> None:
    assert figures([case(10)]).of(TIME_TO_ACKNOWLEDGE) == Timing(None, None, None, 600, n=0)


def test_responses_that_were_not_recorded_are_not_known() -> None:
    result = figures(by_kind([observed(5, resolved=True)], responses=False))
    assert result.of(TIME_TO_FIRST_RESPONSE) == Timing(None, None, None, None, n=0)


def test_an_expiry_is_no_human_decision() -> None:
    automatic: dict[str, Any] = {"outcome": "auto_cleared", "human": False}
    cases = [case(1), case(2), case(3, **EXPIRY), case(4, **automatic)]
    result, incidence = figures(cases), incidence_of(*cases)
    assert result.of(SHARE_BY_OUTCOME) == {"approved": 0.5, "auto_cleared": 0.25, "expired": 0.25}
    assert (result.of(HUMAN_SHARE), result.of(EXPIRED_SHARE)) == (0.5, 0.25)
    at_the_end = (incidence.human, incidence.expired, incidence.other)
    assert at_the_end == pytest.approx((0.5, 0.25, 0.25))


def test_shares_are_of_the_resolved_and_incidence_is_of_all() -> None:
    cases = [case(30), case(None)]
    incidence = incidence_of(*cases)
    assert figures(cases).of(HUMAN_SHARE) == 1
    assert (incidence.human, incidence.at) == (0.5, 864000)


def test_incidence_at_a_horizon_counts_what_was_settled_by_then() -> None:
    incidence = incidence_of(case(30), case(180), case(300, **EXPIRY), case(None))
    by = {name: (each.human, each.expired) for name, each in incidence.horizons.items() if each}
    assert by["1h"] == pytest.approx((0.25, 0))
    assert by["4h"] == pytest.approx((0.5, 0))
    assert by["1d"] == by["7d"] == pytest.approx((0.5, 0.25))


def test_incidence_is_null_at_a_horizon_nobody_was_watched_for() -> None:
    incidence = incidence_of(case(30), case(None, now=START + timedelta(hours=2)))
    assert incidence.horizons["1h"] is not None
    assert incidence.horizons["4h"] is None


def test_a_resolution_without_outcome_makes_shares_and_incidence_unknown() -> None:
    result = figures([case(1), case(2, outcome=None)])
    assert (result.of(HUMAN_SHARE), result.of(EXPIRED_SHARE)) == (None, None)
    assert result.of(INCIDENCE) is None
    assert result.of(SHARE_BY_OUTCOME) == {"(none)": 0.5, "approved": 0.5}


def test_groups_are_measured_each_by_itself() -> None:
    result = figures([case(10, team="a"), case(20, team="b"), case(None, team="b")])
    assert {name: group.n for name, group in result.by_team.items()} == {"a": 1, "b": 2}
    assert result.by_team["a"].of(HALF_LIFE).value == 600
    assert result.by_team["b"].of(HALF_LIFE).value == 1200
    assert result.by_team["b"].open == 1


def test_an_outcome_has_its_share_and_its_own_half_life() -> None:
    result = figures([case(10), case(20), case(240, **EXPIRY), case(None)])
    expired = result.by_outcome["expired"]
    assert (expired.n, expired.resolved, expired.open) == (1, 1, 0)
    assert expired.share == pytest.approx(1 / 3)
    assert expired.of(HALF_LIFE).value == 14400
