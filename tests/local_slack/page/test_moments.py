"""Moments, in the zone of who reads them."""

from collections.abc import Callable

import pytest
from markupsafe import Markup

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text import date, markdown, mrkdwn
from tests.local_slack.page.reading import AWAY, DAY, NOW, READER, rich, section


@pytest.mark.parametrize("render", [mrkdwn, markdown])
def test_a_moment_is_shown_where_the_reader_is(render: Callable[[str, Reader], Markup]) -> None:
    shown = render(f"<!date^{NOW}^{{date_short_pretty}} at {{time}}|then>", READER)
    assert '<time datetime="2026-11-20T13:00:00+00:00">Today at 2:00 PM</time>' in shown


def test_a_moment_can_be_a_link() -> None:
    shown = mrkdwn(f"<!date^{NOW}^{{time}}^https://a.test|then>", READER)
    assert shown.startswith(f'<a href="https://a.test" {AWAY}><time ')


@pytest.mark.parametrize("moment", ["999999999999^{date}", "soon^{date}", "5"])
def test_a_moment_of_no_calendar_is_its_fallback(moment: str) -> None:
    assert mrkdwn(f"<!date^{moment}|then &amp; there>", READER) == "then &amp; there"


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("{date_num}", "2026-11-20"),
        ("{date_slash}", "11/20/2026"),
        ("{date}", "November 20th"),
        ("{date_short}", "Nov 20"),
        ("{date_long}", "Friday, November 20th"),
        ("{date_long_full}", "November 20th, 2026"),
        ("{date_pretty}", "Today"),
        ("due {date_short_pretty}", "due today"),
        ("{day_divider_pretty}", "Today"),
        ("{time}", "2:00 PM"),
        ("{time_secs}", "2:00:00 PM"),
        ("{ago}", "just now"),
        ("{other} {date", "{other} {date"),
    ],
)
def test_every_token_of_a_moment(token: str, shown: str) -> None:
    assert date(NOW, token, READER) == shown


@pytest.mark.parametrize(
    ("later", "token", "shown"),
    [
        (10 * 3600 - 1, "{date_pretty}", "Today"),
        (10 * 3600, "{date_pretty} {time}", "Tomorrow 12:00 AM"),
        (-15 * 3600, "{date_long_pretty}", "Yesterday"),
        (2 * DAY, "{date_short_pretty}", "Nov 22"),
        (-30 * DAY, "{date_long_pretty}", "Wednesday, October 21st"),
        (-300 * DAY, "{date_short}", "Jan 24, 2026"),
        (-300 * DAY, "{day_divider_pretty}", "Saturday, January 24th"),
        (300 * DAY, "{day_divider_pretty}", "Thursday, September 16th, 2027"),
        (-61, "{ago}", "1 minute ago"),
        (-3 * DAY, "{ago}", "3 days ago"),
        (7200, "{ago}", "in 2 hours"),
    ],
)
def test_days_and_spans_are_counted_from_the_readers_now(
    later: int, token: str, shown: str
) -> None:
    assert date(NOW + later, token, READER) == shown


def test_a_moment_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(ValueError, match=r"in no calendar|out of range"):
        date(10**15, "{date}", READER)


def test_a_moment_in_rich_text_falls_back() -> None:
    moment = {"type": "date", "timestamp": NOW, "format": "{time}", "fallback": "then"}
    assert ">2:00 PM</time>" in rich(section(moment))
    assert rich(section({**moment, "timestamp": 10**15})) == "<p>then</p>"
