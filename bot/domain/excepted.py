"""What a room is told of the exception that its decision made, by the exception's stream."""

from pydantic import AwareDatetime

from bot.domain.order import Order
from bot.domain.person import Person


class WarnOfEnd(Order):
    """It ends before long."""

    verb = "warn of the end of an exception"
    ends_at: AwareDatetime


class EndException(Order):
    """It is over, since somebody has revoked it or not; `quiet`: nobody waits to hear of it."""

    verb = "end an exception"
    ended_at: AwareDatetime
    quiet: bool = False
    revoked_by: Person | None = None
    reason: str = ""

    @property
    def people(self) -> tuple[Person, ...]:
        """Who has revoked it."""
        return (self.revoked_by,) if self.revoked_by else ()


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
