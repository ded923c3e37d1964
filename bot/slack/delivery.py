"""Delivery of the effects that Slack shows: one method a kind, `deliverers` is the registry.

Rules
- What was perhaps done is looked up before it is done again: the channel by its name and
  creator, a message by the effect's id in its metadata.
- What is nice to have (pin, topic) is noted and passed over where it can't be done.
- A private channel never becomes a public one, and a channel that we did not create is not ours.
- A message says what is true when it is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import commands as c
from bot.domain.effects import EffectKind
from bot.domain.events import Escalated, Recorded
from bot.domain.policy import Policy, Role
from bot.domain.war_room import TIMEOUT, WarRoom
from bot.engine.delivery import Deliverer, FinalError, PassingError, Recording
from bot.engine.engine import Engine
from bot.slack import cards, digest, home, news
from bot.slack.channels import Channels
from bot.slack.outcomes import UNREACHABLE, SlackFailure, error_name, hopeless, outcome
from bot.slack.posts import GONE, Posts
from bot.slack.text import Rendered
from bot.storage.outbox import Claimed

log = structlog.get_logger()

Commands = tuple[c.Command, ...]
Recordings = tuple[Recording, ...]
ARCHIVE_AGAIN_SECONDS = 30.0
LATE = timedelta(minutes=2)


class SlackDelivery:
    """Effects to Slack; every method is a `Deliverer`."""

    def __init__(self, engine: Engine, client: AsyncWebClient) -> None:
        self._engine = engine
        self._client = client
        self._channels = Channels(client)
        self._posts = Posts(client)

    def deliverers(self) -> Mapping[EffectKind, Deliverer]:
        """Which method delivers what."""
        return {
            EffectKind.OPEN_CHANNEL: self._in_room(self.open_channel),
            EffectKind.INVITE: self._in_channel(self.invite),
            EffectKind.POST_CARD: self._in_channel(self.post_card),
            EffectKind.PIN_CARD: self._in_channel(self.pin_card),
            EffectKind.SET_TOPIC: self._in_channel(self.set_topic),
            EffectKind.UPDATE_CARD: self._in_channel(self.update_card),
            EffectKind.ANNOUNCE: self._in_channel(self.announce),
            EffectKind.ARCHIVE: self._in_channel(self.archive),
            EffectKind.PAGE: self._in_room(self.page),
            EffectKind.DIGEST: self.digest,
            EffectKind.UPDATE_PAGE: self._in_room(self.update_page),
            EffectKind.TELL: self._in_room(self.tell),
            EffectKind.IDENTIFY: self._in_room(self.identify),
            EffectKind.SEAT_GROUP: self._in_room(self.seat_group),
            EffectKind.PUBLISH_HOME: self.publish_home,
        }

    async def open_channel(self, effect: Claimed, room: WarRoom) -> Commands:
        """The room's channel, once."""
        if room.channel:
            return ()
        channel = await self._channels.open(room, look_first=effect.uncertain)
        return (c.RecordChannel(channel=channel),)

    async def invite(self, effect: Claimed, room: WarRoom) -> Commands:
        """Everybody who belongs in it; whom Slack refuses is recorded, the others come in."""
        del effect
        people = [user for user in room.invited if user not in room.unreachable]
        refused = await self._channels.invite(_channel(room), people)
        return tuple(c.RecordUnreachable(user=user, error=name) for user, name in refused.items())

    async def post_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """The card, once."""
        if room.card:
            return ()
        card = cards.card(room, await self._policy(room))
        message = await self._posts.post(_channel(room), card, effect)
        return (c.RecordCard(message=message),)

    async def update_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """The card as the room is now."""
        del effect
        if room.card:
            await self._posts.update(room.card, cards.card(room, await self._policy(room)))
        return ()

    async def pin_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """Nice to have."""
        if room.card:
            card = room.card
            await _nice(effect, self._client.pins_add(channel=card.channel, timestamp=card.ts))
        return ()

    async def set_topic(self, effect: Claimed, room: WarRoom) -> Commands:
        """Nice to have."""
        topic = news.topic(room, await self._policy(room))
        channel = _channel(room)
        await _nice(effect, self._client.conversations_setTopic(channel=channel, topic=topic))
        return ()

    async def announce(self, effect: Claimed, room: WarRoom) -> Commands:
        """News in the channel."""
        recorded = await self._event(effect, room)
        if _over(recorded, room):
            return ()
        message = self._dated(news.announcement(recorded, room, await self._policy(room)), recorded)
        try:
            await self._posts.post(_channel(room), message, effect)
        except FinalError as error:
            if str(error) not in GONE:  # somebody archived it by hand: nobody reads there
                raise
        return ()

    async def archive(self, effect: Claimed, room: WarRoom) -> Commands:
        """Never with a message undelivered, since a bot can't come back into an archive."""
        del effect
        waiting = await asyncio.to_thread(self._engine.store.undelivered, room.id)
        if [lane for lane in waiting if "/dm:" in lane]:
            raise PassingError("messages are undelivered", retry_after=ARCHIVE_AGAIN_SECONDS)
        await self._channels.archive(_channel(room))
        return ()

    async def page(self, effect: Claimed, room: WarRoom) -> Commands:
        """A direct message to one of those who are needed, or of what they missed."""
        user = effect.payload["user"]
        if user in room.pages:
            return ()
        policy = await self._policy(room)
        if room.decision:
            if effect.uncertain and (found := await self._posts.sent(user, effect)):
                await self._posts.update(found, cards.page(room, policy, user))
                return (c.RecordPage(user=user, message=found),)
            if room.decision.by == TIMEOUT:
                await self._posts.direct(user, news.missed(room, policy), effect)
            return ()
        try:
            message = await self._posts.direct(user, cards.page(room, policy, user), effect)
        except (FinalError, PassingError) as error:
            name = _unreachable(error)
            raise _KnownError(name, c.RecordUnreachable(user=user, error=name)) from error
        return (c.RecordPage(user=user, message=message),)

    async def digest(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """One message in the place of many pages to one person."""
        del room
        user = effect.payload["user"]
        found = await asyncio.to_thread(self._rooms, effect.payload["rooms"].split())
        rooms = [room for room in found if not room.decision and user not in room.pages]
        if not rooms:
            return ()
        message = digest.digest(rooms, {room.id: await self._policy(room) for room in rooms}, user)
        try:
            sent = await self._posts.direct(user, message, effect)
        except (FinalError, PassingError) as error:
            name = _unreachable(error)
            gone = c.RecordUnreachable(user=user, error=name)
            raise FinalError(name, tuple(Recording(room.id, gone) for room in rooms)) from error
        paged = c.RecordPage(user=user, message=sent, digest=True)
        return tuple(Recording(room.id, paged) for room in rooms)

    async def update_page(self, effect: Claimed, room: WarRoom) -> Commands:
        """A page as the room is now."""
        user = effect.payload["user"]
        if user in room.pages and user not in room.digested:
            page = cards.page(room, await self._policy(room), user)
            await self._posts.update(room.pages[user], page)
        return ()

    async def tell(self, effect: Claimed, room: WarRoom) -> Commands:
        """News for one person."""
        user = effect.payload["user"]
        recorded = await self._event(effect, room)
        if _over(recorded, room):
            return ()
        message = news.told(recorded, room, await self._policy(room), user)
        await self._posts.direct(user, self._dated(message, recorded), effect)
        return ()

    async def identify(self, effect: Claimed, room: WarRoom) -> Commands:
        """Whose e-mail address a violation named."""
        wanted = effect.payload["violation"]
        email = next((found.email for found in room.violations if found.id == wanted), None)
        if not email:
            return ()  # it was set apart, and its new room asks for itself
        user: str | None = None
        try:
            user = (await self._client.users_lookupByEmail(email=email))["user"]["id"]
        except SlackFailure as error:
            # Who can't be looked up for good is nobody Slack knows; later is for what passes.
            if not hopeless(error):
                raise outcome(error) from error
        return (c.IdentifyInitiator(violation_id=wanted, user=user),)

    async def seat_group(self, effect: Claimed, room: WarRoom) -> Commands:
        """Who is in a Slack user group that holds a role."""
        del room
        role, backup = Role(effect.payload["role"]), effect.payload["backup"] == "yes"
        try:
            answer = await self._client.usergroups_users_list(usergroup=effect.payload["group"])
        except SlackFailure as error:
            if not hopeless(error):
                raise outcome(error) from error
            # Nobody is in a group that Slack won't name: the next in the order of duty is.
            empty = c.SeatGroup(role=role, backup=backup, users=())
            raise _KnownError(error_name(error), empty) from error
        return (c.SeatGroup(role=role, backup=backup, users=tuple(answer["users"])),)

    async def publish_home(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """What waits for one person."""
        del room
        user = effect.payload["user"]
        rooms = await asyncio.to_thread(self._engine.store.open_rooms_with, user)
        policies = {room.id: await self._policy(room) for room in rooms}
        view = home.home(user, rooms, policies, self._engine.now())
        try:
            await self._client.views_publish(user_id=user, view=view)
        except SlackFailure as error:
            raise outcome(error) from error
        return ()

    def _dated(self, message: Rendered, recorded: Recorded) -> Rendered:
        late = self._engine.now() - recorded.at > LATE
        return news.dated(message, recorded.at) if late else message

    def _rooms(self, ids: list[str]) -> list[WarRoom]:
        found = map(self._engine.store.room, ids)
        return [room for room in found if room]

    async def _policy(self, room: WarRoom) -> Policy:
        return await asyncio.to_thread(self._engine.policy_of, room)

    async def _event(self, effect: Claimed, room: WarRoom) -> Recorded:
        record = await asyncio.to_thread(self._engine.store.record, room.id)
        return record[int(effect.payload["seq"]) - 1]

    @staticmethod
    def _in_room(method: Callable[[Claimed, WarRoom], Awaitable[Commands]]) -> Deliverer:
        async def deliver(effect: Claimed, room: WarRoom | None, /) -> Recordings:
            if room is None:
                raise FinalError(f"effect {effect.id} belongs to no room")
            try:
                commands = await method(effect, room)
            except _KnownError as error:
                raise FinalError(str(error), _of(room, *error.commands)) from error
            return _of(room, *commands)

        return deliver

    @classmethod
    def _in_channel(cls, method: Callable[[Claimed, WarRoom], Awaitable[Commands]]) -> Deliverer:
        async def deliver(effect: Claimed, room: WarRoom) -> Commands:
            # Its lane comes after the opening: without a channel now there will be none.
            return await method(effect, room) if room.channel else ()

        return cls._in_room(deliver)


class _KnownError(Exception):
    """It will never work, and `commands` say what the room has to know of it."""

    def __init__(self, message: str, *commands: c.Command) -> None:
        super().__init__(message)
        self.commands = commands


def _over(recorded: Recorded, room: WarRoom) -> bool:
    """A reminder of what is decided meanwhile: the decision has news of its own."""
    return room.decision is not None and isinstance(recorded.event, Escalated)


def _of(room: WarRoom, *commands: c.Command) -> Recordings:
    return tuple(Recording(room.id, command) for command in commands)


def _unreachable(error: FinalError | PassingError) -> str:
    """Slack's name for why a person can't be written to; `error` itself where it isn't that."""
    name = str(error).partition(":")[0]
    if name not in UNREACHABLE:
        raise error
    return name


def _channel(room: WarRoom) -> str:
    return room.channel or ""


async def _nice(effect: Claimed, call: Awaitable[object]) -> None:
    try:
        await call
    except SlackFailure as error:
        if not hopeless(error):
            raise outcome(error) from error
        name = error_name(error)
        log.warning("effect.passed_over", effect=effect.id, kind=effect.kind, error=name)
