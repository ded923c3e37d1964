"""What a room is told of the exception that its decision made, by the exception's stream."""

from pydantic import AwareDatetime

from bot.domain import exception as x
from bot.domain.aggregate import Recorded
from bot.domain.order import Order
from bot.domain.person import Person
from bot.domain.war_room import Verdict, WarRoom


def holds(room: WarRoom) -> bool:
    """Whether a room's decision allows something until an end that the room wasn't told of yet."""
    decision = room.decision
    if decision is None or decision.verdict is not Verdict.ALLOW or room.exception_ended_at:
        return False
    return decision.valid_until is not None


class WarnOfEnd(Order):
    """It ends before long; `owner_asked`: a follow-up asks its owner already."""

    verb = "warn of the end of an exception"
    ends_at: AwareDatetime
    owner: Person
    owner_asked: bool = False

    @property
    def people(self) -> tuple[Person, ...]:
        """Whose it is."""
        return (self.owner,)


class EndException(Order):
    """It is over, since somebody has revoked it or not; `quiet`: nobody waits to hear of it."""

    verb = "end an exception"
    ended_at: AwareDatetime
    owner: Person | None
    quiet: bool = False
    revoked_by: Person | None = None
    reason: str = ""

    @property
    def people(self) -> tuple[Person, ...]:
        """Whose it was, and who has revoked it."""
        return tuple(each for each in (self.owner, self.revoked_by) if each)


class RenewException(Order):
    """Somebody has decided that it goes on, and why."""

    verb = "record a renewal"
    until: AwareDatetime
    by: Person
    reason: str

    @property
    def people(self) -> tuple[Person, ...]:
        """Who has renewed it."""
        return (self.by,)


def told(
    recorded: Recorded[x.Event], exception: x.PolicyException, *, owner_asked: bool
) -> WarnOfEnd | EndException | RenewException | None:
    """What its room has to tell of what happened to an exception."""
    owner = exception.person(exception.owner)
    match recorded.event:
        case x.Warned(until=until):
            return WarnOfEnd(ends_at=until, owner=owner, owner_asked=owner_asked)
        case x.Ended(until=until):
            quiet = exception.is_quiet
            return EndException(ended_at=until, owner=owner, quiet=quiet)
        case x.Revoked(reason=reason):
            by = exception.person(recorded.actor)
            return EndException(ended_at=recorded.at, owner=owner, revoked_by=by, reason=reason)
        case x.Renewed(until=until, reason=reason):
            by = exception.person(recorded.actor)
            return RenewException(until=until, by=by, reason=reason)
    return None
