"""Which timers a process knows: by kind of stream and name, as they are told apart in questions."""

from collections.abc import Collection

from sqlalchemy import ColumnElement

from bot.storage import tables as t


def timer_name(stream_kind: str, name: str) -> str:
    """What a timer is called among those of all kinds of streams."""
    return f"{stream_kind}/{name}"


def is_one_of(known: Collection[str]) -> ColumnElement[bool]:
    """Whether a timer is one of these.

    An expression and no columns, so that no index but that of the times is chosen for it.
    """
    return (t.timers.c.stream_kind + "/" + t.timers.c.name).in_(known)
