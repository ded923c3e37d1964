"""Pages, and digests of many pages.

Rules
- A page is sent while somebody can act on it, and to nobody who has left the user group by which
  they could. Whom none reached in time is told how it ended.
- A page that was perhaps sent is looked for, even where it is over: the room has to know of it.
- Who can't be written to is recorded, with Slack's reason; the next one on duty takes over.
"""

from bot.domain import access
from bot.domain import reported as r
from bot.domain.messages import Listing, PostedMessage
from bot.domain.person import SLACK, TIMEOUT, Person, unnamed
from bot.domain.war_room import WarRoom
from bot.integrations.slack.accounts import user_of
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.deliver.posts import Posts
from bot.integrations.slack.deliver.recording import (
    Commands,
    recorded_if_unreachable,
    unreachable,
)
from bot.integrations.slack.deliver.upkeep import Upkeep
from bot.integrations.slack.show import digest, news
from bot.outbox.delivery import Claimed, FinalError, Recording, Recordings


class Paging:
    """Calls to people; each method delivers one kind of effect."""

    def __init__(self, context: RoomContext, posts: Posts, upkeep: Upkeep) -> None:
        self._about = context
        self._posts = posts
        self._upkeep = upkeep

    async def page(self, effect: Claimed, room: WarRoom) -> Commands:
        """A direct message to one of those who are needed, or of what they missed."""
        name = effect.payload["user"]
        if name in room.pages:
            return ()
        user = user_of(room, name)
        learned: Commands = ()
        if not room.decision:
            learned, room = await self._upkeep.before_page(room, name)
        with recorded_if_unreachable(name, *learned):
            if not room.decision and access.roles_of(room, name):
                page = await self._about.page(room, name)
                message = await self._posts.direct(user, page, effect)
                return (*learned, r.RecordPage(name=name, message=message))
            if sent := await self._posts.sent(user, effect):
                await self._posts.update(sent, await self._about.page(room, name))
                return (*learned, r.RecordPage(name=name, message=sent))
            # The initiators are told how it ended, paged or not.
            by_clock = room.decision and room.decision.by == TIMEOUT
            if by_clock and name not in room.initiators:
                missed = news.missed(room, await self._about.policy(room))
                await self._posts.direct(user, missed, effect)
        return learned

    async def digest(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """One message in the place of many pages to one person."""
        del room
        user = effect.payload["user"]
        who = unnamed(SLACK, user)
        rooms = await self._about.rooms(effect.payload["rooms"].split())
        unpaged = [room for room in rooms if room.name_of(who) not in room.pages]
        if not unpaged:
            return ()
        learned: Recordings = ()
        concerned = unpaged
        try:
            if sent := await self._posts.sent(user, effect):
                return _paged(unpaged, who, sent, digest.listing(unpaged, []))
            learned, needed = await self._needed(unpaged, who)
            missed = [
                room
                for room in unpaged
                if room.decision
                and room.decision.by == TIMEOUT
                and room.name_of(who) not in room.initiators
            ]
            concerned = [*needed, *missed]
            if not concerned:
                return learned
            policies = await self._about.policies(needed)
            message = digest.digest(needed, missed, policies, who)
            sent = await self._posts.direct(user, message, effect)
        except FinalError as error:
            reason = unreachable(error)
            gone = (
                Recording.in_room(
                    room.id, r.RecordUnreachable(name=room.name_of(who), error=reason)
                )
                for room in concerned
            )
            raise FinalError(reason, (*learned, *gone)) from error
        return (*learned, *_paged(needed, who, sent, digest.listing(needed, missed)))

    async def _needed(self, rooms: list[WarRoom], who: Person) -> tuple[Recordings, list[WarRoom]]:
        """What was learned before somebody is paged, and the open rooms that still need them."""
        learned: Recordings = ()
        needed: list[WarRoom] = []
        for before in rooms:
            if not before.decision:
                name = before.name_of(who)
                commands, after = await self._upkeep.before_page(before, name)
                learned = (
                    *learned,
                    *(Recording.in_room(before.id, command) for command in commands),
                )
                needed += [after] if access.roles_of(after, name) else []
        return learned, needed

    async def update_digest(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """Bring the lines of a digest up to date with its rooms."""
        del room
        place, who = effect.payload, unnamed(SLACK, effect.payload["user"])
        listing = Listing.read(place["listing"])
        needed = await self._about.rooms(listing.needed)
        missed = await self._about.rooms(listing.missed)
        policies = await self._about.policies(needed)
        message = digest.digest(
            needed, missed, policies, who, more=listing.more, more_missed=listing.more_missed
        )
        where = PostedMessage(channel=place["channel"], ts=place["ts"])
        await self._posts.update(where, message)
        return ()

    async def update_page(self, effect: Claimed, room: WarRoom) -> Commands:
        """Bring a page up to date with the room."""
        name = effect.payload["user"]
        if name in room.pages and name not in room.digested:
            await self._posts.update(room.pages[name], await self._about.page(room, name))
        return ()


def _paged(
    rooms: list[WarRoom], who: Person, message: PostedMessage, listing: Listing
) -> Recordings:
    return tuple(
        Recording.in_room(
            room.id,
            r.RecordPage(
                name=room.name_of(who),
                message=message,
                digest=True,
                listing=listing if room.id in listing.needed else None,
            ),
        )
        for room in rooms
    )
