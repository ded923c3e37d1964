"""Delivery of the effects that Slack shows: one method a kind, `deliverers` is the registry.

Rules
- What was perhaps done is looked up before it is done again: the channel by its name and
  creator, a message by the effect's id in its metadata.
- What is nice to have (pin, topic) is noted and passed over where it can't be done.
- A private channel never becomes a public one, and a channel that we did not create is not ours.
- A message says what is true when it is sent.
"""

import asyncio
from collections.abc import Awaitable, Mapping

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import commands as c
from bot.domain.effects import EffectKind
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.deliver.channels import Channels
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.deliver.failures import SlackFailure, error_name, never_works, outcome
from bot.integrations.slack.deliver.paging import Paging
from bot.integrations.slack.deliver.posts import GONE, Posts
from bot.integrations.slack.deliver.recording import (
    Commands,
    Recordings,
    RefusedForGoodError,
    in_channel,
    in_room,
)
from bot.integrations.slack.show import cards, home, news
from bot.integrations.slack.verbs.verb import Verbs
from bot.outbox.claim import Claimed
from bot.outbox.delivery import Deliverer, FinalError, PassingError

log = structlog.get_logger()

ARCHIVE_AGAIN_SECONDS = 30.0


class SlackDelivery:
    """Effects to Slack; every method is a `Deliverer`."""

    def __init__(self, engine: Engine, client: AsyncWebClient, verbs: Verbs) -> None:
        self._engine = engine
        self._client = client
        self._channels = Channels(client)
        self._posts = Posts(client)
        self._about = RoomContext(engine, verbs)
        self._paging = Paging(self._about, self._posts)

    def deliverers(self) -> Mapping[EffectKind, Deliverer]:
        """Which method delivers what."""
        return {
            EffectKind.OPEN_CHANNEL: in_room(self.open_channel),
            EffectKind.INVITE: in_channel(self.invite),
            EffectKind.POST_CARD: in_channel(self.post_card),
            EffectKind.PIN_CARD: in_channel(self.pin_card),
            EffectKind.SET_TOPIC: in_channel(self.set_topic),
            EffectKind.UPDATE_CARD: in_channel(self.update_card),
            EffectKind.ANNOUNCE: in_channel(self.announce),
            EffectKind.ARCHIVE: in_channel(self.archive),
            EffectKind.PAGE: in_room(self._paging.page),
            EffectKind.DIGEST: self._paging.digest,
            EffectKind.UPDATE_PAGE: in_room(self._paging.update_page),
            EffectKind.TELL: in_room(self._paging.tell),
            EffectKind.IDENTIFY: in_room(self.identify),
            EffectKind.RESOLVE_GROUP: in_room(self.resolve_group),
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
        card = cards.card(room, await self._about.policy(room), self._about.verbs)
        message = await self._posts.post(_channel(room), card, effect)
        return (c.RecordCard(message=message),)

    async def update_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """The card as the room is now."""
        del effect
        if room.card:
            policy = await self._about.policy(room)
            await self._posts.update(room.card, cards.card(room, policy, self._about.verbs))
        return ()

    async def pin_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """Nice to have."""
        if room.card:
            card = room.card
            await _nice(effect, self._client.pins_add(channel=card.channel, timestamp=card.ts))
        return ()

    async def set_topic(self, effect: Claimed, room: WarRoom) -> Commands:
        """Nice to have."""
        topic = news.topic(room, await self._about.policy(room))
        channel = _channel(room)
        await _nice(effect, self._client.conversations_setTopic(channel=channel, topic=topic))
        return ()

    async def announce(self, effect: Claimed, room: WarRoom) -> Commands:
        """News in the channel."""
        recorded = await self._about.news(effect, room)
        if recorded is None:
            return ()
        message = news.announcement(recorded, room, await self._about.policy(room))
        try:
            await self._posts.post(_channel(room), self._about.dated(message, recorded), effect)
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
            if not never_works(error):
                raise outcome(error) from error
        return (c.IdentifyInitiator(violation_id=wanted, user=user),)

    async def resolve_group(self, effect: Claimed, room: WarRoom) -> Commands:
        """Who is in a Slack user group that holds a role."""
        del room
        role, backup = Role(effect.payload["role"]), effect.payload["backup"] == "yes"
        try:
            answer = await self._client.usergroups_users_list(usergroup=effect.payload["group"])
        except SlackFailure as error:
            if not never_works(error):
                raise outcome(error) from error
            # Nobody is in a group that Slack won't name: the next in the order of duty is.
            empty = c.ResolveGroup(role=role, backup=backup, users=())
            raise RefusedForGoodError(error_name(error), empty) from error
        return (c.ResolveGroup(role=role, backup=backup, users=tuple(answer["users"])),)

    async def publish_home(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """What waits for one person."""
        del room
        user = effect.payload["user"]
        rooms = await asyncio.to_thread(self._engine.store.open_rooms_with, user)
        policies = await self._about.policies(rooms)
        view = home.home(user, rooms, policies, self._about.verbs, self._engine.now())
        try:
            await self._client.views_publish(user_id=user, view=view)
        except SlackFailure as error:
            raise outcome(error) from error
        return ()


def _channel(room: WarRoom) -> str:
    return room.channel or ""


async def _nice(effect: Claimed, call: Awaitable[object]) -> None:
    try:
        await call
    except SlackFailure as error:
        if not never_works(error):
            raise outcome(error) from error
        name = error_name(error)
        log.warning("effect.skip_unreachable", effect=effect.id, kind=effect.kind, error=name)
