"""Documents that are read over and over say what their text says, however often they were read."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.domain import commands as c
from bot.domain.messages import PostedMessage
from bot.domain.person import BY_SYSTEM
from bot.domain.reported import RecordChannel, RecordPage
from bot.domain.war_room import Category
from bot.storage import rows
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.rows import VIEWS, Documents
from tests.build import JUSTIFICATION, POLICY, acting, jude, report
from tests.conftest import HandClock, started
from tests.owing import owe_sample


@pytest.mark.either_database
async def test_what_was_written_is_known_as_it_is_read(
    database: Database, clock: HandClock
) -> None:
    """Rooms, follow-ups and exceptions alike: nobody can tell whether a document was parsed."""
    async with started(database, clock, POLICY) as engine:
        await owe_sample(engine, dedup_key="sample")
        room_id = (await engine.report(report(), "violations", "d1")).room.id
        await engine.handle(room_id, RecordChannel(channel="C1"), BY_SYSTEM)
        message = PostedMessage(channel="D1", ts="1.0")
        await engine.handle(room_id, RecordPage(name=jude.name, message=message), BY_SYSTEM)
        override = c.Override(
            justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
        )
        await engine.handle(room_id, override, acting(jude.name))
    for view in VIEWS.values():
        question = select(view.table.c.id, view.table.c.document)
        with database.read.connect() as connection:
            there = connection.execute(question).all()
        assert there, view.table
        for stream_id, document in there:
            assert view.documents.read(stream_id, document) == view.read(document)


async def test_a_document_that_somebody_else_has_changed_is_read_anew(
    database: Database, clock: HandClock
) -> None:
    """Even where its version is the same, as when views are built anew."""
    async with started(database, clock, POLICY) as engine:
        room_id = (await engine.report(report(team="search"), "violations", "d1")).room.id
        room = engine.store.room(room_id)
        assert room
        other = room.but(team="ads").model_dump_json()
        with database.write.begin() as connection:
            connection.execute(
                update(t.rooms).where(t.rooms.c.id == room_id).values(document=other)
            )
        await engine.handle(room_id, RecordChannel(channel="C1"), BY_SYSTEM)
        changed = engine.store.room(room_id)
        assert changed
        assert (changed.team, changed.channel) == ("ads", "C1")


def test_no_more_are_kept_than_have_changed_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "DOCUMENTS_KEPT", 2)
    parsed: list[str] = []

    def parse(text: str) -> str:
        parsed.append(text)
        return text

    kept = Documents(parse)
    for stream_id in ("one", "two", "one", "three", "two", "one"):
        assert kept.read(stream_id, stream_id) == stream_id
    assert parsed == ["one", "two", "three", "one"]
