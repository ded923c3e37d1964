"""Everybody in Slack with their addresses, and with the GitHub logins in their profiles.

Rules
- `users.list` has no custom fields: they are asked of each profile, one after another. Nobody waits
  for that: it takes a minute for a hundred people, as Slack allows.
- When Slack says to wait, it is waited for; what passes is tried again, and anything else ends the
  import: half of it is none.
- Bots and who is deactivated are nobody here. A GitHub field that can't be read is left out, and
  its person stays.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import identity
from bot.domain.configuration import Human
from bot.domain.person import EMAIL, GITHUB, SLACK
from bot.integrations.slack.accounts import account_of
from bot.integrations.slack.deliver.failures import SlackFailure, error_name, outcome
from bot.outbox.delivery import PassingError
from bot.policies.imported import Imported, ImportFailedError
from bot.policies.imports import SlackImport
from bot.yaml.problems import instead

PAGE = 200
TRIES = 5
WAIT_SECONDS = 2.0
FIELD_ID = re.compile(r"Xf[A-Z0-9]+", re.ASCII)

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Members:
    """Asks Slack who is there; `sleep` waits for so many seconds."""

    client: AsyncWebClient
    sleep: Sleep = asyncio.sleep

    async def imported(self, source: SlackImport) -> Imported:
        """Everybody with their Slack account, address and GitHub login; ImportFailedError."""
        field = await self._field_id(source.github_field)
        humans: list[Human] = []
        skipped: list[str] = []
        async for user in self._people():
            answer = await self._call(self.client.users_profile_get, user=user["id"])
            fields = answer["profile"].get("fields") or {}  # an empty list, where there are none
            login = fields[field].get("value") if field in fields else None
            human, said = _human(user, login)
            humans.append(human)
            skipped += said
        return Imported(tuple(humans), tuple(skipped))

    async def checked(self, source: SlackImport) -> int:
        """How many there are, once an import was found to be possible; ImportFailedError.

        Of the profiles one is asked for: all would take long.
        """
        await self._field_id(source.github_field)
        users = [user["id"] async for user in self._people()]
        for user in users[:1]:
            await self._call(self.client.users_profile_get, user=user)
        return len(users)

    async def by_address(self) -> dict[str, str]:
        """The Slack accounts of everybody, by their e-mail accounts; ImportFailedError."""
        found: dict[str, str] = {}
        async for user in self._people():
            (slack, *addresses), _ = _human(user)
            found |= dict.fromkeys(addresses, slack)
        return found

    async def _people(self) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            answer = await self._call(self.client.users_list, limit=PAGE, cursor=cursor or None)
            for user in answer["members"]:
                if account_of(user).error is None:
                    yield user
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def _field_id(self, named: str) -> str:
        if FIELD_ID.fullmatch(named):
            return named
        answer = await self._call(self.client.team_profile_get)
        labels = {field["label"]: field["id"] for field in answer["profile"].get("fields") or ()}
        by_label = {label.casefold(): each for label, each in labels.items()}
        if named.casefold() not in by_label:
            message = f"found no profile field {named!r} in Slack, {instead(named, labels)}"
            raise ImportFailedError(message)
        return str(by_label[named.casefold()])

    async def _call(self, method: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:  # noqa: ANN401 - a method's arguments and answer
        tries = 0
        while True:
            tries += 1
            try:
                return await method(**arguments)
            except SlackFailure as error:
                how = outcome(error)
                if tries == TRIES or not isinstance(how, PassingError):
                    raise ImportFailedError(_said(error)) from error
                await self.sleep(how.retry_after or WAIT_SECONDS)


def _human(user: dict[str, Any], login: str | None = None) -> tuple[Human, list[str]]:
    """A member by their accounts, and what was said of those that can't be read."""
    given = {SLACK: user["id"], EMAIL: user.get("profile", {}).get("email"), GITHUB: login}
    accounts: list[str] = []
    said: list[str] = []
    for system, text in given.items():
        try:
            known = identity.read(system, text) if text else None
        except ValueError as error:
            said.append(f"{user['id']}: {system}: {error}")
        else:
            accounts += [known.account] if known and not known.is_nobody else []
    return tuple(accounts), said


def _said(error: Exception) -> str:
    body = error.response.data if isinstance(error, SlackApiError) else {}
    needed = body.get("needed") if isinstance(body, dict) else None
    name = error_name(error)
    return (
        f"Slack says {name}: the app lacks the scope {needed}" if needed else f"Slack says {name}"
    )
