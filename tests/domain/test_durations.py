from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import duration, moments
from bot.measures import formatting

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # a Friday
PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("10 minutes", timedelta(minutes=10)),
        ("90 min", timedelta(minutes=90)),
        ("1h30", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("2 Hours", 2 * HOUR),
        ("2hrs", 2 * HOUR),
        ("an hour and 15 mins", timedelta(minutes=75)),
        ("1 day, 4 hours", 28 * HOUR),
        ("half a day", 12 * HOUR),
        ("half an hour", timedelta(minutes=30)),
        ("1.5 hours", timedelta(minutes=90)),
        ("1,5h", timedelta(minutes=90)),
        ("a week", timedelta(days=7)),
        ("an hour and a half", timedelta(minutes=90)),
        ("one and a half hours", timedelta(minutes=90)),
        ("2 days and a half", timedelta(hours=60)),
        ("half hour", timedelta(minutes=30)),
        ("one hour", HOUR),
        ("two hours and five minutes", timedelta(minutes=125)),
        ("twelve hours", 12 * HOUR),
        ("a day and an hour", 25 * HOUR),
        ("999999999s", timedelta(seconds=999999999)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_duration_is_read_as_people_write_it(written: str, length: timedelta) -> None:
    assert duration.typed(written) == length


@pytest.mark.parametrize(
    "written",
    [
        *("", "soon", "10", "0 min", "1h90", "2 moons", "-1h", "1 hour ago", "\u0661h", "2h 30"),
        *("and", "as", "am", "ah", "aw", "a m", "an h", "half s", "onehour", "twos"),
        *("2 hours as", "2 hours a day", "1 hour and a day", "1h 1h", "a second"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_was_found_and_examples(written: str) -> None:
    with pytest.raises(ValueError, match="need a duration such as 90 min, 1h30") as refused:
        duration.typed(written)
    assert repr(written) in str(refused.value)


@pytest.mark.parametrize("written", ["90 min", "1h30", "2 hours", "half a day"])
def test_a_file_has_one_strict_form(written: str) -> None:
    with pytest.raises(ValueError, match="need a duration such as 90s, 15m, 4h or 2d"):
        duration.parse(written)


@given(st.integers(1, 10**8))
def test_what_is_printed_is_read_back_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert duration.typed(duration.text(length)) == length
    assert duration.typed(duration.words(length)) == length
    words = formatting.duration(seconds)
    assert formatting.duration(duration.typed(words).total_seconds()) == words


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused_in_words(written: str) -> None:
    read = moments.leading(written)
    try:
        length = duration.typed(written)
    except ValueError:
        return
    assert length > timedelta(0)
    assert read == (length, "")


@pytest.mark.parametrize(
    ("words", "end", "rest"),
    [
        ("2 hours because of x", 2 * HOUR, "because of x"),
        ("2 hours, because x", 2 * HOUR, "because x"),
        ("2 hours: x", 2 * HOUR, "x"),
        ("2 hours.", 2 * HOUR, ""),
        ("2 hours - x", 2 * HOUR, "x"),
        ("2 hours :fire: x", 2 * HOUR, ":fire: x"),
        ("2h d\u00e9but", 2 * HOUR, "d\u00e9but"),
        ("2h w/ legal", 2 * HOUR, "w/ legal"),
        ("2 hours and then we decide", 2 * HOUR, "and then we decide"),
        ("2 hours as Val is away", 2 * HOUR, "as Val is away"),
        ("1h because 2 people are away", HOUR, "because 2 people are away"),
        ("an hour and a half as x", timedelta(minutes=90), "as x"),
        ("in 2 hours", 2 * HOUR, ""),
        ("for half a day", 12 * HOUR, ""),
        ("9:00 because", "2026-11-21T08:00", "because"),
        ("11:00", "2026-11-20T10:00", ""),
        ("tomorrow 9:00 so that", "2026-11-21T08:00", "so that"),
        ("until friday 17:00", "2026-11-20T16:00", ""),
        ("friday 10:00", "2026-11-27T09:00", ""),
        ("Mon at 9am", "2026-11-23T08:00", ""),
        ("today 5:30 pm", "2026-11-20T16:30", ""),
        ("today 8:00", "2026-11-20T07:00", ""),
        ("noon", "2026-11-20T11:00", ""),
        ("2026-12-01 09:00", "2026-12-01T08:00", ""),
        ("9am tomorrow", "2026-11-21T08:00", ""),
        ("17:00 on Monday: x", "2026-11-23T16:00", "x"),
        ("noon tomorrow because x", "2026-11-21T11:00", "because x"),
        ("tomorrow at 9", "2026-11-21T08:00", ""),
        ("tomorrow 9, x", "2026-11-21T08:00", "x"),
        ("next friday 17:00", "2026-11-27T16:00", ""),
        ("this friday 17:00", "2026-11-20T16:00", ""),
        ("9am next monday", "2026-11-23T08:00", ""),
        ("tues 9:00", "2026-11-24T08:00", ""),
        ("thurs 9 a.m. x", "2026-11-26T08:00", "x"),
        ("midnight", "2026-11-20T23:00", ""),
        ("17:00 UTC x", "2026-11-20T17:00", "x"),
        ("9:00 GMT", "2026-11-21T09:00", ""),
        ("tomorrow 9:00Z", "2026-11-21T09:00", ""),
        ("9:00 UTC tomorrow", "2026-11-21T09:00", ""),
        ("17:00 so that the DPO sees it", "2026-11-20T16:00", "so that the DPO sees it"),
    ],
)
def test_an_end_stands_before_its_reason_and_a_moment_is_in_the_writers_zone(
    words: str, end: timedelta | str, rest: str
) -> None:
    read = moments.leading(words)
    assert read
    found, left = read
    if isinstance(found, moments.WallTime):
        assert found.after(NOW, PARIS) == datetime.fromisoformat(f"{end}+00:00")
    else:
        assert found == end
    assert left == rest


@pytest.mark.parametrize(
    "words",
    [
        *("", "soon", "tomorrow", "friday because", "25:00", "13pm", "9", "2026-13-01 9:00"),
        *(
            "as soon as possible",
            "and then",
            "a second opinion",
            "tomorrow at 5",
            "friday midnight",
        ),
    ],
)
def test_what_names_no_end_is_none(words: str) -> None:
    assert moments.leading(words) is None


@pytest.mark.parametrize("end", ["2h", "2 hours,", "17:00", "9am", "tomorrow 9"])
@pytest.mark.parametrize(
    "more",
    [
        *(
            "30",
            "30 people",
            "2 people are away",
            "and 30",
            "and a quarter",
            "thirty minutes",
            "+2",
        ),
        *("friday", "on tues", "today", "the day after", "midnight", "in the morning", "and a day"),
        *("p.m. tomorrow", "CET", "(CET)", "est because x", "UTC+2", "utc +2", "Europe/Berlin"),
        *("Berlin time", "ago", "before noon", "2026-12-01"),
    ],
)
def test_what_could_change_the_end_is_never_taken_for_a_reason(end: str, more: str) -> None:
    _, reason = moments.leading(f"{end} {more}") or (None, "")
    assert reason == ""


def test_a_moment_keeps_its_hour_where_summer_time_ends() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    read = moments.leading("tomorrow 9:00")
    assert read
    assert isinstance(read[0], moments.WallTime)
    assert read[0].after(before, PARIS) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)
