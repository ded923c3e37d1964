"""`markdown` blocks: CommonMark with tables and struck words, as Slack takes it.

Rules
- HTML in it is text, and no picture is loaded: a picture is a link.
- Mentions and moments between `<` and `>` are Slack's, as in mrkdwn; escaped ones are text.
- A line's end is a line's end.
"""
# ruff: noqa: ARG002, N802 - the signatures and a name are those of the parser's own methods

from collections.abc import Sequence
from re import compile as pattern

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text.leaves import link, linkable, sound, words
from bot.local_slack.page.text.references import mention

_REFERENCE = pattern(r"<([@#!][^<>\n]+)>")


def markdown(text: str, reader: Reader) -> Markup:
    """The text of a `markdown` block as `reader` sees it."""
    shown = _PARSER.render(sound(text), {"reader": reader})
    return Markup(shown)  # noqa: S704 - HTML is off, and the rules below escape


class _Renderer(RendererHTML):
    """CommonMark's HTML, with links that open elsewhere, links for pictures, and Slack's words."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return words(tokens[idx].content)

    def reference(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return mention(tokens[idx].content, env["reader"]) or ""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[idx]
        if _in_link(tokens[:idx]):  # an address in a link's words is a link for the parser
            return ""
        if token.attrs.get("href"):
            token.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
        else:  # `[x]()` is a link for the parser
            token.attrs.clear()
        return self.renderToken(tokens, idx, options, env)

    def link_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        if _in_link(tokens[: idx + 1]):
            return ""
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        address = str(token.attrs["src"])
        label = self.renderInlineAsText(token.children, options, env) or address
        if _in_link(tokens[:idx]) or not address:
            return words(label)
        return link(address, words(label))

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # An inline style is refused by a page that is strict about where styles come from.
        token = tokens[idx]
        align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
        token.attrs |= {"class": f"align-{align}"} if align else {}
        return self.renderToken(tokens, idx, options, env)

    td_open = th_open


def _in_link(before: Sequence[Token]) -> bool:
    return sum(token.nesting for token in before if token.tag == "a") > 0


class _Parser(MarkdownIt):
    """A parser with the addresses that are linkable anywhere."""

    def validateLink(self, url: str) -> bool:
        return linkable(url)


def _reference(state: StateInline, silent: bool) -> bool:
    found = _REFERENCE.match(state.src, state.pos)
    if found is None or state.linkLevel > 0:  # a mention can be a link, and no link stands in one
        return False
    if mention(found.group(1), state.env["reader"]) is None:
        return False
    if not silent:
        state.push("reference", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


_PARSER = _Parser("js-default", {"html": False, "breaks": True}, renderer_cls=_Renderer)
_PARSER.inline.ruler.before("autolink", "reference", _reference)
