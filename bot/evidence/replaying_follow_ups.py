"""Replays a follow-up through its own table: owed once, closed once, never by who made the change.

Rules
- A follow-up's commands say no more than their kinds here: whether one had its turn, who may give
  it, and in which state it ends.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain import follow_up as f
from bot.domain.follow_up import FollowUp, FollowUpState
from bot.domain.follow_up_lifecycle import TABLE, obstacle
from bot.domain.person import Actor, Person
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged, refused

LED_TO_BY: Mapping[type[Any], type[Any]] = {
    f.FollowUpAsked: f.RecordAsked,
    f.FollowUpReminded: f.Remind,
    f.FollowUpOverdue: f.TellOverdue,
    f.FollowUpPassedOn: f.RecordNotReached,
    f.HoldersNamed: f.NameHolders,
    f.FollowUpClosed: f.CloseFollowUp,
}


def faults(judged: Judged) -> Iterator[Found]:
    """What is wrong with an event of a follow-up."""
    recorded, owed = judged.recorded, judged.before
    if isinstance(recorded.event, f.FollowUpOwed):
        if recorded.state != FollowUpState.OPEN:
            yield Found(Kind.TRANSITION, f"it doesn't lead to {recorded.state}")
        if recorded.event.owner in recorded.event.initiators:
            yield Found(Kind.OWN_VIOLATION, "who made the change can't owe a look at it")
        return
    kind = LED_TO_BY.get(type(recorded.event))
    if kind is None or not isinstance(owed, FollowUp):
        yield Found(Kind.TRANSITION, "a follow-up takes no such step")
        return
    actor = Actor(person=owed.people.get(recorded.actor) or Person(name=recorded.actor))
    if refusal := obstacle(owed, kind.model_construct(), actor):
        yield refused(refusal)
        return
    if TABLE[owed.state, kind].to != recorded.state:
        yield Found(Kind.TRANSITION, f"it doesn't lead to {recorded.state}")
