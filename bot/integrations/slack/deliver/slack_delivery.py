"""Delivery of the effects that Slack shows: one method a kind.

Rules
- What was perhaps done is looked up before it is done again: the channel by its name and
  creator, a message by the effect's id in its metadata.
- What is nice to have (pin, topic) is noted and passed over where it can't be done.
- A private channel never becomes a public one, and a channel that we did not create is not ours.
- A message says what is true when it is sent.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import commands as c
from bot.domain import identity
from bot.domain import reported as r
from bot.domain.events import Decided
from bot.domain.person import EMAIL, SLACK, Person
from bot.domain.policy import Role
from bot.domain.usergroups import Behind
from bot.domain.war_room import State, WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.accounts import Accounts, account_of, user_of
from bot.integrations.slack.deliver.channels import Channels
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.deliver.erasures import TellingErasures
from bot.integrations.slack.deliver.failures import SlackFailure, error_name, never_works
from bot.integrations.slack.deliver.follow_ups import AskingOwners
from bot.integrations.slack.deliver.log import TellingOfTheLog
from bot.integrations.slack.deliver.paging import Paging
from bot.integrations.slack.deliver.posts import GONE, Posts
from bot.integrations.slack.deliver.recording import Commands
from bot.integrations.slack.deliver.telling import Telling
from bot.integrations.slack.deliver.told import recording_of
from bot.integrations.slack.deliver.upkeep import Upkeep
from bot.integrations.slack.installation import Installed
from bot.integrations.slack.show import home, news, settled
from bot.integrations.slack.show.text import without_mentions
from bot.integrations.slack.user_groups import UserGroups
from bot.integrations.slack.verbs.verb import Verbs
from bot.outbox.delivery import Claimed, FinalError, PassingError, Recordings
from bot.storage.exceptions import active_in_rooms
from bot.storage.follow_ups import owed_by

log = structlog.get_logger()

ARCHIVE_AGAIN_SECONDS = 30.0
NO_ADDRESS = "users_not_found"  # Slack's word for an address that is nobody's


class SlackDelivery:
    """What Slack is reached by; each method delivers one kind, as those of the two to people do."""

    def __init__(self, engine: Engine, client: AsyncWebClient, verbs: Verbs) -> None:
        self._engine = engine
        self._client = client
        self._channels = Channels(client)
        self._posts = Posts(client)
        self._verbs = verbs
        self._about = RoomContext(engine, verbs)
        accounts = Accounts(client, engine.now)
        self._groups = UserGroups(client, accounts, lambda: engine.people, engine.now)
        self._upkeep = Upkeep(engine, self._groups, accounts, Installed(client))
        self.paging = Paging(self._about, self._posts, self._upkeep)
        self.telling = Telling(self._about, self._posts, self._upkeep)
        self.asking_owners = AskingOwners(engine, self._posts, self._groups)
        self.telling_erasures = TellingErasures(engine, self._posts)
        self.telling_of_the_log = TellingOfTheLog(engine, self._posts)

    async def open_channel(self, effect: Claimed, room: WarRoom) -> Commands:
        """The room's channel, once."""
        if room.channel:
            return ()
        channel = await self._channels.open(room, look_first=effect.uncertain)
        return (r.RecordChannel(channel=channel),)

    async def invite(self, effect: Claimed, room: WarRoom) -> Commands:
        """Everybody who belongs in it; whom Slack refuses is recorded, the others come in."""
        del effect
        names = {user_of(room, name): name for name in room.invited if name not in room.unreachable}
        try:
            refused = await self._channels.invite(_channel(room), list(names))
        except SlackFailure as error:
            return _lost(error)
        let_in = tuple(name for user, name in names.items() if user not in refused)
        unreachable = tuple(
            r.RecordUnreachable(name=names[user], error=error) for user, error in refused.items()
        )
        return (r.RecordInvited(names=let_in), *unreachable) if let_in else unreachable

    async def post_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """Post the room's card, unless it has one; of a decided room it shows the result."""
        if room.card:
            return ()
        message = await self._posts.post(_channel(room), await self._about.card(room), effect)
        shown = (r.RecordResult(),) if room.decision else ()
        return (r.RecordCard(message=message), *shown)

    async def update_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """Bring the card up to date with the room."""
        del effect
        if room.card:
            await self._posts.update(room.card, await self._about.card(room))
        return ()

    async def show_waived(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """Bring the card, or somebody's page, up to date with what an exception has waived."""
        room = await asyncio.to_thread(self._engine.store.room, effect.stream_id or "")
        if room is None:
            raise FinalError(f"effect {effect.id} belongs to no exception")
        if "user" in effect.payload:
            await self.paging.update_page(effect, room)
        elif room.state is not State.CLOSED:
            await self.update_card(effect, room)
        return ()

    async def pin_card(self, effect: Claimed, room: WarRoom) -> Commands:
        """Pin the card; where Slack never will, the room does without."""
        if room.card:
            card = room.card
            await _nice(effect, self._client.pins_add(channel=card.channel, timestamp=card.ts))
        return ()

    async def set_topic(self, effect: Claimed, room: WarRoom) -> Commands:
        """Set the channel's topic where it is another; where Slack never will, do without."""
        topic = news.topic(room, await self._about.policy(room))
        channel = _channel(room)
        # Each setting is a line in the channel. It may have been set before: by a first attempt, or
        # by the effect before this one, when that was sent after what led to this one.
        may_be_set = effect.uncertain or room.decision or room.extended_by
        if may_be_set and await self._topic(channel) == topic:
            return ()
        await _nice(effect, self._client.conversations_setTopic(channel=channel, topic=topic))
        return ()

    async def _topic(self, channel: str) -> str | None:
        """A channel's topic; None where Slack never tells."""
        try:
            found = (await self._client.conversations_info(channel=channel))["channel"]
        except SlackFailure as error:
            if not never_works(error):
                raise
            return None
        return str((found.get("topic") or {}).get("value") or "")

    async def announce(self, effect: Claimed, room: WarRoom) -> Commands:
        """Tell the channel what happened, as it is true by now."""
        recorded = await self._about.event(effect, room)
        policy = await self._about.policy(room)
        message = settled.now(recorded, room, policy, None)
        if isinstance(recorded.event, Decided):
            message = await self._about.with_pipelines(message, room)
        # Whom it concerns hears it by direct message: a mention here would call them twice.
        message = without_mentions(message, map(room.person, news.heard(recorded.event, room)))
        if settled.comes_too_late(recorded, room, policy, None):
            if sent := await self._posts.posted(_channel(room), effect):
                await self._posts.update(sent, message)
            return ()
        dated = self._about.dated(message, recorded.at)
        try:
            sent = await self._posts.post(_channel(room), dated, effect)
        except FinalError as error:
            if str(error) not in GONE:
                raise
            # Somebody archived it by hand: nobody reads there.
            return (r.RecordChannelLost(error=str(error)),)
        if isinstance(recorded.event, Decided):
            return (r.RecordResult(),)
        return recording_of(recorded, room, None, sent, effect)

    async def archive(self, effect: Claimed, room: WarRoom) -> Commands:
        """Archive the channel once no message is undelivered: a bot can't come back into it."""
        del effect
        waiting = await asyncio.to_thread(self._engine.store.undelivered, room.id)
        if [lane for lane in waiting if "/dm:" in lane]:
            raise PassingError("messages are undelivered", retry_after=ARCHIVE_AGAIN_SECONDS)
        await self._channels.archive(_channel(room))
        return ()

    async def identify(self, effect: Claimed, room: WarRoom) -> Commands:
        """Look up whose an e-mail address is that violations name, or an id that no file has."""
        account = effect.payload["account"]
        if account not in room.awaited:
            return ()  # they were split off, and their new room asks for itself
        system, _, text = account.partition(":")
        try:
            if system == SLACK:
                found = (await self._client.users_info(user=text))["user"]
            else:
                found = await self._with_address(text)
        except SlackFailure as error:
            # Who can't be looked up for good is nobody Slack knows; later is for what passes.
            if not never_works(error):
                raise
            found = None
        people: tuple[Person, ...] = ()
        if found and account_of(found).error is None:
            user, directory = str(found["id"]), self._engine.people
            people = () if directory.is_nobody(f"{SLACK}:{user}") else directory.behind(user)
        return (c.IdentifyInitiator(account=account, persons=people),)

    async def resolve_group(self, effect: Claimed, room: WarRoom) -> Commands:
        """Look up who is in a Slack user group that holds a role, as long as that matters."""
        if room.decision:
            return ()
        role, backup = Role.read(effect.payload["role"]), effect.payload["backup"] == "yes"
        behind = Behind(role, backup, effect.payload["group"])
        return (await self._groups.resolved(behind),)

    async def check_on_duty(self, effect: Claimed, room: WarRoom) -> Commands:
        """Find out who has left a group that holds a role, and who on duty is deactivated."""
        del effect
        found, _ = await self._upkeep.of_all(room)
        return found

    async def _with_address(self, address: str) -> Mapping[str, Any] | None:
        """Who has an e-mail address, with its tag or without, as Slack describes them."""
        known = identity.read(EMAIL, address)
        for account in (known.account, *known.same):
            try:
                found = await self._client.users_lookupByEmail(email=account.partition(":")[2])
            except SlackFailure as error:
                if error_name(error) != NO_ADDRESS:
                    raise
            else:
                return dict(found["user"])
        return None

    async def publish_home(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """Publish what waits for one person on their home tab, and what they answer for."""
        del room
        user = effect.payload["user"]
        who = self._engine.people.in_slack(user)
        rooms = await asyncio.to_thread(self._engine.store.open_rooms_asking, who)
        policies = await self._about.policies(rooms)
        owed = await asyncio.to_thread(owed_by, self._engine.store, who)
        now = self._engine.now()
        owned = await asyncio.to_thread(
            self._engine.store.ask, lambda asked: active_in_rooms(asked, now, who)
        )
        view = home.home(who, rooms, policies, self._verbs, now, owed, owned)
        await self._client.views_publish(user_id=user, view=view)
        return ()


def _channel(room: WarRoom) -> str:
    return room.channel or ""


def _lost(error: Exception) -> Commands:
    """That nobody can be let into a channel any more; `error` itself where it isn't that."""
    if error_name(error) not in GONE:
        raise error
    return (r.RecordChannelLost(error=error_name(error)),)


async def _nice(effect: Claimed, call: Awaitable[object]) -> None:
    try:
        await call
    except SlackFailure as error:
        if not never_works(error):
            raise
        name = error_name(error)
        log.warning("effect.passed_over", effect=effect.id, kind=effect.kind, error=name)
