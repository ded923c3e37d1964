"""What a rendering shows: its buttons, its menu, its mrkdwn, its words."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.text import Rendered
from bot.local_slack import block_words, check_blocks, check_view
from tests.build import POLICY, START

NO_FACTS: Mapping[str, Any] = MappingProxyType({})

# Everything in angle brackets that Slack would act on, and that we may have written.
OURS = re.compile(
    r"<@[A-Z][A-Z0-9]*>|<#C[A-Z0-9]*>|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^<>|]*>"
    r"|<https?://[^\s<>|]+\|[^<>|]*>"
)

# A moment reads `Today at 13:00`, before which neither of these words can stand.
BEFORE_A_MOMENT = re.compile(r"\b(?:on|at|in) <!date\^")


def parts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inside in value.values():
            yield from parts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from parts(inside)


def about(
    room: WarRoom,
    policy: Policy = POLICY,
    facts: Mapping[str, Any] = NO_FACTS,
    now: datetime = START,
) -> About:
    return About(room, policy, facts, now)


def buttons(value: object) -> list[str]:
    return [part["action_id"] for part in parts(value) if part.get("type") == "button"]


def choices(value: object) -> list[str]:
    """What the menus offer beside the buttons."""
    menus = (part for part in parts(value) if part.get("action_id") == "more")
    return [option["value"].partition(":")[0] for menu in menus for option in menu["options"]]


def verbs(value: object) -> set[str]:
    """What can be done, by a button or in a menu."""
    return {*buttons(value), *choices(value)} - {"details"}


def mrkdwn(value: object) -> list[str]:
    return [part["text"] for part in parts(value) if part.get("type") == "mrkdwn"]


def words(value: object) -> str:
    return block_words(value)


def assert_slack_takes(message: Rendered) -> None:
    check_blocks(message.blocks)
    assert 0 < len(message.text) <= 3000
    assert_harmless([message.text, *mrkdwn(message.blocks)])


def assert_slack_takes_view(view: dict[str, Any]) -> None:
    check_view(view, "any")
    assert_harmless(mrkdwn(view))


def assert_harmless(texts: list[str]) -> None:
    """Outside text brings no mention, no link and no direction of its own into mrkdwn."""
    for text in texts:
        assert not BEFORE_A_MOMENT.search(text), text
        assert not set(OURS.sub("", text)) & set("<>"), text
        assert "<@U0EVE" not in text
        assert not set(text) & {"\u202e", "\u202c", "\x00", "\x07"}
        assert re.sub(r"&(amp|lt|gt);", "", text).count("&") == 0 or "://" in text, text
