"""News to single people: what happened, how it ended, and what they are asked.

Rules
- What asks for something is told as long as it does; what was perhaps sent before is looked for,
  and says by then what became of it.
- How it ended is told in the thread of the page; where there is none, by a message of its own. So
  is an answer to whoever asked.
- Who can't be written to is recorded, with Slack's reason; the next one on duty takes over.
"""

from bot.domain import access, standing
from bot.domain.events import Explained, Replied
from bot.domain.messages import PostedMessage
from bot.domain.war_room import WarRoom
from bot.integrations.slack.accounts import user_of
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.deliver.posts import Posts, ThreadGoneError
from bot.integrations.slack.deliver.recording import Commands, recorded_if_unreachable
from bot.integrations.slack.deliver.told import recording_of
from bot.integrations.slack.deliver.upkeep import Upkeep
from bot.integrations.slack.show import news, replies, settled
from bot.integrations.slack.show.text import Rendered, without_mentions
from bot.outbox.delivery import Claimed


class Telling:
    """News to people; each method delivers one kind of effect."""

    def __init__(self, context: RoomContext, posts: Posts, upkeep: Upkeep) -> None:
        self._about = context
        self._posts = posts
        self._upkeep = upkeep

    async def tell(self, effect: Claimed, room: WarRoom) -> Commands:
        """Tell one person what happened, unless that is over."""
        name = effect.payload["user"]
        recorded = await self._about.event(effect, room)
        policy = await self._about.policy(room)
        learned: Commands = ()
        over = settled.comes_too_late(recorded, room, policy, name)
        if not over and not room.decision:
            learned, room = await self._upkeep.before_page(room, name)
            over = not access.roles_of(room, name)
        with recorded_if_unreachable(name, *learned):
            if over:
                asks = standing.asking(recorded.event, name)
                if asks and (sent := await self._posts.sent(user_of(room, name), effect)):
                    await self._posts.update(sent, settled.now(recorded, room, policy, name))
                return learned
            message = news.told(recorded, room, policy, name)
            dated = self._about.dated(message, recorded.at)
            page = room.pages.get(name) if isinstance(recorded.event, Explained) else None
            sent = await self._say(room, name, page, dated, effect)
        return (*learned, *recording_of(recorded, room, name, sent, effect)) if sent else learned

    async def tell_result(self, effect: Claimed, room: WarRoom) -> Commands:
        """Tell one person how it ended, in the thread of their page."""
        name = effect.payload["user"]
        if room.decision is None:
            return ()
        message = news.result(room, await self._about.policy(room))
        dated = self._about.dated(message, room.decision.at)
        with recorded_if_unreachable(name):
            await self._say(room, name, room.pages.get(name), dated, effect)
        return ()

    async def update_told(self, effect: Claimed, room: WarRoom) -> Commands:
        """Bring a message that asks for something up to date, in the channel or to somebody."""
        recorded = await self._about.event(effect, room)
        place, policy = effect.payload, await self._about.policy(room)
        message = settled.now(recorded, room, policy, place.get("user"))
        if "user" not in place:
            heard = news.heard(recorded.event, room)
            message = without_mentions(message, map(room.person, heard))
        where = PostedMessage(channel=place["channel"], ts=place["ts"])
        await self._posts.update(where, message)
        return ()

    async def offer_answer(self, effect: Claimed, room: WarRoom) -> Commands:
        """Ask an initiator whether what they replied is their answer, in the same thread.

        Only they see it, so that nothing can tell later whether it was sent: it is sent again where
        that is uncertain, and what is used twice is used once.
        """
        recorded = await self._about.event(effect, room)
        if isinstance(recorded.event, Replied) and not room.decision:
            offer = replies.offer(room, recorded.event, recorded.seq)
            reply = recorded.event
            await self._posts.only_for(user_of(room, reply.name), reply.thread, offer)
        return ()

    async def _say(
        self,
        room: WarRoom,
        name: str,
        page: PostedMessage | None,
        message: Rendered,
        effect: Claimed,
    ) -> PostedMessage | None:
        """`message` to somebody, in the thread of their `page` where that is there.

        Gives the message where it stands by itself.
        """
        if page:
            try:
                await self._posts.reply(page, message, effect)
            except ThreadGoneError:
                return await self._posts.direct(user_of(room, name), message, effect)
            return None
        return await self._posts.direct(user_of(room, name), message, effect)
