"""The scopes that are asked for are those of the methods that are called: none more, none less."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.integrations.slack.scopes import SCOPES
from bot.local_slack import METHODS, ChannelKind, TokenKind

BOT = Path(__file__).parents[2] / "bot"
# Where the bot uses a method: in its rooms, public and private, and in direct messages; it opens
# direct messages and nothing else, and never makes or lists them as channels.
ROOMS = {ChannelKind.PUBLIC, ChannelKind.PRIVATE}
PLACES = {
    "conversations.open": {ChannelKind.IM},
    "conversations.history": ROOMS | {ChannelKind.IM},
}


def _called() -> Iterator[str]:
    names = {name.replace(".", "_").lower(): name for name in METHODS}
    for path in (BOT / "integrations" / "slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr.lower() in names:
                yield names[node.attr.lower()]


def test_the_scopes_are_exactly_those_of_the_methods_that_are_called() -> None:
    needed = {"commands"}
    for name in set(_called()):
        method = METHODS[name]
        if method.token is TokenKind.APP:
            continue
        for kind in PLACES.get(name, ROOMS):
            needed.update(method.scopes.get(kind, ())[:1])
    assert needed == set(SCOPES)
