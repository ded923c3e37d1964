"""Follow-ups in Slack: who is asked, that the message is kept true, and who is reminded.

Rules
- Whoever owes it by now is asked; of what was perhaps sent before it is recorded where it stands.
- Reminders stand in the thread of the message that asks; where there is none, by themselves.
- Who can't be written to is recorded, with Slack's reason: the next who may close it owes it then.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.follow_up import (
    FollowUp,
    FollowUpState,
    NameHolders,
    RecordAsked,
    RecordNotReached,
)
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.messages import PostedMessage
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.deliver.posts import Posts, ThreadGoneError
from bot.integrations.slack.deliver.recording import unreachable
from bot.integrations.slack.show import follow_ups as show
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.user_groups import UserGroups
from bot.outbox.delivery import Claimed, FinalError, Recording, Recordings
from bot.storage.follow_ups import follow_up
from bot.storage.transaction import Stream


class AskingOwners:
    """Each method delivers one kind of effect of a follow-up."""

    def __init__(self, engine: Engine, posts: Posts, groups: UserGroups) -> None:
        self._engine = engine
        self._posts = posts
        self._groups = groups

    async def ask(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """A direct message with what is asked, to whoever owes it by now."""
        del room
        owed, name = await self._of(effect), effect.payload["user"]
        user = user_of(owed, name)
        with _recorded_if_not_reached(owed, name):
            if owed.state is FollowUpState.OPEN and owed.owner == name:
                message = show.message(await asyncio.to_thread(self._about, owed))
                sent = await self._posts.direct(user, message, effect)
            elif not (found := await self._posts.sent(user, effect)):
                return ()
            else:
                sent = found
        return (_recording(owed, RecordAsked(name=name, message=sent)),)

    async def tell(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """That the end is near, or has come, unless it is closed by then."""
        del room
        owed, name = await self._of(effect), effect.payload["user"]
        if owed.state is not FollowUpState.OPEN or owed.owner != name:
            return ()
        told, asked = show.reminder(owed, self._engine.now()), owed.asked.get(name)
        with _recorded_if_not_reached(owed, name):
            if not asked or not await self._replied(asked, told, effect):
                await self._posts.direct(user_of(owed, name), told, effect)
        return ()

    async def _replied(self, to: PostedMessage, told: Rendered, effect: Claimed) -> bool:
        """Whether something is told in the thread of a message, which has to be there for that."""
        try:
            await self._posts.reply(to, told, effect)
        except ThreadGoneError:
            return False
        return True

    async def settle(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """Bring the message that asked somebody up to date: it says how it was closed."""
        del room
        owed = await self._of(effect)
        if asked := owed.asked.get(effect.payload["user"]):
            about = await asyncio.to_thread(self._about, owed)
            await self._posts.update(asked, show.message(about))
        return ()

    async def name_holders(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """Ask Slack who is in the user group that holds the role."""
        del room
        owed = await self._of(effect)
        if owed.group is None or owed.state is not FollowUpState.OPEN:
            return ()
        answer = await self._groups.answer(owed.group)
        members = tuple(map(self._engine.people.in_slack, answer.members))
        return (_recording(owed, NameHolders(members=members)),)

    async def _of(self, effect: Claimed) -> FollowUp:
        stored = await asyncio.to_thread(follow_up, self._engine.store, effect.stream_id or "")
        if stored is None:
            raise FinalError(f"effect {effect.id} belongs to no follow-up")
        return stored

    def _about(self, owed: FollowUp) -> show.OwedAbout:
        """All that is told of a follow-up; asks the database."""
        store, violation_id = self._engine.store, owed.violation_id
        policy = self._engine.config.policies.get(owed.policy_id)
        room = store.room(owed.room_id) if owed.room_id else None
        if violation_id is None:
            return show.OwedAbout(owed, policy, None, room)
        # What a rule cleared may have a room all the same, of another policy that it breaks.
        room = room or store.room_of_violation(violation_id)
        return show.OwedAbout(owed, policy, store.violation(violation_id), room)


def user_of(owed: FollowUp, name: str) -> str:
    """The Slack user id of whoever a follow-up knows by `name`."""
    return owed.people[name].slack or name


def _recording(owed: FollowUp, command: RecordAsked | RecordNotReached | NameHolders) -> Recording:
    return Recording(Stream(FOLLOW_UP.kind, owed.id), command)


@contextmanager
def _recorded_if_not_reached(owed: FollowUp, name: str) -> Iterator[None]:
    """Where Slack can't reach somebody, the follow-up records it."""
    try:
        yield
    except FinalError as error:
        reason = unreachable(error)
        command = RecordNotReached(name=name, error=reason)
        raise FinalError(reason, (_recording(owed, command),)) from error
