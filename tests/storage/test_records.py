"""What was stored evolves: older shapes are brought up to date, newer ones are kept as they are."""

import json
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from pydantic_core import to_jsonable_python

from bot.domain.aggregate import Aggregate, Happened, Recorded, Unknown
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.personal import FreeText
from bot.domain.value import StoredValue, StoredWord
from bot.domain.war_room import WarRoom
from bot.storage import records
from bot.storage.older_events import Upcaster
from bot.storage.personal import plan_of
from bot.storage.records import event_row, read_stream
from tests.build import EVERYBODY, POLICY, START, report, room, val, violation
from tests.examples import OF_A_FOLLOW_UP, OF_A_ROOM, kind_of

UNKNOWN = {"weight": 7, "scale": {"unit": "g"}}


class FirstNote(Happened):
    """A note as it was written first."""

    kind: Literal["noted"] = "noted"
    words: FreeText


class SecondNote(Happened):
    """Its words are called a text, and it has a length."""

    schema_number = 2
    kind: Literal["noted"] = "noted"
    text: FreeText
    length: int


class Note(Happened):
    """Its length counts lines."""

    schema_number = 3
    kind: Literal["noted"] = "noted"
    text: FreeText
    lines: int


def _second(content: dict[str, Any]) -> dict[str, Any]:
    words = content.pop("words")
    return {**content, "text": words, "length": len(words)}


def _third(content: dict[str, Any]) -> dict[str, Any]:
    del content["length"]
    return {**content, "lines": content["text"].count("\n") + 1}


def _knowing(*events: type[Happened]) -> Aggregate[Any, Any, Any]:
    return Aggregate(
        kind="notes",
        events=events,
        timers=frozenset(),
        evolve=WAR_ROOM.evolve,
        decide=WAR_ROOM.decide,
        next_timers=lambda *_: (),
        due_command=lambda *_: None,
        rules=lambda _: None,
    )


def _row(event: Happened) -> SimpleNamespace:
    after = room().but(people={val.name: val})
    recorded = Recorded(seq=1, at=START, actor=val.name, event=event, state="open", met=(val,))
    return SimpleNamespace(**event_row("notes", after, recorded, None))


def _event(aggregate: Aggregate[Any, Any, Any], row: SimpleNamespace) -> Any:  # noqa: ANN401 - any
    (recorded,) = read_stream(aggregate, [row])
    return recorded.event


@pytest.fixture
def upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        ("noted", 1): Upcaster(plan_of(FirstNote), _second),
        ("noted", 2): Upcaster(plan_of(SecondNote), _third),
    }
    monkeypatch.setattr(records, "UPCASTERS", known)


@pytest.mark.usefixtures("upcasters")
@pytest.mark.parametrize(
    "written", [FirstNote(words="one\ntwo"), SecondNote(text="one\ntwo", length=7)]
)
def test_an_event_of_an_older_schema_is_brought_up_to_date_over_each_one_since(
    written: Happened,
) -> None:
    row = _row(written)
    kept = row.payload, row.personal
    assert "one" not in row.payload
    assert _event(_knowing(Note), row) == Note(text="one\ntwo", lines=2)
    assert (row.payload, row.personal) == kept


@pytest.mark.usefixtures("upcasters")
def test_what_is_erased_in_an_older_event_stays_erased_when_it_is_brought_up_to_date() -> None:
    row = _row(FirstNote(words="one\ntwo"))
    row.personal = None
    assert _event(_knowing(Note), row) == Note(text="(erased)", lines=1)


@pytest.mark.parametrize("known", [(SecondNote,), ()])
def test_an_event_of_a_newer_schema_or_of_an_unknown_kind_is_left_as_it_stands(
    known: tuple[type[Happened], ...],
) -> None:
    row = _row(Note(text="one", lines=1))
    event = _event(_knowing(*known), row)
    assert isinstance(event, Unknown)
    assert event.kind == "noted"
    assert event.content == json.loads(row.payload)["event"]


STORED: list[StoredValue] = [
    room(),
    POLICY,
    POLICY.validator,
    val,
    violation(),
    report(),
    *room().assignments,
    room().contents,
    *OF_A_ROOM,
    *OF_A_FOLLOW_UP,
]


@pytest.mark.parametrize("value", STORED, ids=lambda value: type(value).__name__)
def test_unknown_fields_of_a_stored_value_survive_reading_changing_and_writing(
    value: StoredValue,
) -> None:
    newer = {**value.model_dump(mode="json"), **UNKNOWN}
    read = type(value).read(json.dumps(newer))
    name = next(iter(type(value).model_fields))
    changed = read.but(**{name: getattr(read, name)})
    for each in (read, changed):
        assert json.loads(each.model_dump_json()) == newer


def test_unknown_fields_of_what_is_in_a_stored_value_survive_too() -> None:
    newer = json.loads(room().model_dump_json())
    newer["people"]["val"] |= UNKNOWN
    newer["assignments"][0] |= UNKNOWN
    newer["contents"]["first"]["report"]["subject"] |= UNKNOWN
    read = WarRoom.read(json.dumps(newer))
    assert json.loads(read.model_dump_json()) == newer


@pytest.mark.usefixtures("upcasters")
def test_an_unknown_field_of_an_older_event_is_brought_up_to_date_with_it() -> None:
    row = _row(FirstNote.model_validate({"words": "one", **UNKNOWN}))
    assert _event(_knowing(Note), row).model_extra == UNKNOWN


def _in_words_of_tomorrow(value: object) -> Any:  # noqa: ANN401 - JSON
    """A value's JSON with another word in the place of each word of a list."""
    if isinstance(value, StoredWord):
        return f"{value}_of_tomorrow"
    if isinstance(value, dict):
        return {name: _in_words_of_tomorrow(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_in_words_of_tomorrow(each) for each in value]
    return to_jsonable_python(value)


@pytest.mark.parametrize("value", STORED, ids=lambda value: type(value).__name__)
def test_unknown_words_of_a_stored_value_survive_reading_changing_and_writing(
    value: StoredValue,
) -> None:
    newer = _in_words_of_tomorrow(value.model_dump())
    name = next(iter(type(value).model_fields))
    for read in (type(value).read(json.dumps(newer)), type(value).read(newer)):
        for each in (read, read.but(**{name: getattr(read, name)})):
            assert json.loads(each.model_dump_json()) == newer
            assert each.model_dump(mode="json") == newer
            assert to_jsonable_python(each.model_dump()) == newer


@pytest.mark.parametrize("event", OF_A_ROOM, ids=kind_of)
def test_unknown_words_of_a_stored_event_are_read_and_written_as_they_stand(
    event: Happened,
) -> None:
    newer = type(event).read(_in_words_of_tomorrow(event.model_dump()))
    after = room().but(people={who.name: who for who in EVERYBODY})
    recorded = Recorded(seq=1, at=START, actor=val.name, event=newer, state="paused", met=EVERYBODY)
    row = SimpleNamespace(**event_row(WAR_ROOM.kind, after, recorded, None))
    assert list(read_stream(WAR_ROOM, [row])) == [recorded]


def test_a_violation_that_names_no_secret_is_written_as_before_there_were_names() -> None:
    fields = ["id", "report", "source", "received_at", "detected_at"]
    assert list(json.loads(violation().model_dump_json())) == fields
    signed = violation().but(signed_by="export-ci")
    assert list(json.loads(signed.model_dump_json())) == [*fields, "signed_by"]
