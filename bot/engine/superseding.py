"""A new commit of a pull request: the rooms of the others end, and what was explained goes on.

Rules
- It ends every open room whose violations are all of that pull request and of commits that were
  heard of before: by any violation of it, whatever it is answered. It ends no other.
- A commit that comes in once more is as old as it was, and ends no room of a newer one.
- A room past its deadline is settled by the clock's rule instead.
- What initiators had explained stands in the new commit's room of the same policy and subject.
"""

from collections.abc import Iterator

from bot.domain.aggregate import Step
from bot.domain.commands import Expire
from bot.domain.earlier import subject_of
from bot.domain.explanations import EARLIER, Explanation
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_NEW_COMMIT, BY_SYSTEM, BY_TIMEOUT
from bot.domain.superseding import CarryOver, Supersede
from bot.domain.violation import Violation
from bot.domain.war_room import Outcome, State, WarRoom
from bot.engine.room_choice import Steps
from bot.storage.transaction import Transaction


def supersede(transaction: Transaction, violation: Violation, steps: Steps) -> None:
    """End the rooms of older commits of the pull request that a violation is of."""
    name, commit = violation.report.pull_request, violation.report.origin.commit
    if name is None or commit is None:
        return
    numbers = transaction.pull_requests.numbers(name, commit)
    if numbers[commit] < max(numbers.values()):
        return
    for room in _other_rooms(transaction, name, commit):
        if transaction.now >= room.expires_at:
            steps.apply(transaction, room.id, Expire(), BY_TIMEOUT)
        else:
            steps.apply(transaction, room.id, Supersede(commit=commit), BY_NEW_COMMIT)


def carry_over(transaction: Transaction, room: WarRoom, steps: Steps) -> WarRoom:
    """A room with what was explained in the one in whose place it stands, where it is new."""
    about, subject = room.contents.pull_request, subject_of(room)
    if room.version > 1 or about is None or subject is None:
        return room
    before = list(_superseded(transaction, about.name, room.policy_id, subject))
    key = room.violation.report.dedup_key
    alike = [each for each in before if each.violation.report.dedup_key == key]
    for old in (alike or before)[:1]:
        told = tuple(_explained(old))[-EARLIER:]
        if told:
            persons = tuple(old.person(each.by) for each in told if each.by)
            command = CarryOver(explanations=told, persons=persons)
            step = steps.apply(transaction, room.id, command, BY_SYSTEM)
            room = step.after if isinstance(step, Step) else room
    return room


def _other_rooms(transaction: Transaction, name: str, commit: str) -> Iterator[WarRoom]:
    """The open rooms that are about other commits of the pull request, and about nothing else."""
    seen = (room.id for room in transaction.seen(WAR_ROOM))
    ids = dict.fromkeys((*transaction.pull_requests.other_rooms(name, commit), *seen))
    for room_id in ids:
        room = transaction.state(WAR_ROOM, room_id)
        about = room and room.contents.pull_request
        is_open = room and room.state is State.OPEN
        if room and is_open and about and about.name == name and about.commits != (commit,):
            yield room


def _superseded(
    transaction: Transaction, name: str, policy_id: str, subject: str
) -> Iterator[WarRoom]:
    """The rooms on the subject that a new commit has ended, the last of them first."""
    for room in transaction.seen(WAR_ROOM):
        decision, about = room.decision, room.contents.pull_request
        ended = decision and decision.outcome is Outcome.SUPERSEDED
        same = room.policy_id == policy_id and subject_of(room) == subject
        if ended and same and about and about.name == name:
            yield room
    yield from transaction.pull_requests.superseded(name, policy_id, subject)


def _explained(room: WarRoom) -> Iterator[Explanation]:
    """What its initiators have told, the newest last; what they told elsewhere says where."""
    told = [*room.earlier.newest]
    if room.explanation is not None:
        told.append(Explanation(text=room.explanation, by=room.explained_by))
    if room.answer is not None:
        told.append(Explanation(question=room.question, text=room.answer, by=room.answered_by))
    for each in told:
        if each.room or each.by in room.initiators:
            yield each.but(room=each.room or room.id)
