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
        ("999999999s", timedelta(seconds=999999999)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_duration_is_read_as_people_write_it(written: str, length: timedelta) -> None:
    assert duration.typed(written) == length


@pytest.mark.parametrize(
    "written", ["", "soon", "10", "0 min", "1h90", "2 moons", "-1h", "1 hour ago", "\u0661h"]
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
        ("1h 2 people are away", HOUR, "2 people are away"),
        ("1 hour 30 minutes 2 people", timedelta(minutes=90), "2 people"),
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
    ],
)
def test_an_end_stands_before_its_reason_and_a_moment_is_in_the_writers_zone(
    words: str, end: timedelta | str, rest: str
) -> None:
    read = moments.leading(words)
    assert read
    found, left = read
    if isinstance(found, moments.Wall):
        assert found.after(NOW, PARIS) == datetime.fromisoformat(f"{end}+00:00")
    else:
        assert found == end
    assert left == rest


@pytest.mark.parametrize(
    "words", ["", "soon", "tomorrow", "friday because", "25:00", "13pm", "9", "2026-13-01 9:00"]
)
def test_what_names_no_end_is_none(words: str) -> None:
    assert moments.leading(words) is None


def test_a_moment_keeps_its_hour_where_summer_time_ends() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    read = moments.leading("tomorrow 9:00")
    assert read
    assert isinstance(read[0], moments.Wall)
    assert read[0].after(before, PARIS) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)
