"""What a room holds of its violations, as they come and go; and what holds for a storm's.

Rules
- The same key still means the same decision: violations with one key leave a storm together.
- Who made only some of the changes doesn't withdraw those of others.
"""

from collections.abc import Iterable

from bot.domain.commands import Held, Remaining
from bot.domain.contents import NEWEST, Contents, PullRequest
from bot.domain.makers import Maker, names_of, with_more, without
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom


def first_contents(
    violation: Violation, makers: tuple[Maker, ...], pull_request: PullRequest | None = None
) -> Contents:
    """What a new room holds."""
    return Contents(
        pull_request=pull_request,
        count=1,
        first=violation.shown,
        callbacks=_callbacks([violation]),
        made_by=with_more((), makers),
    )


def with_joined(room: WarRoom, violation: Violation, makers: tuple[Maker, ...]) -> Contents:
    """What `room` holds with one more violation; of a storm one key is of one commit."""
    contents, pull_request = room.contents, room.contents.pull_request
    first, joined = contents.first.report, violation.report
    same = joined.bound_key == first.bound_key if room.is_storm else joined.key == first.key
    return contents.but(
        pull_request=pull_request and pull_request.joined_by(violation.report),
        count=contents.count + 1,
        newest=(*contents.newest, violation.brief)[-NEWEST:],
        one_key=contents.one_key and same,
        callbacks=contents.callbacks + _callbacks([violation]),
        made_by=with_more(contents.made_by, makers),
    )


def without_leaving(room: WarRoom, leaving: tuple[Held, ...], remaining: Remaining) -> Contents:
    """What `room` holds once violations with one key have left it."""
    made_by = room.contents.made_by
    for held in leaving:
        made_by = without(made_by, held.makers)
    return Contents(
        count=room.count - len(leaving),
        first=remaining.first.shown,
        newest=tuple(violation.brief for violation in remaining.newest),
        one_key=remaining.one_key,
        callbacks=room.contents.callbacks - _callbacks(held.violation for held in leaving),
        pull_request=room.contents.pull_request,
        made_by=made_by,
    )


def all_by(room: WarRoom, name: str) -> bool:
    """Whether one person made every change that is in the room."""
    return all(name in names_of(each.makers, room.owners) for each in room.contents.made_by)


def unseen(room: WarRoom, shown_count: int) -> int:
    """How many violations a decision would settle that whoever decides was not shown."""
    return max(0, room.count - shown_count) if shown_count else 0


def _callbacks(violations: Iterable[Violation]) -> int:
    return sum(violation.report.callback_url is not None for violation in violations)
