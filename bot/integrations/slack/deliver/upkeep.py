"""Whether those who have a role still are who they were: asked before they are paged again.

Rules
- Groups are asked whose last answer is old; whoever has left one isn't paged by it.
- Of those on duty who are to decide, whoever is deactivated is passed over, and so is the next.
- What was found out comes as commands, and the room as it will be by them.
"""

from bot.domain import lifecycle, usergroups
from bot.domain import reported as r
from bot.domain.aggregate import Step
from bot.domain.person import BY_SYSTEM
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.accounts import Accounts, user_of
from bot.integrations.slack.deliver.recording import Commands
from bot.integrations.slack.installation import Installed
from bot.integrations.slack.user_groups import UserGroups


class Upkeep:
    """Asks Slack on behalf of deliveries."""

    def __init__(
        self, engine: Engine, groups: UserGroups, accounts: Accounts, installed: Installed
    ) -> None:
        self._engine = engine
        self._installed = installed
        self._groups = groups
        self._accounts = accounts

    async def before_page(self, room: WarRoom, name: str) -> tuple[Commands, WarRoom]:
        """What has to be known before somebody is paged who has their roles by groups alone.

        PassingError where Slack doesn't say who is in one.
        """
        policy = (await self._engine.rules_for(room)).policy
        if name in room.initiators:
            return (), room
        roles = [each.role for each in room.assignments if name in each.holders]
        if not all(usergroups.rests_on(room, policy, role, name) is not None for role in roles):
            return (), room
        return await self._asked_anew(room, *roles)

    async def of_all(self, room: WarRoom) -> tuple[Commands, WarRoom]:
        """The same for all groups behind the room's roles, and for everybody on duty.

        Whoever is deactivated is passed over first: that they are in no group either, is by that.
        """
        if room.decision:
            return (), room
        gone, room = await self._passed_over(room)
        asked, room = await self._asked_anew(room, *(each.role for each in room.assignments))
        more, room = await self._passed_over(room)
        return (*gone, *asked, *more), room

    async def _passed_over(self, room: WarRoom) -> tuple[Commands, WarRoom]:
        found: Commands = ()
        asked: set[str] = set()
        while due := [
            name
            for each in room.assignments
            if (name := each.on_duty) and name not in asked and name not in room.unreachable
        ]:
            asked.update(due)
            for name in due:
                told = await self._told(room, name)
                found, room = (*found, *told), await self._after(room, told)
        return found, room

    async def _told(self, room: WarRoom, name: str) -> Commands:
        """What Slack says of somebody: that they are gone, or of another workspace."""
        account = await self._accounts.of(user_of(room, name))
        if account.error:
            return (r.RecordUnreachable(name=name, error=account.error),)
        installation = await self._installed.known()
        team = installation.other_team(account.team) if installation else None
        if team is None or room.slack_teams.get(name) == team:
            return ()
        return (r.RecordTeam(name=name, team=team),)

    async def _asked_anew(self, room: WarRoom, *roles: Role) -> tuple[Commands, WarRoom]:
        policy = (await self._engine.rules_for(room)).policy
        old = usergroups.to_ask(room, policy, self._engine.now())
        found = tuple(
            [await self._groups.resolved(behind) for behind in old if behind.role in roles]
        )
        return found, await self._after(room, found)

    async def _after(self, room: WarRoom, commands: Commands) -> WarRoom:
        rules = await self._engine.rules_for(room)
        for command in commands:
            step = lifecycle.decide(room, command, BY_SYSTEM, rules, self._engine.now())
            room = step.after if isinstance(step, Step) else room
        return room
