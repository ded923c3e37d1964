"""What people were told: pages and announcements, twice or not at all.

Rules
- A message is told by the effects that its metadata names; the witness knows what they were.
- A page is wanted of everybody on duty at a room's opening, and of everybody for whom there was an
  effect. It may be left out only where the room was decided before the page could be delivered
  (the effect was gone later than the decision), or Slack can't reach the person.
- Paged twice: two messages for the same room and person, whichever effects they name.
- On record and not in Slack, and in Slack and not on record, are both missing.
- An announcement is what goes into the channel or to a person as news. One effect, one message.
"""

from collections import defaultdict
from collections.abc import Iterator

from bot.domain.events import Opened, Paged, Unreachable
from tests.chaos.evidence import Evidence
from tests.chaos.witness import Seen

NEWS = frozenset({"announce", "tell"})
Person = tuple[str, str]
"""A room's id and a user's."""


def pages_twice(seen: Evidence) -> Iterator[str]:
    """Two messages for one room and person."""
    found: defaultdict[Person, set[tuple[str, str]]] = defaultdict(set)
    for effect in _of(seen, "page"):
        for message in seen.posts.get(effect.id, ()):
            found[_person(effect)].add((message.channel, message.ts))
    for (room, user), places in found.items():
        if len(places) > 1:
            yield f"room {room}, {user}: {sorted(places)}"


def pages_missing(seen: Evidence) -> Iterator[str]:
    """Wanted and not there, or not on record."""
    effects: defaultdict[Person, list[Seen]] = defaultdict(list)
    for effect in _of(seen, "page"):
        effects[_person(effect)].append(effect)
    wanted = set(effects) | set(_on_duty(seen))
    recorded = _recorded(seen)
    unreachable = _unreachable(seen)
    for person in sorted(wanted | set(recorded)):
        room, user = person
        posted = any(seen.posts.get(effect.id) for effect in effects[person])
        if person in recorded:
            if recorded[person] not in seen.places:
                yield f"room {room}, {user}: on record at {recorded[person]}, not in Slack"
        elif posted:
            yield f"room {room}, {user}: in Slack, not on record"
        elif person not in unreachable and not _overtaken(seen, room, effects[person]):
            yield f"room {room}, {user}: never paged"


def overtaken(seen: Evidence) -> int:
    """Pages that were left out since the room was decided first."""
    recorded = _recorded(seen)
    return len({_person(effect) for effect in _of(seen, "page")} - set(recorded))


def announcements_twice(seen: Evidence) -> Iterator[str]:
    """One effect, two messages."""
    yield from _twice(seen, NEWS)


def announcements_missing(seen: Evidence) -> Iterator[str]:
    """An effect that is gone, and no message for it."""
    yield from _missing(seen, NEWS)


def cards_wrong(seen: Evidence) -> Iterator[str]:
    """Rooms with two cards or none."""
    yield from _twice(seen, frozenset({"post_card"}))
    for room in seen.rooms.values():
        if room.card is None or (room.card.channel, room.card.ts) not in seen.places:
            yield f"room {room.id}: no card"


def _twice(seen: Evidence, kinds: frozenset[str]) -> Iterator[str]:
    for number, messages in seen.posts.items():
        effect = seen.effects.get(number)
        if effect and effect.kind in kinds and len(messages) > 1:
            places = [(message.channel, message.ts) for message in messages]
            yield f"room {effect.room_id}: effect {number} ({effect.kind}) at {places}"


def _missing(seen: Evidence, kinds: frozenset[str]) -> Iterator[str]:
    for effect in seen.effects.values():
        if effect.kind in kinds and effect.gone_at and not seen.posts.get(effect.id):
            yield f"room {effect.room_id}: effect {effect.id} ({effect.kind} {effect.payload})"


def _of(seen: Evidence, kind: str) -> Iterator[Seen]:
    yield from (effect for effect in seen.effects.values() if effect.kind == kind)


def _person(effect: Seen) -> Person:
    return effect.room_id or "", effect.payload["user"]


def _on_duty(seen: Evidence) -> Iterator[Person]:
    for room_id, record in seen.records.items():
        opened = record[0].event
        if isinstance(opened, Opened):
            people = (opened.initiator, *(seat.on_duty for seat in opened.seats))
            yield from ((room_id, user) for user in people if user)


def _recorded(seen: Evidence) -> dict[Person, tuple[str, str]]:
    return {
        (room, recorded.event.user): (recorded.event.message.channel, recorded.event.message.ts)
        for room, record in seen.records.items()
        for recorded in record
        if isinstance(recorded.event, Paged)
    }


def _unreachable(seen: Evidence) -> set[Person]:
    return {
        (room, recorded.event.user)
        for room, record in seen.records.items()
        for recorded in record
        if isinstance(recorded.event, Unreachable)
    }


def _overtaken(seen: Evidence, room_id: str, effects: list[Seen]) -> bool:
    decision = seen.rooms[room_id].decision if room_id in seen.rooms else None
    gone = [effect.gone_at for effect in effects if effect.gone_at]
    return bool(decision and gone and min(gone) >= decision.at.timestamp())
