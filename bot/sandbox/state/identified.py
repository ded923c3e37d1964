"""Blocks as Slack keeps them: each block has a block_id, each interactive element an action_id."""

import copy
from collections.abc import Iterator

from bot.sandbox.state.core import Core
from bot.sandbox.state.records import Json

NOT_INTERACTIVE = frozenset({"image", "mrkdwn", "plain_text"})


def with_ids(blocks: list[Json], core: Core) -> list[Json]:
    """A copy of the blocks with the ids that the bot left out."""
    completed: list[Json] = copy.deepcopy(blocks)
    for block in completed:
        block.setdefault("block_id", core.new_id("b"))
        for element in elements(block):
            element.setdefault("action_id", core.new_id("a"))
    return completed


def elements(block: Json) -> Iterator[Json]:
    """The interactive elements of one block."""
    inside = [block.get("accessory"), block.get("element")]
    if block["type"] in ("actions", "context_actions"):
        inside.extend(block.get("elements", []))
    for element in inside:
        if isinstance(element, dict) and element.get("type") not in NOT_INTERACTIVE:
            yield element


def find_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """The block and element with this action_id. Raises KeyError."""
    for block in blocks:
        if block_id not in (None, block["block_id"]):
            continue
        for element in elements(block):
            if element["action_id"] == action_id:
                return block, element
    raise KeyError(action_id)
