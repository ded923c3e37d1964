"""By what somebody has a role in one room, besides being named by its policy.

- A Slack user group, for as long as Slack says that they are in it.
- An operator, who gave it to them with a reason.
"""

from pydantic import AwareDatetime

from bot.domain.personal import FreeText, PersonName
from bot.domain.policy import Role
from bot.domain.value import StoredValue


class UserGroup(StoredValue):
    """A Slack user group behind a role, and whom Slack named when it was asked last.

    `error` is Slack's name for why it names nobody.
    """

    id: str
    backup: bool
    asked_at: AwareDatetime
    members: tuple[PersonName, ...] = ()
    error: str | None = None


class Appointment(StoredValue):
    """Somebody to whom an operator gave a role in a room, with the reason; `by`: which operator."""

    role: Role
    name: PersonName
    by: FreeText
    why: FreeText
