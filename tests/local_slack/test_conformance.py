"""The table of methods agrees with the method reference, where that lies beside the checkout.

Nothing else looks there; without it there is nothing to compare.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.local_slack import METHODS, TokenKind
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.webapi.method import Call, Method, words
from bot.local_slack.webapi.rates import Tier
from tests.local_slack.support import Local
from tests.reference import REFERENCE, with_reference

ROOT = Path(__file__).parents[2]
DOCUMENTS = REFERENCE / "slack" / "methods"
TIERS = {"t1": Tier.T1, "t2": Tier.T2, "t3": Tier.T3, "t4": Tier.T4, "t5": Tier.SPECIAL}

NOT_HERE = {"oauth.v2.access"}
"""Methods that need no token: the local Slack's app is installed from the start."""

UNDOCUMENTED = {
    # Attachments that can't be read are refused as by its sister methods, which say so; texts that
    # are too long too, beyond 40,000 characters; a reply to nothing is refused by name.
    "chat.postMessage": words("invalid_attachments msg_too_long thread_not_found"),
    # Blocks that are too long together are refused as by their sister method, which says so.
    "chat.postEphemeral": words("msg_blocks_too_long"),
    "chat.update": words("msg_blocks_too_long"),
    "files.completeUploadExternal": words("msg_blocks_too_long thread_not_found"),
    # Between two bots there are no direct messages (HubSpot/slack-client pull request 90).
    "conversations.open": words("cannot_dm_bot"),
    # A bot left the channel when it was archived, and can't open it again (slack-go issue 1066).
    "conversations.unarchive": words("not_in_channel"),
    # A limit that can't be read is refused by every method that has one (slack-go issue 271).
    "conversations.history": words("invalid_limit"),
    "conversations.replies": words("invalid_limit"),
    "users.list": words("invalid_limit"),
    # More than a hundred people a call; the documented names have none for that.
    "conversations.invite": words("too_many_users"),
    # Nothing is changed in an archived channel: what its sister methods answer.
    "conversations.kick": words("is_archived"),
    # A public channel is seen from outside, and is not acted in.
    "reactions.add": words("not_in_channel"),
    # What every method answers that is asked about nobody.
    "users.conversations": words("user_not_found"),
}
"""What Slack answers though its reference does not say so."""


def reference(name: str) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))
    return known


DOCUMENTED = sorted({path.stem for path in DOCUMENTS.glob("*.json")} - NOT_HERE)
NOTHING = ["none"]
"""Where there is no reference, each test is skipped once."""
OF_THE_SDK = {("apps.connections.open", "app_token")}
"""What the SDK makes a token of."""


@with_reference
@pytest.mark.parametrize("name", DOCUMENTED or NOTHING)
def test_every_documented_method_is_here(name: str) -> None:
    assert name in METHODS


@with_reference
@pytest.mark.parametrize("name", [name for name in DOCUMENTED if name in METHODS] or NOTHING)
class TestMethod:
    def test_its_arguments_are_slacks(self, name: str) -> None:
        method, known = METHODS[name], reference(name)["args"]
        assert {"token", *method.required} == set(known["required"])
        assert {"token", *method.arguments} == set(known["properties"])

    def test_its_tier_and_scopes_are_slacks(self, name: str) -> None:
        method, known = METHODS[name], reference(name)
        assert method.tier is TIERS[known["rate_limits"]]
        if method.token is TokenKind.BOT:
            assert set(method.all_scopes) == set(known["scope"].get("bot") or ())

    def test_it_takes_json_where_slack_says_so(self, name: str) -> None:
        assert METHODS[name].json_body is bool(reference(name).get("json_input_supported"))

    def test_its_errors_are_slacks(self, name: str) -> None:
        invented = METHODS[name].errors - set(reference(name)["errors"])
        assert invented == UNDOCUMENTED.get(name, frozenset())


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_declares_what_it_says_of_a_missing_argument(method: Method) -> None:
    assert all(method.declares(error) for error in method.missing.values())
    assert set(method.missing) <= set(method.required)


async def test_an_error_that_a_method_does_not_declare_is_a_mistake_of_ours(
    here: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Call) -> dict[str, Any]:
        raise SlackError("made_up")

    monkeypatch.setitem(METHODS, "auth.test", Method("auth.test", refuse, Tier.SPECIAL))
    answer = await here.people.http.post("/api/auth.test", data={"token": "xoxb-local"})
    assert answer.status_code == 500


async def test_an_argument_that_slack_does_not_know_is_ignored_and_noted(here: Local) -> None:
    answer = await here.client.api_call("users.list", params={"limit": 1, "colour": "red"})
    assert answer["ok"]
    calls = await here.people.calls("users.list")
    assert [call.warnings for call in calls] == [("users.list has no argument colour",)]


def sent() -> Iterator[tuple[str, str]]:
    """Each argument that the bot gives to a method, by the SDK's name of the method."""
    names = {name.replace(".", "_").lower(): name for name in METHODS}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if "local_slack" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            name = names.get(node.func.attr.lower())
            if name is not None:
                yield from ((name, given.arg) for given in node.keywords if given.arg is not None)


def test_the_bot_gives_no_argument_that_slack_does_not_know() -> None:
    given = set(sent()) - OF_THE_SDK
    assert ("chat.postMessage", "metadata") in given
    assert {(name, one) for name, one in given if one not in METHODS[name].arguments} == set()
