"""Who is in the workspace.

Rules
- Only people with an e-mail address who are active are found by it.
- The bot is a user too, and can't be invited, paged or found by e-mail.
"""

from collections.abc import Iterable

from bot.local_slack.config import Member, Usergroup
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.core import Core


class Directory:
    """People by id, name and e-mail; user groups."""

    def __init__(self, core: Core) -> None:
        config = core.config
        self._core = core
        self._people = {person.id: person for person in config.people}
        self.bot = Member(
            id=config.bot_user_id, name=config.bot_name, real_name=config.bot_name, tz="UTC"
        )
        self.usergroups: tuple[Usergroup, ...] = config.usergroups

    def everybody(self) -> list[Member]:
        """All people and the bot, by id of entry."""
        return [*self._people.values(), self.bot]

    def person(self, user: str) -> Member:
        """The person or the bot with this id. Raises user_not_found."""
        if user == self.bot.id:
            return self.bot
        if user not in self._people:
            raise SlackError("user_not_found")
        return self._people[user]

    def human(self, user: str) -> Member:
        """The active person with this id; nobody else can act. Raises user_not_found."""
        found = self.person(user)
        if found is self.bot or found.deactivated:
            raise SlackError("user_not_found", reason=f"{user} is no active person")
        return found

    def by_email(self, email: str) -> Member:
        """The active person with this address. Raises users_not_found."""
        for person in self._people.values():
            if person.email and person.email.lower() == email.lower() and not person.deactivated:
                return person
        raise SlackError("users_not_found")

    def by_name(self, name: str) -> Member | None:
        """The person with this name."""
        return next((p for p in self.everybody() if p.name == name), None)

    def change(self, user: str, **changes: object) -> Member:
        """Change what is known of a person: deactivate them, take their e-mail away, and so on."""
        known = self.person(user).model_dump()
        changed = Member.model_validate({**known, **changes, "id": user})
        self._people[user] = changed
        self._core.announce("person.changed", user=user)
        return changed

    def change_group(self, group: str, users: Iterable[str]) -> Usergroup:
        """Say anew who is in a user group. Raises no_such_subteam, user_not_found."""
        members = tuple(self.person(user).id for user in users)
        for known in self.usergroups:
            if known.id == group:
                changed = known.model_copy(update={"users": members})
                self.usergroups = tuple(
                    changed if each is known else each for each in self.usergroups
                )
                self._core.announce("usergroup.changed", group=group)
                return changed
        raise SlackError("no_such_subteam")
