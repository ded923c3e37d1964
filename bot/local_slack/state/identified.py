"""Blocks as Slack keeps them: each block has a block_id, each interactive element an action_id.

What was given as null is not there. Also what can be found in them: elements by their id, and the
files that images show.
"""

from collections.abc import Iterator
from typing import Any

from bot.local_slack.state.core import Core
from bot.local_slack.state.records import Json

NOT_INTERACTIVE = frozenset({"image", "mrkdwn", "plain_text"})


def with_ids(blocks: list[Json], core: Core) -> list[Json]:
    """A copy of the blocks with the ids that the bot left out."""
    completed: list[Json] = [given(block) for block in blocks]
    for block in completed:
        block.setdefault("block_id", core.new_id("b"))
        for element in elements(block):
            element.setdefault("action_id", core.new_id("a"))
    return completed


def attachments_with_ids(attachments: list[Json], core: Core) -> list[Json]:
    """A copy of the attachments, numbered from 1, with the ids of the blocks in them."""
    completed = []
    for number, attachment in enumerate(attachments, start=1):
        one = {**given(attachment), "id": number}
        if "blocks" in one:
            one["blocks"] = with_ids(one["blocks"], core)
        completed.append(one)
    return completed


def given(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A copy of a JSON value without the fields that are null."""
    if isinstance(value, dict):
        return {name: given(one) for name, one in value.items() if one is not None}
    return [given(one) for one in value] if isinstance(value, list) else value


def elements(block: Json) -> Iterator[Json]:
    """The interactive elements of one block."""
    inside = [block.get("accessory"), block.get("element")]
    if block["type"] in ("actions", "context_actions"):
        inside.extend(block.get("elements", []))
    for element in inside:
        if isinstance(element, dict) and element.get("type") not in NOT_INTERACTIVE:
            yield element


def find_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """The block and element with this action_id. Raises KeyError.

    A `block_id` that is gone is passed over: an update gives blocks new ids while somebody clicks.
    """
    known = any(block["block_id"] == block_id for block in blocks)
    for block in blocks:
        if known and block["block_id"] != block_id:
            continue
        for element in elements(block):
            if element["action_id"] == action_id:
                return block, element
    raise KeyError(action_id)


def slack_files(value: object, place: str = "") -> Iterator[tuple[str, Json]]:
    """What the images in some blocks name as their `slack_file`, each with its place."""
    inside: list[tuple[object, object]] = []
    if isinstance(value, dict):
        named = value.get("slack_file")
        if value.get("type") == "image" and isinstance(named, dict):
            yield f"{place}/slack_file", named
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    for key, one in inside:
        yield from slack_files(one, f"{place}/{key}")
