"""Rooms as text and back.

Rules
- A room is frozen, so the same text is the same room: a long one, a storm's with a thousand
  violations, is taken apart once (a tenth of a second) and not at each question about it.
"""

from collections import OrderedDict
from threading import Lock

from bot.domain.war_room import WarRoom

LONG = 20_000  # characters
KEPT = 8

_kept: OrderedDict[str, WarRoom] = OrderedDict()
_lock = Lock()


def written(room: WarRoom) -> str:
    """The room's document."""
    document = room.model_dump_json()
    _keep(document, room)
    return document


def read(document: str) -> WarRoom:
    """The room that a document holds."""
    if len(document) < LONG:
        return WarRoom.model_validate_json(document)
    with _lock:
        room = _kept.get(document)
    room = room or WarRoom.model_validate_json(document)
    _keep(document, room)
    return room


def _keep(document: str, room: WarRoom) -> None:
    if len(document) < LONG:
        return
    with _lock:
        _kept[document] = room
        _kept.move_to_end(document)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
