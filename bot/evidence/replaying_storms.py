"""Replays what is set apart in a storm: who made what stays is behind what stays.

Rules
- What leaves was in the room, and takes with it whoever was behind it when it came, at most: else
  somebody who made a change that stays would be no initiator any more, and could decide on it.
- People are held to their names; their accounts, which can be erased, are held besides, but for
  splits of the first form, which had only names.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from bot.domain import events as e
from bot.domain.contents import Contents
from bot.domain.makers import MadeBy, Maker, Owners, names_of, without
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind
from bot.evidence.judging import Found


def faults(
    room: WarRoom, event: e.Split, made: Mapping[str, tuple[Maker, ...]], schema: int
) -> Iterator[Found]:
    """What is wrong with what left a storm's room; `made` says who was behind each violation."""
    left, there = set(event.violations), event.contents
    if len(left) != len(event.violations) or not left <= made.keys() or left & _shown(there):
        yield Found(Kind.DECISION, "what is set apart wasn't in the war room, or is still there")
        return
    before = _names(room.contents.made_by, room.owners)
    gone = _names((MadeBy(makers=made[each], count=1) for each in left), room.owners)
    after = _names(there.made_by, room.owners)
    if there.count != room.count - len(left) or before - gone - after or after - before:
        yield Found(Kind.DECISION, "who made what stays isn't who made it before")
    elif schema >= e.Split.schema_number and _whole(_staying(room, event, made)) != _whole(
        there.made_by
    ):
        yield Found(Kind.DECISION, "whose accounts made what stays isn't as it was before", True)


def _staying(
    room: WarRoom, event: e.Split, made: Mapping[str, tuple[Maker, ...]]
) -> tuple[MadeBy, ...]:
    staying = room.contents.made_by
    for violation in event.violations:
        staying = without(staying, made[violation])
    return staying


def _shown(contents: Contents) -> set[str]:
    return {contents.first.id, *(violation.id for violation in contents.newest)}


def _names(made: Iterable[MadeBy], owners: Owners) -> Counter[object]:
    """How many violations were made by whom, as far as is known by now."""
    return _counted((frozenset(names_of(each.makers, owners)), each.count) for each in made)


def _whole(made: Iterable[MadeBy]) -> Counter[object]:
    return _counted((each.makers, each.count) for each in made)


def _counted(counts: Iterable[tuple[object, int]]) -> Counter[object]:
    counted = Counter[object]()
    for key, count in counts:
        counted[key] += count
    return counted
