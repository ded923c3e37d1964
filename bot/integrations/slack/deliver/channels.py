"""Channels: created once, peopled, archived.

Rules
- A channel is ours when the room's id ends its name and we created it; nothing else is adopted.
- Channels are listed only when it is uncertain whether one was created.
"""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.channel_names import channel_name, is_channel_of
from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.failures import PERMANENT, Permanent, SlackFailure, error_name
from bot.outbox.delivery import FinalError

PAGE = 999
INVITED_AT_ONCE = 100
INVITED_ALREADY = frozenset({"already_in_channel", "cant_invite_self"})


class Channels:
    """What the bot does with channels."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._self: str | None = None

    async def open(self, room: WarRoom, *, look_first: bool) -> str:
        """The id of the room's channel: a new one, or the one that we had made before."""
        name = channel_name(room)
        if look_first and (found := await self._ours(room)):
            return found
        try:
            answer = await self._client.conversations_create(name=name, is_private=room.private)
        except SlackFailure as error:
            if error_name(error) != "name_taken":
                raise
        else:
            return str(answer["channel"]["id"])
        found = await self._ours(room)
        if found is None:
            raise FinalError(f"name_taken: #{name} exists, and we did not create it")
        return found

    async def invite(self, channel: str, people: list[str]) -> dict[str, str]:
        """Invite `people`; gives whom Slack refuses for good, with its reason."""
        refused: dict[str, str] = {}
        for start in range(0, len(people), INVITED_AT_ONCE):
            refused |= await self._invite(channel, people[start : start + INVITED_AT_ONCE])
        return refused

    async def archive(self, channel: str) -> None:
        """Archive it; done already is done, and so is one that is gone."""
        try:
            await self._client.conversations_archive(channel=channel)
        except SlackFailure as error:
            if error_name(error) not in ("already_archived", "channel_not_found", "is_archived"):
                raise

    async def _invite(self, channel: str, people: list[str]) -> dict[str, str]:
        users, several = ",".join(people), len(people) > 1
        try:
            answer = await self._client.conversations_invite(
                channel=channel, users=users, **({"force": True} if several else {})
            )
        except SlackFailure as error:
            name = error_name(error)
            if not _about_them(name) and name not in INVITED_ALREADY:
                raise
            if not several:
                return {people[0]: name} if _about_them(name) else {}
            told = _told(error.response.data) if isinstance(error, SlackApiError) else []
            if told:
                return _refused(told)
            # Where one bad id fails the whole call, each gets a call of their own.
            refused: dict[str, str] = {}
            for user in people:
                refused |= await self._invite(channel, [user])
            return refused
        return _refused(_told(answer.data))

    async def _ours(self, room: WarRoom) -> str | None:
        types, cursor = "private_channel" if room.private else "public_channel", ""
        while True:
            answer = await self._client.conversations_list(
                types=types, limit=PAGE, cursor=cursor, exclude_archived=True
            )
            for channel in answer["channels"]:
                if not is_channel_of(channel["name"], room.id):
                    continue
                if self._self is None:
                    self._self = str((await self._client.auth_test())["user_id"])
                if channel.get("creator") == self._self:
                    return str(channel["id"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None


def _told(answer: object) -> list[dict[str, object]]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return [each for each in errors or () if isinstance(each, dict) and each.get("user")]


def _refused(errors: list[dict[str, object]]) -> dict[str, str]:
    return {
        str(each["user"]): str(each["error"]) for each in errors if _about_them(each.get("error"))
    }


def _about_them(name: object) -> bool:
    return PERMANENT.get(str(name)) is Permanent.PERSON
