"""The fold of a follow-up: it and one more of its events give the follow-up after it."""

from typing import Any, assert_never

from bot.domain import follow_up as f
from bot.domain.aggregate import Recorded, Unknown
from bot.domain.follow_up import Closure, FollowUp, FollowUpState

_FROM_THE_FIRST = (FollowUp.model_fields.keys() & f.FollowUpOwed.model_fields.keys()) - {"kind"}


def evolve(before: FollowUp | None, recorded: Recorded[f.Event]) -> FollowUp:
    """The follow-up after `recorded`; ValueError when the event is out of order."""
    event = recorded.event
    if isinstance(event, f.FollowUpOwed):
        if before is not None:
            raise ValueError(f"event {recorded.seq}: {before.id} is owed a second time")
        return _owed(recorded, event)
    if before is None or recorded.seq != before.version + 1:
        raise ValueError(f"event {recorded.seq} does not follow on {before and before.version}")
    return before.but(
        version=recorded.seq,
        state=FollowUpState.read(recorded.state),
        people=before.people | {person.name: person for person in recorded.met},
        **_changes(before, recorded, event),
    )


def _owed(recorded: Recorded[f.Event], event: f.FollowUpOwed) -> FollowUp:
    return FollowUp(
        id=event.follow_up_id,
        version=recorded.seq,
        state=FollowUpState.read(recorded.state),
        kind=event.owes,
        opened_at=recorded.at,
        people={person.name: person for person in recorded.met},
        **{name: getattr(event, name) for name in _FROM_THE_FIRST},
    )


def _changes(owed: FollowUp, recorded: Recorded[f.Event], event: f.Later) -> dict[str, Any]:
    match event:
        case f.FollowUpAsked():
            changes: dict[str, Any] = {"asked": owed.asked | {event.name: event.message}}
        case f.FollowUpReminded():
            changes = {"was_reminded": True}
        case f.FollowUpOverdue():
            changes = {"was_overdue": True}
        case f.FollowUpPassedOn():
            changes = {
                "owner": event.owner,
                "others": tuple(name for name in owed.holders if name != event.owner),
                "not_reached": (*owed.not_reached, event.name),
            }
        case f.HoldersNamed():
            changes = {"owner": event.owner, "others": event.others, "group": None}
        case f.FollowUpClosed():
            answered = {"answer": event.answer, "link": event.link, "reason": event.reason}
            changes = {"closure": Closure(by=recorded.actor, at=recorded.at, **answered)}
        case Unknown():
            changes = {}
        case _:
            assert_never(event)
    return changes
