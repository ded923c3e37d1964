"""What a room holds of its violations, as they come and go; and what holds for a storm's.

Rules
- The same key still means the same decision: violations with one key leave a storm together.
- Slack is asked once whose an address is, and its answer holds for whatever comes in later.
- Who made only some of the changes doesn't withdraw those of others.
"""

from collections import Counter
from collections.abc import Iterable

from bot.domain.commands import Held, Remaining
from bot.domain.violation import Violation
from bot.domain.war_room import NEWEST, Contents, WarRoom


def first_contents(violation: Violation, initiator: str | None) -> Contents:
    """What a new room holds."""
    return Contents(
        count=1,
        first=violation.brief,
        callbacks=_callbacks([violation]),
        made={initiator: 1} if initiator else {},
        awaited=_awaited(violation, initiator),
    )


def with_joined(contents: Contents, violation: Violation, initiator: str | None) -> Contents:
    """The same with one more violation."""
    made = Counter(contents.made) + Counter([initiator] if initiator else [])
    awaited = Counter(contents.awaited) + Counter(_awaited(violation, initiator))
    return contents.but(
        count=contents.count + 1,
        newest=(*contents.newest, violation.brief)[-NEWEST:],
        one_key=contents.one_key and violation.report.key == contents.first.report.key,
        callbacks=contents.callbacks + _callbacks([violation]),
        made=dict(made),
        awaited=dict(awaited),
    )


def with_answer(contents: Contents, address: str, name: str | None) -> Contents:
    """The same once Slack has told whose `address` is: those that awaited it are somebody's."""
    awaited = {each: count for each, count in contents.awaited.items() if each != address}
    made = Counter(contents.made)
    if name and (count := contents.awaited.get(address)):
        made[name] += count
    return contents.but(made=dict(made), awaited=awaited)


def without_leaving(room: WarRoom, leaving: tuple[Held, ...], remaining: Remaining) -> Contents:
    """What `room` holds once violations with one key have left it."""
    makers = [initiator_of(room, held) for held in leaving]
    gone = Counter(name for name in makers if name)
    awaited = Counter(
        held.violation.address
        for held, name in zip(leaving, makers, strict=True)
        if not name and held.violation.address in room.contents.awaited
    )
    return Contents(
        count=room.count - len(leaving),
        first=remaining.first.brief,
        newest=tuple(violation.brief for violation in remaining.newest),
        one_key=remaining.one_key,
        callbacks=room.contents.callbacks - _callbacks(held.violation for held in leaving),
        made=dict(Counter(room.contents.made) - gone),
        awaited={
            address: left
            for address, count in room.contents.awaited.items()
            if (left := count - awaited[address]) > 0
        },
    )


def initiator_of(room: WarRoom, held: Held) -> str | None:
    """Who made a violation's change: as it was found when it came, or as Slack has told since."""
    address = held.violation.address
    return held.initiator or (room.addresses.get(address) if address else None)


def is_unknown_address(room: WarRoom, address: str | None) -> bool:
    """Whether Slack has said that it knows nobody by this address."""
    return address in room.addresses and room.addresses[address] is None


def all_by(room: WarRoom, name: str) -> bool:
    """Whether one person made every change that is in the room."""
    return room.contents.made.get(name) == room.count


def unseen(room: WarRoom, shown_count: int) -> int:
    """How many violations a decision would settle that whoever decides was not shown."""
    return max(0, room.count - shown_count) if room.is_storm and shown_count else 0


def _awaited(violation: Violation, initiator: str | None) -> dict[str, int]:
    """The address that Slack has still to tell of, where the initiator is not known otherwise."""
    return {violation.address: 1} if violation.address and not initiator else {}


def _callbacks(violations: Iterable[Violation]) -> int:
    return sum(violation.report.callback_url is not None for violation in violations)
