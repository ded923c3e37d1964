"""Who is in a Slack user group: asked of Slack, and kept for as long as an answer holds.

Rules
- Bots, deactivated people and whoever is named twice are no members.
- That there is no such group, or that the workspace's plan has none, is an answer: nobody is in it.
  Any other failure is none, a missing scope and a limit too: the group is asked again.
- Many may ask at the same time: a group has one question under way.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.commands import ResolveGroup
from bot.domain.usergroups import HOLDS, Behind
from bot.integrations.slack.accounts import Accounts
from bot.integrations.slack.deliver.failures import SlackFailure, error_name, not_known
from bot.outbox.delivery import PassingError
from bot.policies.people import Directory

# Slack's names for a group that nobody is in.
NO_MEMBERS = frozenset(
    {"no_such_subteam", "subteam_not_found", "paid_teams_only", "plan_upgrade_required"}
)
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """The ids of a group's members, and when Slack named them; `error`: why it names nobody."""

    members: tuple[str, ...]
    asked_at: datetime
    error: str | None = None


class UserGroups:
    """Asks `usergroups.users.list`.

    `people` are those whom the configuration names at the time; `now` is the process's clock.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        accounts: Accounts,
        people: Callable[[], Directory],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._accounts = accounts
        self._people = people
        self._now = now
        self._asked: dict[str, asyncio.Task[Answer]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def resolved(self, behind: Behind) -> ResolveGroup:
        """What Slack says of a group, as the room that it stands behind has to know it.

        PassingError where Slack doesn't say.
        """
        answer = await self.answer(behind.group)
        return ResolveGroup(
            role=behind.role,
            backup=behind.backup,
            members=tuple(map(self._people().in_slack, answer.members)),
            asked_at=answer.asked_at,
            error=answer.error,
        )

    async def answer(self, group: str) -> Answer:
        """Who is in `group`, by an answer that still holds.

        PassingError where Slack doesn't say. Whoever stops waiting leaves the question under way.
        """
        asked = self._asked.get(group)
        if asked is None or (asked.done() and not self._holds(asked)):
            asked = self._asked[group] = asyncio.create_task(self._ask(group))
            asked.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(asked)

    def _holds(self, asked: asyncio.Task[Answer]) -> bool:
        if asked.cancelled() or asked.exception():
            return False
        return self._now() - HOLDS <= asked.result().asked_at <= self._now()

    async def _ask(self, group: str) -> Answer:
        asked_at = self._now()
        try:
            users = (await self._client.usergroups_users_list(usergroup=group)).get("users")
            if not isinstance(users, list):
                raise PassingError(f"Slack's answer about {group} names no users")
            unique = tuple(dict.fromkeys(map(str, users)))
            are_members = await asyncio.gather(*map(self._is_member, unique))
        except SlackFailure as error:
            if error_name(error) in NO_MEMBERS:
                return Answer((), asked_at, error_name(error))
            raise not_known(error) from error
        members = (user for user, member in zip(unique, are_members, strict=True) if member)
        return Answer(tuple(members), asked_at)

    async def _is_member(self, user: str) -> bool:
        async with self._places:
            return (await self._accounts.of(user)).error is None
