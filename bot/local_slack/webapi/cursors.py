"""Cursor pagination: a page of a list, and the cursor of the next."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json
from bot.local_slack.webapi.args import Args

MOST = 1000
_PREFIX = "next:"

T = TypeVar("T")


def page(
    items: Sequence[T], args: Args, default: int = 100, most: int = MOST
) -> tuple[list[T], Json]:
    """The items of the page asked for, and the `response_metadata`.

    Raises invalid_cursor and invalid_limit.
    """
    limit = args.number("limit", default)
    if limit < 0 or limit > MOST:
        raise SlackError("invalid_limit")
    limit = min(limit or default, most)
    start = _start(args.text("cursor"))
    end = start + limit
    cursor = _cursor(end) if end < len(items) else ""
    return list(items[start:end]), {"next_cursor": cursor}


def _cursor(start: int) -> str:
    return base64.b64encode(f"{_PREFIX}{start}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor, validate=True).decode()
        return int(text.removeprefix(_PREFIX))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
