"""Nothing that comes from outside is markup."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.local_slack.page.text import markdown, mrkdwn, plain, snippet
from tests.build import ADA
from tests.local_slack.page.reading import READER, rich

PLAIN_TAGS = (
    *("b", "i", "s", "u", "em", "strong", "br", "hr", "p", "pre", "li", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr"),
)
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "target", "rel", "class", "data-go", "title"},
    "span": {"class"},
    "time": {"datetime"},
    "ol": {"class", "start"},
    **{tag: {"class"} for tag in ("ul", "code", "th", "td")},
    **{tag: set() for tag in PLAIN_TAGS},
}
SAFE = ("http://", "https://", "mailto:", "?as=")


class Checked(HTMLParser):
    """Refuses every tag and attribute that is not meant, and collects the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.open = "", list[str]()
        self.feed(str(html))
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= ATTRIBUTES[tag]
        assert tag != "a" or "a" not in self.open
        assert all(
            (value or "").lower().startswith(SAFE) for name, value in attrs if name == "href"
        )
        if tag not in {"br", "hr"}:
            self.open.append(tag)
        self.words += "\n" * (tag == "br")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


HOSTILE = [
    *"<>&\"'*_~`|^#!@[]()\\\n :-",
    *("```", "&gt;", "&lt;", "&amp;", ">>>", "<script>", "</b>", "<!--", "<a href='x'>", "\ud800"),
    *("javascript:alert(1)", "https://a.test/", "mailto:x", '" onclick="x', "data:text/html,"),
    *("<https://a|", "<javascript:x|", "<@U0ADA>", "<#C0GENERAL>", "<#C0|", "<!here>", "&#60;"),
    *("<!date^1^{date}^javascript:x|", "<!date^1^{time}^https://x|", "<!subteam^S1|", ":x:", "\0"),
    *(
        "![x](",
        "[x](",
        "](https://a.test)",
        "**",
        "# ",
        "|-|\n",
        "    ",
        "<https://a.test>",
        "\u202e",
    ),
]
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=3), max_size=30).map("".join)
KINDS = [
    *("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted", "bullet"),
    *("text", "link", "user", "usergroup", "channel", "emoji", "date", "broadcast", "color"),
    *("ordered", "here", ADA, "C0GENERAL", "1f600", "https://a.test"),
]
KEYS = ["url", "text", "user_id", "usergroup_id", "channel_id", "name", "unicode", "timestamp"]
KEYS += ["format", "fallback", "range", "value", "style", "indent", "offset", "bold", "code"]
VALUES = st.sampled_from(KINDS) | TEXTS | st.integers() | st.booleans() | st.none()
PARTS = st.recursive(
    VALUES,
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS)},
        optional={"elements": st.lists(inner, max_size=4), **dict.fromkeys(KEYS, inner)},
    ),
    max_leaves=12,
)


@given(text=TEXTS)
def test_hostile_text_is_never_markup(text: str) -> None:
    for render in (mrkdwn, markdown):
        Checked(render(text, READER)).words.encode()
    Checked(mrkdwn(text, READER, verbatim=True))
    snippet(text, READER).encode()


@given(parts=st.lists(PARTS, max_size=4))
def test_hostile_rich_text_is_never_markup(parts: list[object]) -> None:
    Checked(rich(*parts))


@pytest.mark.parametrize(
    "text", ["{}", "`{}`", "```\n{}\n```", "    {}", "[{0}](https://{0} '{0}')"]
)
def test_half_a_character_does_not_break_the_page(text: str) -> None:
    half = text.format("\ud800")
    for render in (mrkdwn, markdown):
        assert "?" in render(half, READER).encode().decode()


@given(text=TEXTS)
def test_plain_text_shows_every_character(text: str) -> None:
    text = text.replace("\ud800", "").replace("\r", "").replace("\u00a0", " ")
    assert Checked(plain(text, emoji=False)).words.replace("\u00a0", " ") == text


@given(text=TEXTS, length=st.integers(1, 50))
def test_a_snippet_keeps_its_length(text: str, length: int) -> None:
    shown = snippet(text, READER, length)
    assert len(shown) <= length
    assert "\n" not in shown
