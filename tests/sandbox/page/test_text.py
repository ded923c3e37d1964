"""Slack's formats as HTML: what each mark means, and that nothing from outside is markup."""

from collections.abc import Callable
from datetime import UTC
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bot.sandbox.config import Person, StartingChannel, Usergroup, WorkspaceConfig
from bot.sandbox.errors import SlackError
from bot.sandbox.page.reader import Reader
from bot.sandbox.page.text import date, markdown, mrkdwn, plain, rich_text, snippet
from bot.sandbox.state.workspace import Workspace
from tests.sandbox.support import ADA, BEA, BOT, VAL

NOW = 1_795_179_600  # 20 November 2026, 13:00 UTC, a Friday
DAY = 86_400
AWAY = 'target="_blank" rel="noopener noreferrer"'
READER = Reader(
    user=ADA,
    tz=ZoneInfo("Europe/Berlin"),
    now=NOW,
    people={ADA: "Ada", VAL: "Val <b>"},
    channels={"C0GENERAL": "general"},
    usergroups={"S0SEC": "security"},
)


def section(*elements: object) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*parts: object) -> str:
    return rich_text({"type": "rich_text", "elements": list(parts)}, READER)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _italic_ ~struck~ `code`", "<b>bold</b> <i>italic</i> <s>struck</s> <code>code"),
        ("*bold _both_*", "<b>bold <i>both</i></b>"),
        ("*Policy pii:* x", "<b>Policy pii:</b> x"),
        ("(*x*), *y*.", "(<b>x</b>), <b>y</b>."),
        ("_foo_bar_", "<i>foo_bar</i>"),
        ("*a * b*", "<b>a * b</b>"),
        ("*`x*y` z*", "<b><code>x*y</code> z</b>"),
    ],
)
def test_marks_at_the_edges_of_words_are_styles(text: str, shown: str) -> None:
    assert mrkdwn(text, READER).startswith(shown)


@pytest.mark.parametrize(
    "text",
    [
        *("2*3*4", "snake_case_name", "__init__", "**x**", "* a*", "*a *", "*a", "src/*/test/*"),
        *("*a\nb*", "a`b`c", "`open", "```open", "1. x", "- x", "• x", "~/a ~/b"),
        *("10:30:45", ":no_such_name:"),
    ],
)
def test_marks_elsewhere_are_text(text: str) -> None:
    assert mrkdwn(text, READER) == text.replace("\n", "<br>")


def test_each_line_stands_on_its_own() -> None:
    assert mrkdwn("• x\n\n- y\r\n  z", READER) == "• x<br><br>- y<br>\u00a0\u00a0z"


def test_nothing_but_entities_is_parsed_in_code() -> None:
    inside = "*x* <@U0ADA> :x: https://a.test &amp;lt;"
    shown = "*x* &lt;@U0ADA&gt; :x: https://a.test &amp;lt;"
    assert mrkdwn(f"`{inside}`", READER) == f"<code>{shown}</code>"
    assert mrkdwn(f"a\n```\n{inside}\n  b\n```\nc", READER) == f"a<pre>{shown}\n  b</pre>c"


def test_quoted_lines_are_one_quote() -> None:
    quote = "<blockquote>b<br><b>c</b></blockquote>"
    assert mrkdwn("a\n> b\n&gt;*c*\nd", READER) == f"a{quote}d"


def test_after_three_marks_all_is_quoted() -> None:
    shown = mrkdwn("a\n>>> b\n&gt; c\n```d```\ne", READER)
    assert shown == "a<blockquote>b<br>&gt; c<pre>d</pre>e</blockquote>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<https://a.test/?x=1&amp;y=2|A&lt;*b*>", "https://a.test/?x=1&amp;y=2|A&lt;*b*"),
        ("<https://a.test>", "https://a.test|https://a.test"),
        ("<mailto:a@b.test>", "mailto:a@b.test|a@b.test"),
        ("<mailto:a@b.test|Ada>", "mailto:a@b.test|Ada"),
        ("https://a.test/b_c_d", "https://a.test/b_c_d|https://a.test/b_c_d"),
    ],
)
def test_addresses_become_links_that_open_elsewhere(text: str, shown: str) -> None:
    address, label = shown.split("|")
    assert mrkdwn(text, READER) == f'<a href="{address}" {AWAY}>{label}</a>'


def test_the_punctuation_after_an_address_is_not_of_it() -> None:
    shown = mrkdwn("(https://a.test/(b)), *https://c.test*.", READER)
    one = f'<a href="https://a.test/(b)" {AWAY}>https://a.test/(b)</a>'
    two = f'<a href="https://c.test" {AWAY}>https://c.test</a>'
    assert shown == f"({one}), <b>{two}</b>."


def test_in_verbatim_text_only_written_links_are_links() -> None:
    assert mrkdwn("https://a.test", READER, verbatim=True) == "https://a.test"
    assert "href" in mrkdwn("<https://a.test>", READER, verbatim=True)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//a.test", "ftp:x"]
)
def test_other_schemes_are_text(address: str) -> None:
    assert mrkdwn(f"<{address}|x>", READER) == f"&lt;{address}|x&gt;"
    assert "href" not in markdown(f"[x]({address}) ![y]({address})", READER)
    assert rich(section({"type": "link", "url": address})) == f"<p>{address}</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U0ADA>", '<span class="mention me">@Ada</span>'),
        ("<@U0VAL|boss>", '<span class="mention">@Val &lt;b&gt;</span>'),
        ("<@U0NOBODY>", '<span class="mention">@U0NOBODY</span>'),
        (
            "<#C0GENERAL>",
            '<a class="mention" data-go href="?as=U0ADA&amp;in=C0GENERAL">#general</a>',
        ),
        ("<#C0SECRET|secret>", '<span class="mention">#private channel</span>'),
        ("<!here>", '<span class="mention">@here</span>'),
        ("<!channel|x>", '<span class="mention">@channel</span>'),
        ("<!subteam^S0SEC>", '<span class="mention">@security</span>'),
        ("<!subteam^S0OTHER|@ops>", '<span class="mention">@ops</span>'),
        ("<!nothing>", "&lt;!nothing&gt;"),
        ("&lt;!here&gt;", "&lt;!here&gt;"),
    ],
)
def test_mentions_name_what_the_reader_knows(text: str, shown: str) -> None:
    assert mrkdwn(text, READER) == shown
    assert markdown(text, READER) == f"<p>{shown}</p>\n"


def test_no_link_stands_in_a_link() -> None:
    shown = markdown("[a <#C0GENERAL> ![b](https://c.test)](https://d.test)", READER)
    assert shown == f'<p><a href="https://d.test" {AWAY}>a &lt;#C0GENERAL&gt; b</a></p>\n'


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


@pytest.mark.parametrize(
    ("name", "face"),
    [
        (":white_check_mark:", "✅"),
        (":large_green_circle:", "🟢"),
        (":flag-de:", "🇩🇪"),
        (":wave::skin-tone-2:", "👋🏻"),
        (":flag-xx:", ":flag-xx:"),
    ],
)
def test_emoji_go_by_slacks_names(name: str, face: str) -> None:
    assert mrkdwn(name, READER) == plain(name) == face


def test_plain_text_is_never_parsed() -> None:
    text = "*x* <@U0ADA> https://a.test :x:\n  &amp;"
    shown = "*x* &lt;@U0ADA&gt; https://a.test {}<br>\u00a0\u00a0&amp;amp;"
    assert plain(text) == shown.format("❌")
    assert plain(text, emoji=False) == shown.format(":x:")


def test_markdown_is_commonmark_without_html_and_pictures() -> None:
    shown = markdown("# H\n**b** ~~s~~ <i>x</i>\ny :x: ![p](https://a.test/p.png)\n\n- z", READER)
    picture = f'<a href="https://a.test/p.png" {AWAY}>p</a>'
    words = f"<strong>b</strong> <s>s</s> &lt;i&gt;x&lt;/i&gt;<br>\ny ❌ {picture}"
    assert shown == f"<h1>H</h1>\n<p>{words}</p>\n<ul>\n<li>z</li>\n</ul>\n"


def test_a_markdown_link_to_nowhere_is_no_link() -> None:
    assert markdown("[x]() ![y]()", READER) == "<p><a>x</a> y</p>\n"


def test_what_markdown_escapes_is_no_mention() -> None:
    assert "mention" not in markdown("\\<@U0ADA> &lt;@U0ADA&gt; `<@U0ADA>`", READER)


def test_markdown_tables_have_no_inline_styles() -> None:
    assert '<td class="align-right">1</td>' in markdown("|a|\n|-:|\n|1|", READER)


def test_rich_text_shows_each_element() -> None:
    both = {"bold": True, "italic": True, "strike": True, "underline": True, "code": True}
    shown = rich(
        section(
            {"type": "text", "text": "*a* &amp; :x:\nb", "style": {"bold": True}},
            {"type": "text", "text": "c", "style": both},
            {"type": "link", "url": "https://a.test", "text": "d"},
            {"type": "user", "user_id": ADA},
            {"type": "channel", "channel_id": "C0SECRET"},
            {"type": "usergroup", "usergroup_id": "S0SEC"},
            {"type": "broadcast", "range": "here"},
            {"type": "emoji", "name": "x"},
            {"type": "emoji", "name": "ours", "unicode": "1f44b-1f3fd"},
            {"type": "color", "value": "#F405B3"},
        )
    )
    assert shown == (
        "<p><b>*a* &amp;amp; :x:<br>b</b><u><s><i><b><code>c</code></b></i></s></u>"
        f'<a href="https://a.test" {AWAY}>d</a><span class="mention me">@Ada</span>'
        '<span class="mention">#private channel</span><span class="mention">@security</span>'
        '<span class="mention">@here</span>❌👋🏽#F405B3</p>'
    )


def test_rich_text_has_lists_quotes_and_code() -> None:
    one = section({"type": "text", "text": "a"})
    numbered = {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [one]}
    bullets = {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [one]}
    quote, code = {**one, "type": "rich_text_quote"}, {**one, "type": "rich_text_preformatted"}
    assert rich(numbered, bullets, quote, code) == (
        '<ol class="indent-0" start="3"><li>a</li></ol><ul class="indent-1"><li>a</li></ul>'
        "<blockquote>a</blockquote><pre>a</pre>"
    )


def test_a_moment_in_rich_text_falls_back() -> None:
    moment = {"type": "date", "timestamp": NOW, "format": "{time}", "fallback": "then"}
    assert ">2:00 PM</time>" in rich(section(moment))
    assert rich(section({**moment, "timestamp": 10**15})) == "<p>then</p>"


def test_what_is_unknown_in_rich_text_is_left_out() -> None:
    strange: list[object] = [3, None, {}, {"type": "text"}, {"type": "user", "user_id": 3}, []]
    assert rich(*strange, section(*strange), {"type": "rich_text_section"}) == "<p></p><p></p>"
    assert rich_text({"elements": "x"}, READER) == ""


def test_a_snippet_is_one_line_of_words() -> None:
    text = "*Hi* <@U0ADA>,\n> &lt;b&gt; <https://a.test|here>\n```x```"
    assert snippet(text, READER) == "Hi @Ada, <b> here x"
    assert snippet("abc " * 100, READER, 10) == "abc abc a…"


def test_a_reader_knows_what_the_workspace_lets_them_know() -> None:
    config = WorkspaceConfig(
        people=(
            Person(id=ADA, name="ada", real_name="Ada Byron", tz="America/New_York"),
            Person(id=VAL, name="val", tz="No/Where"),
            Person(id=BEA, name="bea", tz=""),
        ),
        bot_name="War room",
        usergroups=(Usergroup(id="S1", handle="sec"),),
        channels=(
            StartingChannel(id="C1", name="general"),
            StartingChannel(id="C2", name="secret", private=True, members=(ADA,)),
        ),
    )
    workspace = Workspace(config, clock=lambda: NOW)
    workspace.conversations.direct([ADA])
    reader = Reader.of(workspace, ADA)
    assert (reader.now, reader.tz) == (NOW, ZoneInfo("America/New_York"))
    assert reader.people == {ADA: "Ada", VAL: "val", BEA: "bea", BOT: "War room"}
    assert (reader.channels, reader.usergroups) == (
        {"C1": "general", "C2": "secret"},
        {"S1": "sec"},
    )
    assert Reader.of(workspace, VAL).channels == {"C1": "general"}
    assert Reader.of(workspace, VAL).tz is Reader.of(workspace, BEA).tz is UTC
    with pytest.raises(SlackError, match="user_not_found"):
        Reader.of(workspace, "U0NOBODY")


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
