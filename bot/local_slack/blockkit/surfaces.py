"""What a message's blocks, a modal and a home tab are checked against.

Rules
- Blocks of a message are refused as `invalid_blocks`, views as `invalid_arguments`; what is no
  JSON array at all as `invalid_blocks_format`.
- Blocks of a message that are too long together are refused as `msg_blocks_too_long`. How Slack
  measures that is not published: it is reported from some 11,300 to 13,200 characters on.
- A modal that asks for something has a button to submit it.
- An image that names a file of the workspace names one that is there, and is an image.
"""

import json
from collections.abc import Callable

from bot.local_slack.blockkit.block_types import message_blocks, view_blocks
from bot.local_slack.blockkit.objects import plain
from bot.local_slack.blockkit.rules import (
    Problems,
    Rule,
    all_of,
    flag,
    problem,
    record,
    string,
    variant,
)
from bot.local_slack.slack_errors import SlackError, invalid_arguments
from bot.local_slack.state.identified import slack_files
from bot.local_slack.state.records import Json

Images = Callable[[Json], object]
"""What an image's `slack_file` names; None: nothing that can be shown."""
TITLE, METADATA, CALLBACK = 24, 3000, 255
LONGEST_BLOCKS = 12_000
"""Characters of a message's blocks as JSON."""

_SHARED: dict[str, Rule] = {
    "private_metadata": string(METADATA, 0),
    "callback_id": string(CALLBACK, 0),
    "external_id": string(CALLBACK, 0),
}


def no_images(_: Json) -> None:
    """No file is known."""


def _submit_for_inputs(value: object, place: str, problems: Problems) -> None:
    blocks = value.get("blocks") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(blocks, list):
        return
    asks = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if asks and value.get("submit") is None:
        problem(problems, "missing required field: submit", place)


_modal = all_of(
    record(
        {"title": plain(TITLE), "blocks": view_blocks},
        {
            **_SHARED,
            "submit": plain(TITLE),
            "close": plain(TITLE),
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
        },
    ),
    _submit_for_inputs,
)
_home = record({"blocks": view_blocks}, _SHARED)
_VIEWS: dict[str, Rule] = {
    "modal": variant({"modal": _modal}),
    "home": variant({"home": _home}),
    "any": variant({"modal": _modal, "home": _home}),
}


def check_blocks(given: object, images: Images = no_images, place: str = "/blocks") -> list[Json]:
    """The blocks of a message.

    Raises invalid_blocks with each problem and its place, and msg_blocks_too_long.
    """
    if given in (None, ""):
        return []
    if not isinstance(given, list):
        raise SlackError("invalid_blocks_format")
    problems: Problems = []
    message_blocks(given, place, problems)
    _known_files(given, place, images, problems)
    if problems:
        raise SlackError(
            "invalid_blocks",
            errors=[one.removeprefix("[ERROR] ") for one in problems],
            response_metadata={"messages": problems},
        )
    if len(json.dumps(given, ensure_ascii=False)) > LONGEST_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    return given


def check_view(given: object, surface: str, images: Images = no_images) -> Json:
    """A view for a `modal`, `home` or `any` surface. Raises invalid_arguments."""
    problems: Problems = []
    _VIEWS[surface](given, "/view", problems)
    _known_files(given, "/view", images, problems)
    if problems or not isinstance(given, dict):
        raise invalid_arguments(*problems)
    return given


def _known_files(given: object, place: str, images: Images, problems: Problems) -> None:
    for where, named in slack_files(given, place):
        if images(named) is None:
            problem(problems, "invalid slack file", where)
