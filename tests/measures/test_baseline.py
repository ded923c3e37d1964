"""A baseline from CSV: what is read, and what is refused with its line and column."""

from datetime import UTC, datetime

import pytest

from bot.measures.baseline import Baseline, BaselineError, read
from bot.measures.half_life import HALF_LIFE
from bot.measures.incidence import INCIDENCE
from bot.measures.responses import TIME_TO_ACKNOWLEDGE
from bot.measures.shares import EXPIRED_SHARE, HUMAN_SHARE, SHARE_BY_OUTCOME

from .build import NOW

FREIREICH = """time,resolved
6,1\n6,1\n6,1\n7,1\n10,1\n13,1\n16,1\n22,1\n23,1
6,0\n9,0\n10,0\n11,0\n17,0\n19,0\n20,0\n25,0\n32,0\n32,0\n34,0\n35,0
"""


def of(text: str) -> Baseline:
    return read(text, "old.csv", NOW)


def durations(text: str) -> list[tuple[float, bool]]:
    return [(case.time, case.resolved) for case in of(text).cases]


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(BaselineError) as refused:
        of(text)
    return refused.value.problems


def test_published_figures_from_a_file_in_weeks() -> None:
    figures = of(FREIREICH).figures()
    assert figures.unit == "unit of the file"
    assert (figures.n, figures.resolved, figures.open) == (21, 9, 12)
    half_life = figures.of(HALF_LIFE)
    assert (half_life.value, half_life.low, half_life.high) == (23, 13, None)


def test_times_of_detection_and_resolution_are_measured_in_seconds() -> None:
    text = (
        "detected_at,resolved_at\n"
        "2026-11-20T09:00:00Z,2026-11-20T09:47:00Z\n"
        "2026-11-20T09:00:00+01:00,2026-11-20T09:00:00Z\n"
        "2026-11-20T11:00:00Z,\n"
    )
    assert of(text).unit == "seconds"
    assert durations(text) == [(2820, True), (3600, True), (3600, False)]


def test_a_time_without_zone_is_utc() -> None:
    assert durations("detected_at,resolved_at\n2026-11-20 11:30,\n") == [(1800, False)]


def test_order_and_case_of_columns_and_further_ones_do_not_matter() -> None:
    text = "Note,RESOLVED_AT, detected_at\nx,2026-11-20T09:01Z,2026-11-20T09:00Z\n"
    assert durations(text) == [(60, True)]


def test_a_column_that_is_not_used_may_come_twice() -> None:
    assert durations("time,resolved,label,label\n4,1,a,b\n") == [(4, True)]


def test_byte_order_mark_crlf_and_blank_lines_are_tolerated() -> None:
    assert durations("\ufefftime,resolved\r\n\r\n4,1\r\n , \r\n5,0\r\n\r\n") == [
        (4, True),
        (5, False),
    ]


def test_a_row_may_end_early_after_its_times_or_have_blank_cells_more() -> None:
    assert durations("time,resolved,team\n4,1\n5,0,search,,\n") == [(4, True), (5, False)]


@pytest.mark.parametrize("word", ["1", "true", "Yes", "TRUE"])
def test_words_for_resolved(word: str) -> None:
    assert durations(f"time,resolved\n1.5,{word}\n") == [(1.5, True)]


@pytest.mark.parametrize("word", ["0", "false", "No"])
def test_words_for_open(word: str) -> None:
    assert durations(f"time,resolved\n0,{word}\n") == [(0, False)]


def test_optional_columns_feed_the_groups() -> None:
    figures = of(
        "time,resolved,policy,team,severity,outcome\n"
        "3,1,pii,search,high,approved\n4,1,pii,,low,expired\n5,0,drift,search,low,approved\n"
    ).figures()
    assert set(figures.by_policy) == {"pii", "drift"}
    assert set(figures.by_team) == {"search", "(none)"}
    assert set(figures.by_severity) == {"high", "low"}
    assert figures.of(SHARE_BY_OUTCOME) == {"approved": 0.5, "expired": 0.5}
    assert (figures.of(HUMAN_SHARE), figures.of(EXPIRED_SHARE)) == (0.5, 0.5)


def test_without_outcomes_nothing_is_claimed_about_who_decided() -> None:
    figures = of("time,resolved\n3,1\n").figures()
    assert (figures.of(HUMAN_SHARE), figures.of(EXPIRED_SHARE)) == (None, None)
    assert figures.of(INCIDENCE) is None


def test_a_baseline_knows_nothing_of_acknowledgements() -> None:
    figures = of("time,resolved\n3,1\n").figures()
    assert figures.of(TIME_TO_ACKNOWLEDGE).at_least is None


def test_a_header_alone_is_a_baseline_of_no_cases() -> None:
    assert of("time,resolved\n").figures().n == 0


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("soon,", "detected_at: found 'soon', need a time such as 2026-11-20T09:12:00Z"),
        (",", None),
        (",2026-11-20T09:00Z", "detected_at: found nothing, need a time such as"),
        ("2026-11-20,", "detected_at: found '2026-11-20', need a time such as"),
        ("2026-11-20T09:00Z", "resolved_at: found no cell, need one, though it be empty"),
        (
            "2026-11-20T09:00Z,2026-11-20T08:59Z",
            "resolved_at: found '2026-11-20T08:59Z', need a time not before detected_at",
        ),
        (
            "2026-11-20T09:00Z,2026-11-20T10:00",
            "resolved_at: found '2026-11-20T10:00', need a zone in both times or in neither",
        ),
        (
            "2026-11-21T09:00Z,",
            "detected_at: found '2026-11-21T09:00Z', need a time not after now, as it is open",
        ),
        ("2026-11-20T09:00Z,,x", "row: found 3 cells, need 2, as in the header"),
        ('"2026-11-20T09:00Z', "row: found unexpected end of data, need CSV"),
    ],
)
def test_a_bad_row_of_times_is_refused_by_line_and_column(row: str, problem: str | None) -> None:
    text = f"detected_at,resolved_at\n{row}"
    if problem is None:
        assert durations(text) == []
    else:
        [found] = problems(text)
        assert found.startswith(f"old.csv:2: {problem}")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("-1,1", "time: found '-1', need a number, 0 or more"),
        ("nan,1", "time: found 'nan', need a number, 0 or more"),
        ("inf,1", "time: found 'inf', need a number, 0 or more"),
        ("3 d,1", "time: found '3 d', need a number, 0 or more"),
        ("3,maybe", "resolved: found 'maybe', need 1/0, true/false or yes/no"),
        ("3,", "resolved: found '', need 1/0, true/false or yes/no"),
    ],
)
def test_a_bad_row_of_numbers_is_refused_by_line_and_column(row: str, problem: str) -> None:
    assert problems(f"time,resolved\n1,1\n{row}\n") == (f"old.csv:3: {problem}",)


@pytest.mark.parametrize(
    ("text", "found"),
    [("", "nothing"), ("\n\n", "nothing"), ("a;b\n", "a;b"), ("time,time,resolved", "time more")],
)
def test_a_file_without_a_usable_header_is_refused(text: str, found: str) -> None:
    [problem] = problems(text)
    assert f": header: found {found}" in problem


def test_all_bad_rows_are_reported_up_to_ten() -> None:
    with pytest.raises(BaselineError) as refused:
        of("time,resolved\n" + "x,1\n" * 13)
    assert (len(refused.value.problems), refused.value.total) == (10, 13)
    assert refused.value.problems[9].startswith("old.csv:11: time: ")
    assert str(refused.value).endswith("\nand 3 more")


def test_now_matters_to_open_rows_only() -> None:
    text = "detected_at,resolved_at\n2026-11-20T09:00Z,2026-11-20T09:01Z\n"
    [case] = read(text, "old.csv", datetime(2020, 1, 1, tzinfo=UTC)).cases
    assert case.time == 60
