"""A room's text is read back as the room, and a long one only once."""

from bot.domain.war_room import WarRoom
from bot.storage import documents
from tests.build import room, violation


def _long(number: int) -> WarRoom:
    joined = tuple(violation(each, dedup_key=f"key {each}") for each in range(2, 100))
    return room().model_copy(update={"joined": joined, "is_storm": True, "version": number})


def _copy(text: str) -> str:
    return text.encode().decode()  # as it comes from a database: equal, and another object


def test_a_document_gives_the_room_that_was_written() -> None:
    for written in (room(), _long(1)):
        text = _copy(documents.written(written))
        assert documents.read(text) == written
        assert WarRoom.model_validate_json(text) == written


def test_a_long_document_is_taken_apart_once_and_a_changed_one_is_another() -> None:
    text = _long(2).model_dump_json()
    first = documents.read(_copy(text))
    assert documents.read(_copy(text)) is first
    assert documents.read(_long(3).model_dump_json()).version == 3


def test_only_the_newest_few_are_kept() -> None:
    text = documents.written(_long(4))
    first = documents.read(text)
    for number in range(documents.KEPT):
        documents.written(_long(5 + number))
    assert documents.read(text) is not first
