import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clean_text import clean
from bot.domain.makers import Maker
from bot.domain.person import Person
from bot.integrations import slack
from bot.integrations.slack.show.blocks import option, quoted, section
from bot.integrations.slack.show.participants import several, unknown_label
from bot.integrations.slack.show.text import (
    Rendered,
    clip,
    date,
    escape,
    long,
    mention,
    outside,
    person,
    plain,
    without_mentions,
)
from tests.build import START, ada, room, val, viv
from tests.slack.hostile import HOSTILE
from tests.slack.reading import assert_harmless, words


def test_outside_text_can_neither_mention_nor_link() -> None:
    written = Rendered(outside(HOSTILE, 500), []).text
    assert "<" not in written
    assert "&lt;!channel&gt;" in written


def test_direction_and_control_characters_are_dropped() -> None:
    assert clean("a\u202eb\u2066c\u200bd\x00e\x1bf\ud800g") == "abcdefg"


@pytest.mark.parametrize(
    "end", [end for end in map(chr, range(0x2100)) if end.splitlines() == [""]]
)
def test_words_are_as_far_apart_after_a_line_end_of_any_kind(end: str) -> None:
    assert clean(f"rate{end}limit{end}{end}it") == "rate\nlimit\n\nit"
    assert plain(f"rate{end}limit", 100) == "rate limit"


def test_characters_that_scripts_and_emoji_need_stay() -> None:
    assert clean("👩\u200d🔬 é\n字") == "👩\u200d🔬 é\n字"


def test_one_line_stays_one_line() -> None:
    assert plain("a\r\nb\tc\n\n d", 100) == "a b c d"


def test_nothing_left_is_a_dash_since_slack_refuses_empty_text() -> None:
    assert plain("\u202e\n", 10) == outside("\u202e", 10) == "-"


@given(st.text(alphabet="&<>ab é😀"), st.integers(1, 60))
def test_a_cut_never_parts_an_entity(text: str, most: int) -> None:
    clipped = clip(escape(text), most)
    assert len(clipped) <= most
    cut = Rendered(clipped, []).text
    for letters in ("&amp;", "&lt;", "&gt;"):
        cut = cut.replace(letters, "")
    assert "&" not in cut


@pytest.mark.parametrize("most", range(1, len(escape(HOSTILE)) + 1))
def test_wherever_a_hostile_text_is_cut_it_is_harmless(most: int) -> None:
    for text in (outside(HOSTILE, most), clip(escape(HOSTILE), most)):
        assert_harmless([Rendered(text, []).text])


def test_a_cut_never_parts_a_mention_or_a_link() -> None:
    assert clip("see <https://acme.test|the run>", 20) == "see…"
    assert clip("<@U0ADA> and <@U0VAL>", 17) == "<@U0ADA> and…"


def test_plain_text_is_cut_where_it_is_too_long_whatever_signs_are_in_it() -> None:
    text = f"recall < 0.8 & {'x' * 200}"
    assert plain(text, 100) == f"{text[:99]}…"
    assert Rendered(outside(text, 100), []).text.startswith("recall &lt; 0.8 &amp; xxx")
    for block in (section(outside(text, 100)), option(text, "x"), *quoted("Why", text, 100)):
        assert "recall < 0.8 & xxx" in words(block), block


def test_who_has_no_slack_account_has_a_name_or_an_address() -> None:
    names = {"val": "Val", "email:eve@acme.test": "eve@acme.test", "github:eve": "eve"}
    assert {name: person(Person(name=name)) for name in names} == names


@pytest.mark.parametrize("user", ["!channel", "U1> <!channel", "", "u0ada", "U0ADA|x"])
def test_what_is_no_slack_id_is_never_mentioned(user: str) -> None:
    assert "<" not in mention(user)


def test_mentions_say_how_many_more_there_are() -> None:
    names = (ada.name, val.name, viv.name)
    assert several(room(), names, most=2) == "<@U0ADA>, <@U0VAL> and 1 more"


def test_a_moment_is_in_the_readers_time_zone_with_utc_as_fallback() -> None:
    shown = "<!date^1795165200^{date_short_pretty} at {time}|20 Nov 2026 09:00 UTC>"
    assert date(START) == shown


def test_no_text_has_a_word_before_a_moment_that_cannot_stand_there() -> None:
    """Slack shows `Today at 13:00`: nothing ends `on` that, and nothing happened `at` it."""
    said = {path: path.read_text() for path in Path(slack.__path__[0]).rglob("*.py")}
    assert sum(text.count("{date(") for text in said.values()) > 10
    for path, text in said.items():
        assert not re.search(r"\b(on|at|in) \{date\(", text), path


def test_durations_read_as_people_say_them() -> None:
    assert long(timedelta(hours=4)) == "4 h"


def test_names_take_the_place_of_mentions_where_nobody_is_to_be_called() -> None:
    """Of these people only, in what is formatted only; whom no file names has their account.

    A name of `people.yaml` begins with a capital, as names do.
    """
    unnamed = Person(name="slack:U0NEW", accounts=("slack:U0NEW",))
    said = "<@U0VAL> asks <@U0NEW>, not <@U0JUDE>"
    typed = {"type": "section", "text": {"type": "plain_text", "text": "<@U0VAL>"}}
    message = Rendered(said, [section(said), typed])
    quiet = without_mentions(message, [val, unnamed])
    assert quiet.text == "Val asks U0NEW, not <@U0JUDE>"
    assert words(quiet.blocks[0]) == quiet.text
    assert quiet.blocks[1] == typed


def test_a_slack_account_that_nobody_knows_is_shown_by_its_name_in_slack() -> None:
    maker = Maker(accounts=("slack:U0BOT", "email:eve@acme.test", "github:eve"))
    assert unknown_label(maker) == "<@U0BOT> / eve@acme.test / eve at GitHub"
