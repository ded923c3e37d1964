"""Channels: created once, peopled, archived.

Rules
- A channel is ours when it has the room's name and we created it; nothing else is adopted.
- Channels are listed only when it is uncertain whether one was created.
"""

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.war_room import WarRoom, channel_name
from bot.engine.delivery import FinalError
from bot.slack.outcomes import UNREACHABLE, SlackFailure, error_name, outcome

PAGE = 200
INVITED_ALREADY = frozenset({"already_in_channel", "cant_invite_self"})


class Channels:
    """What the bot does with channels."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._self: str | None = None

    async def open(self, room: WarRoom, *, look_first: bool) -> str:
        """The id of the room's channel: a new one, or the one that we had made before."""
        name = channel_name(room.policy_id, room.id)
        if look_first and (found := await self._ours(name, private=room.private)):
            return found
        try:
            answer = await self._client.conversations_create(name=name, is_private=room.private)
        except SlackFailure as error:
            if error_name(error) != "name_taken":
                raise outcome(error) from error
        else:
            return str(answer["channel"]["id"])
        found = await self._ours(name, private=room.private)
        if found is None:
            raise FinalError(f"name_taken: #{name} exists, and we did not create it")
        return found

    async def invite(self, channel: str, people: list[str]) -> dict[str, str]:
        """Invite `people`; gives whom Slack refuses for good, with its reason."""
        if not people:
            return {}
        try:
            await self._client.conversations_invite(channel=channel, users=",".join(people))
        except SlackFailure as error:
            name = error_name(error)
            if len(people) == 1 and name in INVITED_ALREADY:
                return {}
            if len(people) == 1 and name in UNREACHABLE - {"channel_not_found"}:
                return {people[0]: name}
            if len(people) > 1 and name in UNREACHABLE | INVITED_ALREADY:
                return await self._one_by_one(channel, people)
            raise outcome(error) from error
        return {}

    async def archive(self, channel: str) -> None:
        """Archive it; done already is done."""
        try:
            await self._client.conversations_archive(channel=channel)
        except SlackFailure as error:
            if error_name(error) != "already_archived":
                raise outcome(error) from error

    async def _one_by_one(self, channel: str, people: list[str]) -> dict[str, str]:
        # One bad id fails the whole call, so each gets a call of their own.
        refused: dict[str, str] = {}
        for user in people:
            refused |= await self.invite(channel, [user])
        return refused

    async def _ours(self, name: str, *, private: bool) -> str | None:
        types, cursor = "private_channel" if private else "public_channel", ""
        while True:
            try:
                answer = await self._client.conversations_list(
                    types=types, limit=PAGE, cursor=cursor, exclude_archived=True
                )
            except SlackFailure as error:
                raise outcome(error) from error
            for channel in answer["channels"]:
                if channel["name"] == name and channel.get("creator") == await self._me():
                    return str(channel["id"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def _me(self) -> str:
        if self._self is None:
            try:
                self._self = str((await self._client.auth_test())["user_id"])
            except SlackFailure as error:
                raise outcome(error) from error
        return self._self
