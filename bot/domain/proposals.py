"""What people would allow where it takes two: which of it counts, and who may be the second person.

Rules
- A proposal counts as long as its author may decide here; a newer one of theirs takes its place.
- Who turns out to be an initiator has proposed nothing. What joins makes void what was proposed
  without having seen it: in a storm always, elsewhere where it isn't known for sure who is behind
  it, and they were behind nothing here before. What is void is kept with the reason, the newest of
  each person.
- Once the room is decided its proposals stay as they are: they are a part of the decision.
- Called are those on duty who may be second. Where there are none, whoever else may; where there
  are none either, the backups. Where nobody can override as the second person, those are called in
  the same order who may approve: the override that was proposed is a decision after that.
- Nobody is called again for what somebody proposes instead who was called for what they proposed
  before.
"""

from collections.abc import Collection, Iterable

from bot.domain import commands as c
from bot.domain.access import may, roles_of
from bot.domain.makers import names_of
from bot.domain.order import Order
from bot.domain.person import TIMEOUT, Actor
from bot.domain.separation import in_doubt
from bot.domain.war_room import Proposal, Void, WarRoom


def counting(room: WarRoom) -> tuple[Proposal, ...]:
    """Those that count by now."""
    return tuple(proposal for proposal in room.proposals if not _barred(room, proposal.by))


def by(room: WarRoom, name: str) -> Proposal | None:
    """What somebody would allow, as far as it counts."""
    return next((proposal for proposal in counting(room) if proposal.by == name), None)


def void(room: WarRoom) -> tuple[tuple[Proposal, Void], ...]:
    """Those that don't count, each with why; of a decided room, those that had no part in it."""
    decision, otherwise = room.decision, None
    if decision:
        otherwise = Void.TOO_LATE if decision.by == TIMEOUT else Void.DECIDED_OTHERWISE
    heard = (decision.by, *decision.agreed) if decision else ()
    return (
        *(
            (proposal, _why(room, proposal, proposal.void))
            for proposal in room.voided
            if proposal.void
        ),
        *(
            (proposal, why)
            for proposal in room.proposals
            if proposal.by not in heard and (why := _barred(room, proposal.by) or otherwise)
        ),
    )


def seconds(room: WarRoom, proposal: Proposal) -> tuple[str, ...]:
    """Who may allow what somebody proposed, as a second person: those on duty first."""
    return _others(room, proposal, c.Override if proposal.validity else c.Approve)


def approvers(room: WarRoom, proposal: Proposal) -> tuple[str, ...]:
    """Who is called to approve, so that the author of an override can decide by it then.

    Nobody, where somebody can be reached who may override too, or its author can decide by now.
    """
    overrides = _first(room, seconds(room, proposal))
    if not proposal.validity or overrides or author_can_decide(room, proposal):
        return ()
    return _first(room, _others(room, proposal, c.Approve))


def author_can_decide(room: WarRoom, proposal: Proposal) -> bool:
    """Whether it is a decision by now when its author allows it once more."""
    author = Actor(person=room.person(proposal.by))
    return not in_doubt(room, author) or any(
        other.covers(proposal.validity, proposal.scope)
        and not author.is_one_with(room.person(other.by))
        for other in counting(room)
    )


def to_call(room: WarRoom, proposal: Proposal) -> tuple[str, ...]:
    """Who is told of it, so that a second person allows it or doesn't."""
    return _first(room, seconds(room, proposal)) or approvers(room, proposal)


def with_new(room: WarRoom, proposal: Proposal, called: Collection[str]) -> WarRoom:
    """The room with one more; `called` are told of it, backups among them too."""
    backups = {name for assignment in room.assignments for name in assignment.backups}
    before = next((other for other in room.proposals if other.by == proposal.by), None)
    told = (*(before.told if before else ()), *called)
    return room.but(
        proposals=(*_of_others(room.proposals, (proposal.by,)), proposal.but(told=told)),
        voided=_of_others(room.voided, (proposal.by,)),
        backups_paged=room.backups_paged or not backups.isdisjoint(called),
    )


def without(room: WarRoom, names: Collection[str], why: Void) -> WarRoom:
    """The room once the proposals of these count no more."""
    gone = tuple(proposal.but(void=why) for proposal in room.proposals if proposal.by in names)
    if room.decision or not gone:
        return room
    authors = {proposal.by for proposal in gone}
    return room.but(
        proposals=_of_others(room.proposals, authors),
        voided=(*_of_others(room.voided, authors), *gone),
    )


def _of_others(some: Iterable[Proposal], names: Collection[str]) -> tuple[Proposal, ...]:
    return tuple(proposal for proposal in some if proposal.by not in names)


def _others(room: WarRoom, proposal: Proposal, command: type[Order]) -> tuple[str, ...]:
    """Who may give `command` and is another human than a proposal's author: those on duty first."""
    able = [each for each in room.assignments if may(room, each.role, command)]
    names = (
        *(assignment.on_duty for assignment in able if assignment.on_duty),
        *(name for assignment in able for name in assignment.others),
        *(name for assignment in able for name in assignment.backups),
    )
    author = Actor(person=room.person(proposal.by))
    return tuple(name for name in dict.fromkeys(names) if not author.is_one_with(room.person(name)))


def _first(room: WarRoom, names: Iterable[str]) -> tuple[str, ...]:
    """Those of them to be called who can be reached: on duty, or else no backups, or else all."""
    reached = tuple(name for name in names if name not in room.unreachable)
    others = {name for assignment in room.assignments for name in assignment.others}
    on_duty = tuple(name for name in reached if name in room.on_duty)
    return on_duty or tuple(name for name in reached if name in others) or reached


def _barred(room: WarRoom, name: str) -> Void | None:
    """Why nothing counts that somebody would allow here; None where it does."""
    if name in room.initiators:
        return Void.INITIATOR
    return None if roles_of(room, name) else Void.NO_ROLE


def _why(room: WarRoom, proposal: Proposal, void: Void) -> Void:
    """Why it was made `void`, in the light of what is known by now of who made the change."""
    owners = {account: owner.but(former=()) for account, owner in room.owners.items()}
    makers = (maker for made in room.contents.made_by for maker in made.makers)
    is_behind = proposal.by in names_of(makers, owners)
    return Void.MISNAMED if void is Void.INITIATOR and not is_behind else void
