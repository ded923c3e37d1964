"""The row of one event of a stream, and the event that is read from it."""

from types import SimpleNamespace
from typing import Any

from bot.domain.aggregate import Aggregate, Happened, Recorded
from bot.domain.configuration import CONFIGURATION, Configuration
from bot.domain.person import Person
from bot.storage.records import event_row, read_stream
from tests.build import EVERYBODY, START, room, val

Stored = SimpleNamespace


def stored(
    aggregate: Aggregate[Any, Any, Any], event: Happened, met: tuple[Person, ...] = EVERYBODY
) -> Stored:
    """The row of an event in which a stream meets all these people, and val acts."""
    people = {person.name: person for person in met}
    after = (
        Configuration(version=1, people=people)
        if aggregate is CONFIGURATION
        else room().but(people=people)
    )
    recorded = Recorded(
        seq=1,
        at=START,
        actor=val.name,
        event=event,
        state="open",
        account="slack:U0PERSONAL",
        met=met,
    )
    return Stored(**event_row(aggregate.kind, after, recorded, None))


def read(aggregate: Aggregate[Any, Any, Any], row: Stored) -> Recorded[Any]:
    """What is read from a row, by whoever knows these kinds of events."""
    (recorded,) = read_stream(aggregate, [row])
    return recorded
