"""What a room is told of the exception that its decision made, by the exception's stream."""

from pydantic import AwareDatetime

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
