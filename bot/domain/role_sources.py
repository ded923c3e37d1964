"""Who has a role in one room, and by what, besides being named by its policy.

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


class Assignment(StoredValue):
    """One role in one room: who is on duty, who else may act, and what Slack said of its groups."""

    role: Role
    on_duty: PersonName | None = None
    others: tuple[PersonName, ...] = ()
    backups: tuple[PersonName, ...] = ()
    unknown_group: str | None = None
    unknown_backup_group: str | None = None
    groups: tuple[UserGroup, ...] = ()

    def group(self, *, backup: bool) -> UserGroup | None:
        """What Slack said of the group in front, or of that of the backups."""
        return next((group for group in self.groups if group.backup is backup), None)

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody who holds the role here."""
        first = (self.on_duty,) if self.on_duty else ()
        return first + self.others + self.backups
