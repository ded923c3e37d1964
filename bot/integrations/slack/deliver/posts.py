"""Messages: posted once, each with its effect's id, and updated in place.

Rules
- The effect's id and time stand in the message's metadata, which every app may read: no more.
- A second attempt first looks for the id where the first one may have left it, from well before
  the effect was made: our clock and Slack's need not agree.
- Nothing in a message unfurls, and nothing outside a mention of ours mentions anybody.
"""

from datetime import timedelta
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.messages import PostedMessage
from bot.integrations.slack.deliver.failures import SlackFailure, error_name, outcome
from bot.integrations.slack.show.text import Rendered
from bot.outbox.delivery import Claimed, FinalError, PassingError

POST = "chat.postMessage"
EVENT = "policy_war_room_effect"
PAGE = 200
CLOCKS_APART = timedelta(days=1)
GONE = frozenset({"channel_not_found", "is_archived", "is_inactive", "message_not_found"})
NOT_THERE = GONE | {"cannot_reply_to_message", "user_not_in_channel"}
THREAD_GONE = frozenset({"thread_not_found", "message_not_found"})


class ThreadGoneError(Exception):
    """The message that a thread belongs to is not there any more."""


class Posts:
    """What the bot does with messages."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def post(self, channel: str, message: Rendered, effect: Claimed) -> PostedMessage:
        """`message` in a channel, once for this effect."""
        try:
            if effect.uncertain and (found := await self._find(channel, effect)):
                return found
            return await self._send(channel, message, effect)
        except SlackFailure as error:
            raise _outcome(error, effect) from error

    async def direct(self, user: str, message: Rendered, effect: Claimed) -> PostedMessage:
        """`message` to a person, once for this effect."""
        try:
            if effect.uncertain:
                channel = await self._conversation(user)
                if found := await self._find(channel, effect):
                    return found
                return await self._send(channel, message, effect)
            return await self._send_to_person(user, message, effect)
        except SlackFailure as error:
            raise _outcome(error, effect) from error

    async def reply(self, to: PostedMessage, message: Rendered, effect: Claimed) -> None:
        """`message` in the thread of an earlier one, once for this effect.

        ThreadGoneError where that one is not there any more.
        """
        try:
            if effect.uncertain and await self._find(to.channel, effect, thread=to.ts):
                return
            await self._send(to.channel, message, effect, thread=to.ts)
        except SlackFailure as error:
            if error_name(error) in THREAD_GONE:
                raise ThreadGoneError(error_name(error)) from error
            raise _outcome(error, effect) from error

    async def only_for(self, user: str, thread: PostedMessage, message: Rendered) -> None:
        """`message` in the thread of another one, for somebody's eyes alone, if they are there."""
        try:
            await self._client.chat_postEphemeral(
                channel=thread.channel,
                user=user,
                thread_ts=thread.ts,
                text=message.text,
                blocks=message.blocks,
            )
        except SlackFailure as error:
            if error_name(error) not in NOT_THERE:
                raise

    async def posted(self, channel: str, effect: Claimed) -> PostedMessage | None:
        """What an earlier attempt at this effect has posted in a channel."""
        try:
            return await self._find(channel, effect) if effect.uncertain else None
        except SlackFailure as error:
            raise _outcome(error, effect) from error

    async def sent(self, user: str, effect: Claimed) -> PostedMessage | None:
        """What an earlier attempt at this effect has sent to a person."""
        if not effect.uncertain:
            return None
        try:
            return await self._find(await self._conversation(user), effect)
        except SlackFailure as error:
            raise _outcome(error, effect) from error

    async def update(self, where: PostedMessage, message: Rendered) -> None:
        """`message` in the place of an earlier one; gone is gone."""
        try:
            await self._client.chat_update(
                channel=where.channel, ts=where.ts, text=message.text, blocks=message.blocks
            )
        except SlackFailure as error:
            if error_name(error) not in GONE:
                raise

    async def _send_to_person(self, user: str, message: Rendered, effect: Claimed) -> PostedMessage:
        # A person's id is as good as the conversation's, and spares a call for each page.
        try:
            sent = await self._send(user, message, effect)
        except SlackFailure as error:
            if error_name(error) != "channel_not_found":
                raise
            return await self._send(await self._conversation(user), message, effect)
        if sent.channel == user:
            return PostedMessage(channel=await self._conversation(user), ts=sent.ts)
        return sent

    async def _send(
        self, channel: str, message: Rendered, effect: Claimed, thread: str | None = None
    ) -> PostedMessage:
        answer = await self._client.chat_postMessage(
            channel=channel,
            text=message.text,
            blocks=message.blocks,
            metadata=_metadata(effect),
            unfurl_links=False,
            unfurl_media=False,
            thread_ts=thread,
        )
        return PostedMessage(channel=str(answer.get("channel") or channel), ts=str(answer["ts"]))

    async def _conversation(self, user: str) -> str:
        answer = await self._client.conversations_open(users=user)
        return str(answer["channel"]["id"])

    async def _find(
        self, channel: str, effect: Claimed, thread: str | None = None
    ) -> PostedMessage | None:
        oldest = f"{(effect.created_at - CLOCKS_APART).timestamp():.6f}"
        ours = _metadata(effect)
        cursor: str | None = None
        look = self._client.conversations_history
        if thread:  # what stands in a thread is not in its conversation's history
            look = partial(self._client.conversations_replies, ts=thread)
        while True:
            answer = await look(
                channel=channel,
                oldest=oldest,
                limit=PAGE,
                include_all_metadata=True,
                cursor=cursor,
            )
            for found in answer["messages"]:
                metadata = found.get("metadata")
                if isinstance(metadata, dict) and ours.items() <= metadata.items():
                    return PostedMessage(channel=channel, ts=str(found["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None


def _outcome(error: Exception, effect: Claimed) -> PassingError | FinalError:
    failed = outcome(error)
    if isinstance(failed, PassingError) and failed.limited == POST:
        failed.limited = effect.target  # one conversation is full: the others go on
    return failed


def _metadata(effect: Claimed) -> dict[str, object]:
    # The time beside the id: where a backup was restored, ids come again.
    made = int(effect.created_at.timestamp() * 1_000_000)
    return {"event_type": EVENT, "event_payload": {"effect": effect.id, "made": made}}
