"""What comes from outside is text: however it is drawn at Slack's, nothing of it is drawn."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.integrations.slack.show.blocks import context, option, quoted, section
from bot.integrations.slack.show.links import run
from bot.integrations.slack.show.text import Rendered, escape, outside, plain
from bot.local_slack import drawing
from tests.local_slack.page.reading import READER

MARKS = (
    *("*", "_", "~", "`", "```", ">", "&gt;", ">>>", "<", "&", "&amp;", "|", ":", "\n", " "),
    *("<!channel>", "<!here>", "<@U0ADA>", "<#C0GENERAL>", "<https://evil.test|your bank>"),
    *("https://evil.test", "eve@acme.test", "<!date^0^{date}|x>", "<!subteam^S1>"),
    *(":white_check_mark:", ":+1:", "✅", "\u202e", "\u200b", "\x00", "\ue02a", "\ue03c"),
    *("*bold*", "_italic_", "~struck~", "`code`", "a", "b1", "Approved by val", "é", "字"),
)
texts = st.lists(st.sampled_from(MARKS) | st.characters(), max_size=12).map("".join) | st.text()
TAG = re.compile(r"<(?!br>)[^>]*>")
# By these is shown what would draw something where Slack parses.
LOOK_ALIKES = str.maketrans("\u2217\u02cd\u223c\u02cb\ua789\u203a", "*_~`:>")
CASE = "*URGENT* ~no PII~ `rm` _x_ :white_check_mark: approved by privacy"


def seen(markup: str) -> str:
    """The words that a reader sees, where nothing is drawn."""
    assert not TAG.search(markup.replace("<p>", "").replace("</p>", "")), markup
    words = re.sub(r"<br>|</?p>", lambda tag: "\n" if tag[0] == "<br>" else "", markup)
    return html.unescape(words).replace("\N{NO-BREAK SPACE}", " ")


def as_typed(text: str) -> str:
    return plain(text, 300).replace("\N{NO-BREAK SPACE}", " ")


@settings(max_examples=300, deadline=None)
@given(texts)
@example(CASE)
def test_in_paragraphs_it_stands_as_it_was_typed(text: str) -> None:
    shown = drawing.rich_text(section(f"{outside(text, 300)}"), READER)
    assert seen(shown) == as_typed(text)


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from(["", " ", "(", "a"]), st.sampled_from(["", " ", ")", "a"]))
@example(CASE, "", "")
def test_where_slack_parses_look_alikes_stand_for_what_would_draw(
    text: str, before: str, after: str
) -> None:
    around = f"{before}{outside(text, 300)}{after}"
    (small,) = context(around)["elements"]
    for written in (small["text"], Rendered(around, []).text):
        words = seen(drawing.mrkdwn(written, READER, verbatim=True)).translate(LOOK_ALIKES)
        assert words == f"{before}{as_typed(text)}{after}".translate(LOOK_ALIKES)


@given(st.text("_*~`:&a/", max_size=12))
def test_an_address_stays_what_it_is_wherever_it_is_linked_to(path: str) -> None:
    address = f"https://acme.test/{path}"
    linked = run(address)
    (small,) = context(linked)["elements"]
    (element,) = section(linked)["elements"][0]["elements"]
    assert small["text"] == f"<{address.replace('&', '&amp;')}|Run>"
    assert element["url"] == address


@settings(max_examples=150, deadline=None)
@given(texts)
def test_a_quote_quotes_its_lines_and_draws_nothing_else(text: str) -> None:
    (block,) = quoted("*Why*", text)
    shown = drawing.rich_text(block, READER).removeprefix("<p><b>Why</b></p>")
    words = seen(re.sub(r"</?blockquote>", "", shown))
    assert words.split() == plain(text, 10**6).removeprefix("-" if not shown else "").split()


@given(texts)
def test_a_choice_in_a_menu_draws_no_emoji(text: str) -> None:
    said = option(plain(text, 75), "x")["text"]
    assert seen(drawing.plain(said["text"], emoji=said["emoji"])) == plain(text, 75)


@pytest.mark.parametrize("mark", ["*", "_", "~", "`", ":white_check_mark:"])
def test_the_bots_own_marks_do_draw(mark: str) -> None:
    """Or the properties above would hold of a renderer that draws nothing."""
    text = mark if mark.startswith(":") else f"{mark}x{mark}"
    assert drawing.mrkdwn(text, READER) != text
    assert (
        drawing.mrkdwn(Rendered(escape(text), []).text, READER) == Rendered(escape(text), []).text
    )
