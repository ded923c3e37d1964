"""Slack's formats as HTML: what each mark means."""

import pytest

from bot.local_slack.page.text import markdown, mrkdwn, plain, rich_text, snippet
from tests.build import ADA
from tests.local_slack.page.reading import AWAY, READER, rich, section


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


def test_an_address_in_a_markdown_links_words_is_no_link_of_its_own() -> None:
    shown = markdown("[see <https://b.test> now](https://c.test) <https://d.test>", READER)
    assert "see https://b.test now</a>" in shown
    assert (shown.count("<a "), shown.count("</a>")) == (2, 2)


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


def test_what_is_unknown_in_rich_text_is_left_out() -> None:
    strange: list[object] = [3, None, {}, {"type": "text"}, {"type": "user", "user_id": 3}, []]
    assert rich(*strange, section(*strange), {"type": "rich_text_section"}) == "<p></p><p></p>"
    assert rich_text({"elements": "x"}, READER) == ""


def test_a_snippet_is_one_line_of_words() -> None:
    text = "*Hi* <@U0ADA>,\n> &lt;b&gt; <https://a.test|here>\n```x```"
    assert snippet(text, READER) == "Hi @Ada, <b> here x"
    assert snippet("abc " * 100, READER, 10) == "abc abc a…"
