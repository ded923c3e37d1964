"""Which room a word of `/warroom` means."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.domain.channel_names import channel_name
from bot.storage.tables import rooms
from tests.build import EVE, VAL, VIV, report
from tests.slack.conftest import GENERAL, World, channel_of, said


@pytest.mark.parametrize("subcommand", ["status", "extend", "handoff"])
async def test_a_room_is_named_alike_by_its_channel_its_id_or_the_beginning_of_it(
    world: World, subcommand: str
) -> None:
    """By whoever may see it; a beginning that two rooms have lists both."""
    room = await world.open_room()
    more = {"status": "", "extend": "10 minutes because of x", "handoff": f"<@{VIV}>"}[subcommand]
    done = {"status": "ranker fine-tuned", "extend": "Extended", "handoff": "on duty now"}
    ways = (f"#{channel_name(room)}", channel_name(room), room.id.upper(), room.id[:9])
    for user, way, other in zip([VAL, VIV] * 2, ways, [VIV, VAL] * 2, strict=True):
        text = await said(world, user, f"{subcommand} {way} {more.replace(VIV, other)}")
        assert done[subcommand] in text, way
    for way in ("#general", "#nowhere", "wr-ranker-7-0000000000"):
        for where in (GENERAL, channel_of(room)):
            text = await said(world, VAL, f"{subcommand} {way} {more}", where)
            assert f"There is no war room {way}" in text
    assert "There is no war room" in await said(world, VAL, f"{subcommand} 0000000000 {more}")
    assert "Which war room?" in await said(world, VAL, f"{subcommand} {more}".strip())


@pytest.fixture
async def alike(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two open rooms whose ids begin alike, 1 and 2, and a channel of each."""
    ids = iter(["v1", "abcdef0001", "v2", "abcdef0002"])
    for module in ("room_choice", "intake"):
        monkeypatch.setattr(f"bot.engine.{module}.new_id", lambda _: next(ids))
    for number in (1, 2):
        given = report(title=f"model {number}", dedup_key=str(number))
        receipt = await world.engine.report(given, "violations", str(number))
        await world.until(receipt.room.id, lambda room: bool(room.card and room.let_in))


@pytest.mark.usefixtures("alike")
async def test_a_beginning_that_several_rooms_have_lists_those_that_one_may_see(
    world: World,
) -> None:
    text = await said(world, VAL, "status abcd")
    assert "may be any of these war rooms" in text
    assert "abcdef0001 model 1" in text
    assert "abcdef0002 model 2" in text
    assert "There is no war room abcd" in await said(world, EVE, "status abcd")
    assert "model 2" in await said(world, VAL, "status ABCDEF0002")


@pytest.mark.usefixtures("alike")
async def test_words_of_a_sentence_name_no_room(world: World) -> None:
    """A beginning has four characters; in a room's channel it also means exactly one room."""
    second = await world.room("abcdef0002")
    for word in ("a", "ab", "abc"):
        text = await said(world, VAL, f"status {word}")
        assert "Which war room?" in text
        assert "at least the first 4 characters of its id" in text
    for word in ("a", "abc", "abcd", "abcdef000", "abcdef0003"):
        text = await said(world, VAL, f"handoff {word} <@{VIV}>", channel_of(second))
        assert f"Found {word}. Possible: validator, adjudicator." in text
    assert "model 1" in await said(world, VAL, "status abcdef0001", channel_of(second))


async def test_a_beginning_is_looked_for_among_all_rooms_that_one_may_see(
    world: World,
) -> None:
    """However many newer ones begin like it that are not for one's eyes."""
    room = await world.open_room()
    with world.engine.store.database.write.begin() as connection:
        row = connection.execute(select(rooms)).mappings().one()
        document = json.loads(row["document"])
        document.update(assignments=[], initiators=[], channel=None)
        newer = {
            "state": "decided",
            "channel": None,
            "opened_at": row["opened_at"] + timedelta(seconds=1),
        }
        ids = [f"{room.id[:6]}{number:04}" for number in range(300)]
        hidden = [
            {**row, **newer, "id": id_, "document": json.dumps({**document, "id": id_})}
            for id_ in ids
            if id_ != room.id
        ]
        connection.execute(insert(rooms), hidden)
    assert "ranker fine-tuned" in await said(world, VAL, f"status {room.id[:6]}")
