"""What single people are sent: pages, digests of many pages, and news.

Rules
- A page is sent while somebody can act on it. Whom none reached in time is told how it ended.
- A page that was perhaps sent is looked for, even where it is over: the room has to know of it.
- Who can't be written to is recorded, with Slack's reason; the next one on duty takes over.
"""

from bot.domain import commands as c
from bot.domain.policy import Policy
from bot.domain.war_room import TIMEOUT, Message, WarRoom
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.deliver.failures import UNREACHABLE
from bot.integrations.slack.deliver.posts import Posts
from bot.integrations.slack.deliver.recording import Commands, Recordings, RefusedForGoodError
from bot.integrations.slack.show import cards, digest, news
from bot.outbox.claim import Claimed
from bot.outbox.delivery import FinalError, PassingError, Recording


class Paging:
    """Messages to people; each method delivers one kind of effect."""

    def __init__(self, context: RoomContext, posts: Posts) -> None:
        self._about = context
        self._posts = posts

    async def page(self, effect: Claimed, room: WarRoom) -> Commands:
        """A direct message to one of those who are needed, or of what they missed."""
        user = effect.payload["user"]
        if user in room.pages:
            return ()
        policy = await self._about.policy(room)
        if room.decision:
            return await self._too_late(effect, room, policy)
        try:
            message = await self._posts.direct(
                user, cards.page(room, policy, user, self._about.verbs), effect
            )
        except (FinalError, PassingError) as error:
            name = _unreachable(error)
            raise RefusedForGoodError(name, c.RecordUnreachable(user=user, error=name)) from error
        return (c.RecordPage(user=user, message=message),)

    async def digest(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """One message in the place of many pages to one person."""
        del room
        user = effect.payload["user"]
        found = await self._about.rooms(effect.payload["rooms"].split())
        unpaged = [room for room in found if user not in room.pages]
        if effect.uncertain and (sent := await self._posts.sent(user, effect)):
            return _paged(unpaged, user, sent)
        rooms = [room for room in unpaged if not room.decision]
        missed = [room for room in unpaged if room.decision and room.decision.by == TIMEOUT]
        if not rooms and not missed:
            return ()
        policies = await self._about.policies(rooms)
        message = digest.digest(rooms, missed, policies, user)
        try:
            return _paged(rooms, user, await self._posts.direct(user, message, effect))
        except (FinalError, PassingError) as error:
            name = _unreachable(error)
            gone = c.RecordUnreachable(user=user, error=name)
            raise FinalError(name, tuple(Recording(room.id, gone) for room in rooms)) from error

    async def update_page(self, effect: Claimed, room: WarRoom) -> Commands:
        """A page as the room is now."""
        user = effect.payload["user"]
        if user in room.pages and user not in room.digested:
            policy = await self._about.policy(room)
            page = cards.page(room, policy, user, self._about.verbs)
            await self._posts.update(room.pages[user], page)
        return ()

    async def tell(self, effect: Claimed, room: WarRoom) -> Commands:
        """News for one person."""
        user = effect.payload["user"]
        recorded = await self._about.news(effect, room)
        if recorded:
            message = news.told(recorded, room, await self._about.policy(room), user)
            await self._posts.direct(user, self._about.dated(message, recorded), effect)
        return ()

    async def _too_late(self, effect: Claimed, room: WarRoom, policy: Policy) -> Commands:
        user = effect.payload["user"]
        if effect.uncertain and (found := await self._posts.sent(user, effect)):
            await self._posts.update(found, cards.page(room, policy, user, self._about.verbs))
            return (c.RecordPage(user=user, message=found),)
        if room.decision and room.decision.by == TIMEOUT:
            await self._posts.direct(user, news.missed(room, policy), effect)
        return ()


def _paged(rooms: list[WarRoom], user: str, message: Message) -> Recordings:
    paged = c.RecordPage(user=user, message=message, digest=True)
    return tuple(Recording(room.id, paged) for room in rooms)


def _unreachable(error: FinalError | PassingError) -> str:
    """Slack's name for why a person can't be written to; `error` itself where it isn't that."""
    name = str(error).partition(":")[0]
    if name not in UNREACHABLE:
        raise error
    return name
