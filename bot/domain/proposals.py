"""What people would allow where it takes two: which of it counts, and who may be the second person.

Rules
- A proposal counts as long as its author may decide here; a newer one of theirs takes its place.
- Who turns out to be an initiator has proposed nothing. What joins a storm makes all void: they
  were made without having seen it. What is void is kept with the reason, the newest of each person.
- Once the room is decided its proposals stay as they are: they are a part of the decision.
- Called are those on duty who may be second. Where there are none, whoever else may; where there
  are none either, the backups.
"""

from collections.abc import Collection

from bot.domain import commands as c
from bot.domain.access import MAY, roles_of
from bot.domain.person import Actor
from bot.domain.policy import Role
from bot.domain.war_room import Proposal, Void, WarRoom


def counting(room: WarRoom) -> tuple[Proposal, ...]:
    """Those that count by now."""
    return tuple(each for each in room.proposals if _may_decide(room, each.by))


def by(room: WarRoom, name: str) -> Proposal | None:
    """What somebody would allow, as far as it counts."""
    return next((each for each in counting(room) if each.by == name), None)


def void(room: WarRoom) -> tuple[Proposal, ...]:
    """Those that don't count any more; without a reason of their own, their author has no role."""
    return (*room.voided, *(each for each in room.proposals if not _may_decide(room, each.by)))


def seconds(room: WarRoom, proposal: Proposal) -> tuple[str, ...]:
    """Who may allow what somebody proposed, as a second person: those on duty first."""
    command = c.Override if proposal.validity else c.Approve
    may = [each for each in room.assignments if command in MAY.get(each.role, ())]
    names = (
        *(each.on_duty for each in may if each.on_duty),
        *(name for each in may for name in each.others),
        *(name for each in may for name in each.backups),
    )
    author = Actor(person=room.person(proposal.by))
    return tuple(name for name in dict.fromkeys(names) if not author.is_one_with(room.person(name)))


def to_call(room: WarRoom, proposal: Proposal) -> tuple[str, ...]:
    """Who is told of it, so that a second person allows it or doesn't."""
    names = [name for name in seconds(room, proposal) if name not in room.unreachable]
    others = {name for each in room.assignments for name in each.others}
    on_duty = tuple(name for name in names if name in room.on_duty)
    return on_duty or tuple(name for name in names if name in others) or tuple(names)


def with_new(room: WarRoom, proposal: Proposal, called: Collection[str]) -> WarRoom:
    """The room with one more; `called` are told of it, backups among them too."""
    backups = {name for each in room.assignments for name in each.backups}
    return room.but(
        proposals=(*(each for each in room.proposals if each.by != proposal.by), proposal),
        voided=tuple(each for each in room.voided if each.by != proposal.by),
        backups_paged=room.backups_paged or not backups.isdisjoint(called),
    )


def without(room: WarRoom, names: Collection[str], why: Void) -> WarRoom:
    """The room once the proposals of these count no more."""
    gone = tuple(each.but(void=why) for each in room.proposals if each.by in names)
    if room.decision or not gone:
        return room
    authors = {each.by for each in gone}
    return room.but(
        proposals=tuple(each for each in room.proposals if each.by not in authors),
        voided=(*(each for each in room.voided if each.by not in authors), *gone),
    )


def _may_decide(room: WarRoom, name: str) -> bool:
    return any(role is not Role.INITIATOR for role in roles_of(room, name))
