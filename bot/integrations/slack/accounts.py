"""Who an account is, as Slack says it: deactivated, a bot, of another workspace.

Rules
- What Slack said is kept for as long as a user group's answer holds, and asked anew after that.
- A failure is no answer: nothing is known by it, and it may be asked again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.person import SLACK, account
from bot.domain.usergroups import HOLDS
from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.failures import SlackFailure, error_name, not_known
from bot.policies.people import Directory

SLACKBOT = "USLACKBOT"
BOT = "cannot_dm_bot"
NO_ACCOUNT = frozenset({"user_not_found", "user_not_visible"})


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a Slack user; `error` is Slack's name for why nobody is reached by it.

    `zone` is their time zone, where Slack names one that is known here.
    """

    error: str | None = None
    team: str | None = None
    zone: tzinfo | None = None


def account_of(user: Mapping[str, Any]) -> Account:
    """What there is to know of a user, as Slack describes them; no human reads what a bot gets."""
    error = None
    if user.get("is_bot") or user.get("id") == SLACKBOT:  # Slack doesn't call its own one
        error = BOT
    elif user.get("deleted"):
        error = "user_disabled"
    try:
        zone = ZoneInfo(str(user.get("tz") or ""))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        zone = None
    return Account(error=error, team=user.get("team_id"), zone=zone)


def user_of(room: WarRoom, name: str) -> str:
    """The Slack user id of whoever the room knows by `name`."""
    return room.person(name).slack or name


class Accounts:
    """Asks `users.info`; `now` is the process's clock."""

    def __init__(self, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._known: dict[str, tuple[datetime, Account]] = {}

    async def of(self, user: str) -> Account:
        """What is known of `user`, by an answer that still holds. PassingError."""
        asked_at, known = self._known.get(user, (None, None))
        now = self._now()
        if known is None or asked_at is None or not now - HOLDS <= asked_at <= now:
            known = await self._ask(user)
            self._known = {
                each: answer
                for each, answer in self._known.items()
                if now - HOLDS <= answer[0] <= now
            }
            self._known[user] = (now, known)
        return known

    async def why_nobody(self, user: str, people: Directory) -> str | None:
        """Slack's name for why no human is reached by `user`; None where one is. PassingError.

        A service account of people.yaml is a bot, and so is Slack's own: Slack isn't asked.
        """
        if user == SLACKBOT or people.is_nobody(account(SLACK, user)):
            return BOT
        return (await self.of(user)).error

    async def _ask(self, user: str) -> Account:
        try:
            told = (await self._client.users_info(user=user)).get("user") or {}
        except SlackFailure as error:
            if error_name(error) not in NO_ACCOUNT:
                raise not_known(error) from error
            return Account(error=error_name(error))
        return account_of(told)
