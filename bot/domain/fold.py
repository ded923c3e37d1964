"""The fold: a room and one more event give the room after it.

Rules
- It looks at nothing but the two, so that any reader of the record sees the same room.
- In which state a room is, the event says: it was set by the table's row that led to it.
- Each event has its fold; the type checker proves it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import assert_never

from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import proposals, standing, storm
from bot.domain.aggregate import Recorded
from bot.domain.contents import NEWEST
from bot.domain.effect import LETS_IN, TELLS
from bot.domain.explanations import Earlier, Explanation
from bot.domain.makers import AccountOwner, Maker, names_of, unsure
from bot.domain.person import AUTOMATIC, SYSTEM
from bot.domain.policy import Rung
from bot.domain.role_sources import Appointment
from bot.domain.terms import Terms
from bot.domain.violation import Success, Violation, graver
from bot.domain.war_room import State, Void, WarRoom

# What people do by themselves; all of it shows that they have seen the violation.
_HUMAN = (
    e.Acknowledged,
    e.InfoRequested,
    e.Explained,
    e.Extended,
    e.HandedOff,
    e.Split,
    e.Decided,
    e.Proposed,
)


def evolve(room: WarRoom | None, recorded: Recorded[e.Event]) -> WarRoom:
    """The room after `recorded`; ValueError when the event is out of order."""
    event = recorded.event
    if isinstance(event, e.Opened):
        if room is not None:
            raise ValueError(f"event {recorded.seq}: room {room.id} is opened a second time")
        return _opened(recorded, event)
    if room is None or recorded.seq != room.version + 1:
        raise ValueError(f"event {recorded.seq} does not follow on {room and room.version}")
    people = room.people | {person.name: person for person in recorded.met}
    here = room.but(version=recorded.seq, state=State.read(recorded.state), people=people)
    return _changed(_acknowledged(here, recorded), recorded, event)


def fold(record: Sequence[Recorded[e.Event]]) -> WarRoom:
    """The room that a whole record gives."""
    room = None
    for recorded in record:
        room = evolve(room, recorded)
    if room is None:
        raise ValueError("a room has at least one event")
    return room


def _opened(recorded: Recorded[e.Event], event: e.Opened) -> WarRoom:
    return WarRoom(
        id=event.room_id,
        version=recorded.seq,
        state=State.read(recorded.state),
        policy_id=event.policy_id,
        policy_digest=event.policy_digest,
        severity=event.severity,
        team=event.team,
        contents=storm.first_contents(event.violation, event.makers, event.pull_request),
        people={person.name: person for person in recorded.met},
        initiators=names_of(event.makers, {}),
        assignments=event.assignments,
        opened_at=recorded.at,
        expires_at=recorded.at + event.window,
        window=event.window,
        ladder_at=recorded.at,
        private=event.private,
        is_storm=event.is_storm,
        awaits_readers=event.awaits_readers,
        decide=event.decide,
        basis=event.basis,
        own_key=event.key,
    )


def _acknowledged(room: WarRoom, recorded: Recorded[e.Event]) -> WarRoom:
    """The room with whoever did something in it counted as having seen it."""
    if not isinstance(recorded.event, _HUMAN) or recorded.actor in AUTOMATIC:
        return room
    room = room.but(acknowledged={recorded.actor: recorded.at} | room.acknowledged)
    if room.first_response_at is None and not isinstance(recorded.event, e.Acknowledged):
        return room.but(first_response_at=recorded.at)
    return room


def _changed(  # noqa: C901, PLR0911, PLR0912 - a table: one case an event
    room: WarRoom,
    recorded: Recorded[e.Event],
    event: e.Later,
) -> WarRoom:
    match event:
        case e.Joined():
            return _joined(room, event, recorded.at)
        case e.Identified():
            return _identified(room, event, recorded.actor)
        case e.InfoRequested():
            return _without_answer(room).but(
                question=event.question,
                question_seq=recorded.seq,
                asked_by=event.asked_by,
                standing=standing.without_questions(room.standing),
            )
        case e.Explained(unasked=True):
            return _explained(room, event.text, recorded.actor)
        case e.Explained():
            return _without_answer(room).but(
                answer=event.text,
                answered_by=recorded.actor,
                standing=standing.without_questions(room.standing),
            )
        case e.Extended():
            return room.but(expires_at=event.expires_at, ladder_at=recorded.at)
        case e.Split():
            makers = (maker for made in event.contents.made_by for maker in made.makers)
            left = names_of(makers, room.owners)
            initiators = tuple(name for name in room.initiators if name in left)
            return room.but(
                contents=event.contents,
                initiators=initiators,
                split_off=room.split_off + len(event.violations),
            )
        case e.HandedOff() | e.Reassigned():
            return room.but(assignments=event.assignments)
        case e.Escalated():
            paged = room.backups_paged or event.rung is Rung.PAGE_BACKUP
            return room.but(ladder_at=event.due_at, backups_paged=paged)
        case e.Decided():
            return room.but(decision=event.decision, standing=())
        case d.ChannelOpened():
            return room.but(channel=event.channel)
        case d.CardPosted():
            return room.but(card=event.message)
        case d.Paged():
            listed = {event.name: event.listing} if event.listing else {}
            return room.but(
                pages=room.pages | {event.name: event.message},
                digested=(*room.digested, event.name) if event.digest else room.digested,
                listings=room.listings | listed,
            )
        case d.Unreachable():
            unreachable = room.unreachable | {event.name: event.error}
            return room.but(unreachable=unreachable, assignments=event.assignments)
        case e.Proposed():
            return proposals.with_new(room, event.proposal, event.notify)
        case e.CheckSucceeded():
            return room.but(successes=(*room.successes, event.success)[-NEWEST:])
        case d.Invited():
            let_in = tuple(dict.fromkeys((*room.let_in, *event.names)))
            return room.but(let_in=let_in, let_in_at=recorded.at)
        case d.ResultShown():
            return room.but(result_at=recorded.at)
        case d.ChannelLost():
            return room.but(given_up_at=recorded.at)
        case d.Dropped():
            waited = event.effect in LETS_IN or (event.effect == TELLS and room.decision)
            return room.but(given_up_at=recorded.at) if waited else room
        case d.Told():
            asked = standing.with_asked(room.questions, event)
            return room.but(standing=standing.with_told(room, event), questions=asked)
        case e.ExceptionEnding():
            return room.but(end_told=True)
        case e.ExceptionEnded():
            return room.but(
                exception_ended_at=event.ended_at,
                revoked_by=event.revoked_by,
                revoked_for=event.reason or None,
                standing=(),
            )
        case e.ExceptionRenewed():
            renewed = room.decision and room.decision.but(valid_until=event.until)
            return room.but(decision=renewed, standing=())
        case e.Assigned():
            by = recorded.account or recorded.actor
            appointment = Appointment(role=event.role, name=event.to, by=by, why=event.why)
            return room.but(assignments=event.assignments, appointed=(*room.appointed, appointment))
        case d.TeamRecorded():
            return room.but(slack_teams=room.slack_teams | {event.name: event.team})
        case e.CarriedOver():
            return room.but(earlier=reduce(Earlier.more, event.explanations, room.earlier))
        case e.Acknowledged() | e.Closed() | e.Replied():
            return room
    assert_never(event)


def _without_answer(room: WarRoom) -> WarRoom:
    """The room once its answer is about to be replaced, or its question."""
    if room.answer is None:
        return room
    replaced = Explanation(question=room.question, text=room.answer, by=room.answered_by)
    return room.but(answer=None, answered_by=None, earlier=room.earlier.more(replaced))


def _explained(room: WarRoom, text: str, by: str) -> WarRoom:
    earlier = room.earlier
    if room.explanation is not None:
        earlier = earlier.more(Explanation(text=room.explanation, by=room.explained_by))
    return room.but(explanation=text, explained_by=by, earlier=earlier)


def _under(terms: Terms, room: WarRoom, at: datetime) -> WarRoom:
    """The room as it goes on under graver terms: it may end earlier by them, and never later."""
    expires_at = min(room.expires_at, at + terms.window)
    return room.but(
        severity=terms.severity,
        decide=terms.decide,
        basis=terms.basis,
        expires_at=expires_at,
        window=room.window - (room.expires_at - expires_at),
    )


def _joined(room: WarRoom, event: e.Joined, at: datetime) -> WarRoom:
    before = room
    room = room.but(
        contents=storm.with_joined(room, event.violation, event.makers),
        assignments=event.assignments,
        successes=tuple(
            success for success in room.successes if not _undone(success, event.violation)
        ),
    )
    room = _with_initiators(room, names_of(event.makers, room.owners))
    if event.terms:  # what was proposed on less is no word on more
        room = _under(event.terms, room, at)
        authors = [proposal.by for proposal in room.proposals]
        room = proposals.without(room, authors, Void.JOINED)
    if room.is_storm:
        severity = graver(room.severity, event.violation.report.severity or room.severity)
        room = room.but(severity=severity)
    elif not room.proposals or _unsure(room) <= _unsure(before):
        return room
    authors = [proposal.by for proposal in room.proposals]
    return proposals.without(room, authors, Void.JOINED)


def _unsure(room: WarRoom) -> frozenset[Maker]:
    return frozenset(unsure(room.contents.made_by, room.owners, SYSTEM))


def _identified(room: WarRoom, event: e.Identified, by: str) -> WarRoom:
    before = room.owners.get(event.account)
    owner = (
        before.told(event.names, by, SYSTEM)
        if before
        else AccountOwner(names=event.names, by=by, answered=by == SYSTEM)
    )
    owners = room.owners | {event.account: owner}
    return _with_initiators(room.but(owners=owners, assignments=event.assignments), event.names)


def _with_initiators(room: WarRoom, names: tuple[str, ...]) -> WarRoom:
    """The room with `names` among its initiators, who propose nothing in it."""
    initiators = tuple(dict.fromkeys((*room.initiators, *names)))
    return proposals.without(room, initiators, Void.INITIATOR).but(initiators=initiators)


def _undone(success: Success, violation: Violation) -> bool:
    """Whether a violation is a failure of the same check that came after its success."""
    return violation.report.key == success.key and violation.detected_at >= success.at
