"""What people were told: pages and announcements, twice or not at all.

Rules
- A message is told by the effects that its metadata names; the witness knows what they were.
- A page comes alone or in a digest: both are an effect, and a digest's names its rooms.
- A page is wanted of everybody on duty at a room's opening, and of everybody for whom there was an
  effect. It may be left out only where the room was decided before it could be delivered (the last
  effect for it was gone later than the decision), or Slack can't reach the person.
- Paged twice: two messages for the same room and person, whichever effects they name.
- Missing: wanted or on record, and not in Slack. A page that is in Slack and not on record is never
  brought up to date: where it still has buttons, it is one that its room forgot.
- An announcement is what goes into the channel or to a person as news, or in the thread of a page
  as the result. One effect, one message; none for what asks for something and was taken back by a
  decision before it could be told.
"""

from collections import defaultdict
from collections.abc import Iterator

from bot.domain.delivered import Paged, Unreachable
from bot.domain.events import Opened
from bot.domain.makers import names_of
from bot.domain.person import SLACK, unnamed
from bot.domain.standing import asking
from bot.local_slack import SlackMessage
from tests.chaos.evidence import Evidence
from tests.chaos.witness import Seen

NEWS = frozenset({"announce", "tell", "tell_result"})
Person = tuple[str, str]
"""A room's id and somebody's name."""


def pages_twice(seen: Evidence) -> Iterator[str]:
    """Two messages for one room and person."""
    for (room, user), effects in _wanted(seen).items():
        places = {(message.channel, message.ts) for message in _posted(seen, effects)}
        if len(places) > 1:
            yield f"room {room}, {user}: {sorted(places)}"


def pages_missing(seen: Evidence) -> Iterator[str]:
    """Wanted or on record, and not there."""
    effects, recorded, unreachable = _wanted(seen), _recorded(seen), _unreachable(seen)
    for room, user in sorted(set(effects) | set(recorded) | set(_on_duty(seen))):
        person = room, user
        if person in recorded:
            if recorded[person] not in seen.places:
                yield f"room {room}, {user}: on record at {recorded[person]}, not in Slack"
        elif person not in unreachable and not _overtaken(seen, room, effects[person]):
            yield f"room {room}, {user}: never paged"


def pages_forgotten(seen: Evidence) -> Iterator[str]:
    """In Slack, with its buttons, and not on record."""
    recorded = _recorded(seen)
    for person, effects in _wanted(seen).items():
        if person not in recorded and any(m.action_ids for m in _posted(seen, effects)):
            yield f"room {person[0]}, {person[1]}: effects {[effect.id for effect in effects]}"


def overtaken(seen: Evidence) -> int:
    """Pages that were left out since the room was decided first."""
    return len(set(_wanted(seen)) - set(_recorded(seen)))


def announcements_twice(seen: Evidence) -> Iterator[str]:
    """One effect, two messages."""
    yield from _twice(seen, NEWS)


def announcements_missing(seen: Evidence) -> Iterator[str]:
    """An effect that is gone, and no message for it."""
    for effect in seen.effects.values():
        if effect.kind not in NEWS or not effect.gone_at or seen.posts.get(effect.id):
            continue
        room = effect.room_id or ""
        event = seen.records[room][int(effect.payload.get("seq", 1)) - 1].event
        asks = asking(event, effect.payload.get("user"))
        if not (asks and _overtaken(seen, room, [effect])):
            yield f"room {room}: effect {effect.id} ({effect.kind} {effect.payload})"


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


def _wanted(seen: Evidence) -> defaultdict[Person, list[Seen]]:
    """The effects that were to page each person for each room."""
    found: defaultdict[Person, list[Seen]] = defaultdict(list)
    for effect in seen.effects.values():
        if effect.kind == "page":
            found[effect.room_id or "", effect.payload["user"]].append(effect)
        elif effect.kind == "digest":
            reader = unnamed(SLACK, effect.payload["user"])
            for room in effect.payload["rooms"].split():
                found[room, seen.rooms[room].name_of(reader)].append(effect)
    return found


def _posted(seen: Evidence, effects: list[Seen]) -> list[SlackMessage]:
    return [message for effect in effects for message in seen.posts.get(effect.id, ())]


def _on_duty(seen: Evidence) -> Iterator[Person]:
    for room_id, record in seen.records.items():
        opened = record[0].event
        if isinstance(opened, Opened):
            people = (*names_of(opened.makers, {}), *(each.on_duty for each in opened.assignments))
            yield from ((room_id, user) for user in people if user)


def _recorded(seen: Evidence) -> dict[Person, tuple[str, str]]:
    return {
        (room, recorded.event.name): (recorded.event.message.channel, recorded.event.message.ts)
        for room, record in seen.records.items()
        for recorded in record
        if isinstance(recorded.event, Paged)
    }


def _unreachable(seen: Evidence) -> set[Person]:
    return {
        (room, recorded.event.name)
        for room, record in seen.records.items()
        for recorded in record
        if isinstance(recorded.event, Unreachable)
    }


def _overtaken(seen: Evidence, room_id: str, effects: list[Seen]) -> bool:
    decision = seen.rooms[room_id].decision if room_id in seen.rooms else None
    gone = [effect.gone_at for effect in effects if effect.gone_at]
    return bool(decision and gone and max(gone) >= decision.at.timestamp())
