"""Replays what a room tells of its exception: that it goes on, ends before long, or is over.

Rules
- It tells what has befallen the exception in the same transaction, which stands before it in the
  log, and nothing else: its decision's end moves by that.
- Before exceptions had streams rooms told of their ends themselves; of those nothing is said.
"""

from collections.abc import Iterator

from bot.domain import events as e
from bot.domain.exception import ExceptionState, PolicyException
from bot.domain.person import Person
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged

_TELLS = (e.ExceptionRenewed, e.ExceptionEnding, e.ExceptionEnded)


def faults(room: WarRoom, judged: Judged) -> Iterator[Found]:
    """What is wrong with what a room tells of its exception; nothing where it tells nothing."""
    event = judged.recorded.event
    if not isinstance(event, _TELLS):
        return
    exception = judged.exception(judged.stream_id)
    if exception is None:
        if isinstance(event, e.ExceptionRenewed) or (
            isinstance(event, e.ExceptionEnded) and event.revoked_by
        ):
            yield Found(Kind.TRANSITION, "there is no exception on record of which it tells")
    elif isinstance(event, e.ExceptionEnded):
        yield from _ended(room, event, exception)
    else:
        until = event.until if isinstance(event, e.ExceptionRenewed) else event.ends_at
        if until != exception.until:
            yield Found(Kind.DECISION, f"its exception holds until {exception.until}")
        if isinstance(event, e.ExceptionRenewed):
            yield from _by(room, event.by, exception, exception.allowed_by)


def _ended(room: WarRoom, event: e.ExceptionEnded, exception: PolicyException) -> Iterator[Found]:
    by, at = exception.revoked_by, exception.revoked_at
    if exception.state is ExceptionState.ACTIVE:
        yield Found(Kind.EARLY_EXPIRY, f"its exception is active until {exception.until}")
    elif event.ended_at != (at or exception.until):
        yield Found(Kind.DECISION, f"its exception has ended on {at or exception.until}")
    elif bool(event.revoked_by) != bool(by):
        yield Found(Kind.DECISION, "whether somebody has revoked its exception isn't as it was")
    elif event.revoked_by and by:
        yield from _by(room, event.revoked_by, exception, by)


def _by(room: WarRoom, said: str, exception: PolicyException, by: str) -> Iterator[Found]:
    """Each of the two has names of its own."""
    if not _is_one(room.person(said), exception.person(by)):
        yield Found(Kind.DECISION, f"it was {by} who did that to its exception", True)


def _is_one(one: Person, other: Person) -> bool:
    return one.name == other.name or one.shares_account_with(other)
