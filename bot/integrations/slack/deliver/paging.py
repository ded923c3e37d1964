"""What single people are sent: pages, digests of many pages, and news.

Rules
- A page is sent while somebody can act on it, and to nobody who has left the user group by which
  they could. Whom none reached in time is told how it ended.
- A page that was perhaps sent is looked for, even where it is over: the room has to know of it.
- Who can't be written to is recorded, with Slack's reason; the next one on duty takes over.
- How it ended is told in the thread of the page; where there is none, by a message of its own. So
  is an answer to whoever asked.
"""

from bot.domain import access, standing
from bot.domain import reported as r
from bot.domain.events import Explained, Replied
from bot.domain.messages import Listing, PostedMessage
from bot.domain.person import SLACK, TIMEOUT, Person, unnamed
from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.deliver.failures import UNREACHABLE
from bot.integrations.slack.deliver.posts import Posts, ThreadGoneError
from bot.integrations.slack.deliver.recording import Commands, RefusedForGoodError
from bot.integrations.slack.deliver.told import recording_of
from bot.integrations.slack.deliver.upkeep import Upkeep
from bot.integrations.slack.show import digest, news, replies, settled
from bot.integrations.slack.show.text import Rendered, without_mentions
from bot.outbox.delivery import Claimed, FinalError, PassingError, Recording, Recordings


class Paging:
    """Messages to people; each method delivers one kind of effect."""

    def __init__(self, context: RoomContext, posts: Posts, upkeep: Upkeep) -> None:
        self._about = context
        self._posts = posts
        self._upkeep = upkeep

    async def page(self, effect: Claimed, room: WarRoom) -> Commands:
        """A direct message to one of those who are needed, or of what they missed."""
        name = effect.payload["user"]
        if name in room.pages:
            return ()
        user = _user(room, name)
        known: Commands = ()
        if not room.decision:
            known, room = await self._upkeep.before_page(room, name)
        if room.decision or not access.roles_of(room, name):
            if found := await self._posts.sent(user, effect):
                await self._posts.update(found, await self._about.page(room, name))
                return (*known, r.RecordPage(name=name, message=found))
            # The initiators are told how it ended, paged or not.
            by_clock = room.decision and room.decision.by == TIMEOUT
            if by_clock and name not in room.initiators:
                missed = news.missed(room, await self._about.policy(room))
                await self._posts.direct(user, missed, effect)
            return known
        try:
            page = await self._about.page(room, name)
            message = await self._posts.direct(user, page, effect)
        except (FinalError, PassingError) as error:
            reason = _unreachable(error)
            gone = r.RecordUnreachable(name=name, error=reason)
            raise RefusedForGoodError(reason, *known, gone) from error
        return (*known, r.RecordPage(name=name, message=message))

    async def digest(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """One message in the place of many pages to one person."""
        del room
        user = effect.payload["user"]
        who = unnamed(SLACK, user)
        rooms = await self._about.rooms(effect.payload["rooms"].split())
        unpaged = [room for room in rooms if room.name_of(who) not in room.pages]
        if sent := await self._posts.sent(user, effect):
            return _paged(unpaged, who, sent, digest.listing(unpaged, []))
        known: Recordings = ()
        needed: list[WarRoom] = []
        for before in unpaged:
            if not before.decision:
                name = before.name_of(who)
                found, after = await self._upkeep.before_page(before, name)
                known = (*known, *(Recording(before.id, command) for command in found))
                needed += [after] if access.roles_of(after, name) else []
        missed = [
            room
            for room in unpaged
            if room.decision
            and room.decision.by == TIMEOUT
            and room.name_of(who) not in room.initiators
        ]
        listing = digest.listing(needed, missed)
        if not needed and not missed:
            return known
        policies = await self._about.policies(needed)
        message = digest.digest(needed, missed, policies, who)
        try:
            sent = await self._posts.direct(user, message, effect)
        except (FinalError, PassingError) as error:
            reason = _unreachable(error)
            recordings = tuple(
                Recording(room.id, r.RecordUnreachable(name=room.name_of(who), error=reason))
                for room in needed
            )
            # What no room records of them waits for an operator, whatever else was found out.
            raise FinalError(reason, (*known, *recordings) if recordings else ()) from error
        return (*known, *_paged(needed, who, sent, listing))

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

    async def tell(self, effect: Claimed, room: WarRoom) -> Commands:
        """Tell one person what happened, unless that is over."""
        name = effect.payload["user"]
        recorded = await self._about.event(effect, room)
        known: Commands = ()
        over = standing.is_over(recorded.event, room)
        if not over and not room.decision:
            known, room = await self._upkeep.before_page(room, name)
            over = not access.roles_of(room, name)
        policy = await self._about.policy(room)
        if over:
            asks = standing.asking(recorded.event)
            if asks and (sent := await self._posts.sent(_user(room, name), effect)):
                await self._posts.update(sent, settled.now(recorded, room, policy, name))
            return known
        message = news.told(recorded, room, policy, name)
        dated = self._about.dated(message, recorded.at)
        page = room.pages.get(name) if isinstance(recorded.event, Explained) else None
        try:
            sent = await self._say(room, name, page, dated, effect)
        except (FinalError, PassingError) as error:
            reason = _unreachable(error)
            gone = r.RecordUnreachable(name=name, error=reason)
            raise RefusedForGoodError(reason, *known, gone) from error
        return (*known, *recording_of(recorded, room, name, sent, effect)) if sent else known

    async def tell_result(self, effect: Claimed, room: WarRoom) -> Commands:
        """Tell one person how it ended, in the thread of their page."""
        name = effect.payload["user"]
        if room.decision is None:
            return ()
        message = news.result(room, await self._about.policy(room))
        dated = self._about.dated(message, room.decision.at)
        try:
            await self._say(room, name, room.pages.get(name), dated, effect)
        except (FinalError, PassingError) as error:
            reason = _unreachable(error)
            gone = r.RecordUnreachable(name=name, error=reason)
            raise RefusedForGoodError(reason, gone) from error
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
            await self._posts.only_for(_user(room, reply.name), reply.thread, offer)
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
                return await self._posts.direct(_user(room, name), message, effect)
            return None
        return await self._posts.direct(_user(room, name), message, effect)


def _user(room: WarRoom, name: str) -> str:
    """Somebody's Slack user id."""
    return room.person(name).slack or name


def _paged(
    rooms: list[WarRoom], who: Person, message: PostedMessage, listing: Listing
) -> Recordings:
    return tuple(
        Recording(
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


def _unreachable(error: FinalError | PassingError) -> str:
    """Slack's name for why a person can't be written to; `error` itself where it isn't that."""
    name = str(error).partition(":")[0]
    if name not in UNREACHABLE:
        raise error
    return name
