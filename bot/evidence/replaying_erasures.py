"""Replays an erasure: it counts what it took, and nothing is less than nothing."""

from collections.abc import Iterator

from bot.domain.erasure import Erased
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged


def faults(judged: Judged) -> Iterator[Found]:
    """What is wrong with the record of an erasure."""
    event = judged.recorded.event
    if not isinstance(event, Erased):
        return
    if event.erasure_id != judged.stream_id:
        yield Found(Kind.TRANSITION, f"it records the erasure {event.erasure_id}")
    if min(event.values, event.events, event.rooms, event.streams, event.violations) < 0:
        yield Found(Kind.TRANSITION, "it counts less than nothing")
