"""Fields of an event that its writer did not know, since a newer version had put them there."""

import json
from dataclasses import replace
from typing import Any, Literal

import pytest

from bot.domain.aggregate import Aggregate, Happened
from bot.domain.events import HandedOff
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import Person
from bot.domain.personal import FreeText, PersonName
from bot.domain.policy import Role
from bot.domain.role_sources import Assignment
from bot.domain.value import StoredValue
from tests.build import EVERYBODY, val, viv
from tests.storage.written import Stored, read, stored


class Vow(StoredValue):
    """What somebody vowed."""


class NewerVow(Vow):
    """What somebody vowed, and how they put it."""

    before: PersonName | None = None
    words: FreeText = ""


class NewerAssignment(Assignment):
    """An assignment with fields that today's doesn't know."""

    proxy: PersonName | None = None
    note: FreeText = ""
    weight: int = 1
    vows: tuple[NewerVow, ...] = ()
    shifts: dict[PersonName, int] = {}


class NewerHandedOff(HandedOff):
    """A role of which more is known goes to somebody else."""

    assignments: tuple[NewerAssignment, ...]


P2 = Person(name="p2")  # somebody may be called what others are called in the bytes
ALL = (*EVERYBODY, P2)
HANDED_OFF = NewerHandedOff(
    role=Role.VALIDATOR,
    to=P2.name,
    assignments=(
        NewerAssignment(
            role=Role.VALIDATOR,
            on_duty=P2.name,
            proxy=P2.name,
            note="Personal note",
            weight=2,
            vows=(NewerVow(before=viv.name, words="Personal vow"), NewerVow(before=P2.name)),
            shifts={P2.name: 1, val.name: 2},
        ),
    ),
)
UNREAD = [["assignments", 0, name] for name in ("note", "proxy", "shifts", "vows", "weight")]


def _knowing(event: type[Happened]) -> Aggregate[Any, Any, Any]:
    return replace(WAR_ROOM, events=(event,))


def _written_by_an_older_version() -> Stored:
    """The row of an event whose assignment came from a room that a newer version wrote."""
    event = HandedOff.model_validate_json(HANDED_OFF.model_dump_json())
    return stored(WAR_ROOM, event, met=ALL)


def test_what_the_writer_does_not_know_is_read_by_who_knows_it_and_by_who_does_not() -> None:
    row = _written_by_an_older_version()
    assert json.loads(row.payload)["unread"] == UNREAD
    assert read(_knowing(NewerHandedOff), row).event == HANDED_OFF
    older = read(WAR_ROOM, row).event
    assert type(older) is HandedOff
    assert older.model_dump(mode="json") == HANDED_OFF.model_dump(mode="json")


def test_what_the_writer_knows_is_not_called_unread() -> None:
    row = stored(WAR_ROOM, HANDED_OFF, met=ALL)
    assert "unread" not in json.loads(row.payload)
    assert read(_knowing(NewerHandedOff), row).event == HANDED_OFF


@pytest.mark.parametrize("keys", UNREAD, ids=lambda keys: keys[-1])
def test_what_the_writer_did_not_know_has_its_default_once_it_is_erased(
    keys: list[str | int],
) -> None:
    row = _written_by_an_older_version()
    apart = json.loads(row.personal)
    del apart[".".join(map(str, ("event", *keys)))]
    row.personal = json.dumps(apart)
    name = str(keys[-1])
    (whole,) = HANDED_OFF.assignments
    left = whole.but(**{name: NewerAssignment.model_fields[name].default})
    assert read(_knowing(NewerHandedOff), row).event == HANDED_OFF.but(assignments=(left,))
    (older,) = read(WAR_ROOM, row).event.assignments
    assert older.model_extra.keys() == {each[-1] for each in UNREAD} - {name}


class Vowed(Happened):
    """People vowed something."""

    kind: Literal["vowed"] = "vowed"
    by: dict[PersonName, Vow]


class NewerVowed(Happened):
    """People vowed something, and how they put it is known."""

    kind: Literal["vowed"] = "vowed"
    by: dict[PersonName, NewerVow]


VOWED = NewerVowed(by={P2.name: NewerVow(words="Personal vow"), val.name: NewerVow(words="-")})


@pytest.mark.parametrize("writer", [Vowed, NewerVowed])
def test_what_is_said_of_each_of_several_people_stands_under_what_they_are_called_in_the_bytes(
    writer: type[Happened],
) -> None:
    event = writer.model_validate_json(VOWED.model_dump_json())
    row = stored(_knowing(writer), event, met=ALL)
    payload = json.loads(row.payload)
    assert payload["event"]["by"].keys() == {"p7", "p2"}
    assert f'"{val.name}"' not in row.payload
    for path in (path for path in json.loads(row.personal) if path.startswith("event.")):
        assert path in {"event.by.p7.words", "event.by.p2.words"}
    assert read(_knowing(NewerVowed), row).event == VOWED
