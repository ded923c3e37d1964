"""Of which groups and workspace somebody is, and whether they are anybody: found out in time.

Rules
- Slack is asked here, before the command and its transaction, and waited for `PATIENCE` at most: a
  click has to be answered within three seconds. What comes later is there for the next click.
- A group is asked where its last answer is old, and where whoever acts has a role by a group, or
  none that is known; and where somebody has it who has proposed what another may allow now. What
  isn't known then, the command is refused for, or the proposal doesn't count.
- Once a room is decided, groups are asked for what is done with its exception alone.
- Where somebody is of another workspace is Slack's to say, in what it signs.
- A bot stands for nobody, and so does an account that is deactivated or that Slack doesn't know.
"""

import asyncio
from datetime import tzinfo
from typing import Any

import structlog

from bot.domain import access, usergroups
from bot.domain import reported as r
from bot.domain.exception import Renew, Revoke
from bot.domain.order import Order
from bot.domain.person import BY_SYSTEM
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.accounts import Accounts
from bot.integrations.slack.installation import Installed
from bot.integrations.slack.show.participants import reason
from bot.integrations.slack.user_groups import UserGroups
from bot.outbox.delivery import PassingError

log = structlog.get_logger()

PATIENCE = 1.0  # seconds
CHOOSE = "Choose a person who is active in Slack."
NOT_KNOWN = (
    "Slack hasn't said who that is, so that nothing was recorded. Please try again in a moment."
)


class Memberships:
    """Brings a room up to date with where whoever is about to act in it belongs."""

    def __init__(
        self, engine: Engine, groups: UserGroups, accounts: Accounts, installed: Installed
    ) -> None:
        self._engine = engine
        self._groups = groups
        self._accounts = accounts
        self._installed = installed

    async def learn(self, room_id: str, command: type[Order], body: dict[str, Any]) -> None:
        """Find out what is not known yet, for a command in what was heard.

        It is one on the room, or on the exception that the room's decision has made.
        DatabaseUnavailableError.
        """
        room = await asyncio.to_thread(self._engine.store.room, room_id)
        if room is None or not room.state.is_known:
            return
        user = body.get("user") or {}
        name = room.name_of(self._engine.people.in_slack(_acting(body)))
        if room.decision:
            if command in (Renew, Revoke) and name not in room.initiators:
                await self._ask_groups(room, name)
            return
        installation = await self._installed.known()
        team = installation.other_team(user.get("team_id")) if installation else None
        if team and name in room.people and room.slack_teams.get(name) != team:
            order = r.RecordTeam(name=name, team=team)
            await self._engine.handle(room.id, order, BY_SYSTEM)
        if command in access.HUMAN - access.WORDS_ALONE and name not in room.initiators:
            await self._ask_groups(room, name)

    async def why_nobody(self, user: str) -> str | None:
        """Why a Slack user is no human whom anybody could ask, or isn't known to be; else None."""
        try:
            async with asyncio.timeout(PATIENCE):
                error = await self._accounts.why_nobody(user, self._engine.people)
        except (PassingError, TimeoutError) as late:
            self._log_not_known(user, late)
            return NOT_KNOWN
        return f"That is nobody who can be asked ({reason(error)}). {CHOOSE}" if error else None

    async def zone(self, user: str) -> tzinfo | None:
        """The time zone that Slack has of a user; None while Slack doesn't say."""
        try:
            async with asyncio.timeout(PATIENCE):
                return (await self._accounts.of(user)).zone
        except (PassingError, TimeoutError) as late:
            self._log_not_known(user, late)
            return None

    def _log_not_known(self, user: str, late: Exception) -> None:
        name = self._engine.people.in_slack(user).name
        log.warning("account.not_known", user=name, error=str(late) or "late")

    async def _ask_groups(self, room: WarRoom, name: str) -> None:
        policy = (await self._engine.rules_for(room)).policy
        by_group = [
            usergroups.rests_on(room, policy, role, who) is not None
            for who in (name, *(proposal.by for proposal in room.proposals))
            for role in access.roles_of(room, who)
        ]
        old = usergroups.to_ask(room, policy, self._engine.now())
        if not old or (access.roles_of(room, name) and not any(by_group)):
            return
        asking = [asyncio.create_task(self._groups.resolved(behind)) for behind in old]
        done, late = await asyncio.wait(asking, timeout=PATIENCE)
        for task in late:
            task.cancel()
            log.warning("group.not_known", room=room.id, error="late")
        for task in done:
            try:
                await self._engine.handle(room.id, task.result(), BY_SYSTEM)
            except PassingError as error:
                log.warning("group.not_known", room=room.id, error=str(error))


def _acting(body: dict[str, Any]) -> str:
    """Who acts: as an interaction says it, or a command."""
    return str((body.get("user") or {}).get("id") or body.get("user_id") or "")
