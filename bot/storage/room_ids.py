"""Rooms by the beginning of their id, as a person types it."""

from sqlalchemy import Connection, select

from bot.domain.war_room import WarRoom
from bot.storage import tables as t


def rooms_that_begin(connection: Connection, beginning: str) -> list[WarRoom]:
    """The rooms whose id begins like this (letters and digits alone), the newest first."""
    question = (
        select(t.rooms.c.document)
        .where(t.rooms.c.id.startswith(beginning, autoescape=True))
        .order_by(t.rooms.c.opened_at.desc(), t.rooms.c.id)
    )
    return [WarRoom.read(document) for document in connection.execute(question).scalars()]
