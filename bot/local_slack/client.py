"""People in a local Slack, for tests and demonstrations: they act, look and wait over HTTP.

Rules
- Waiting is driven by the feed: nothing is polled, nothing sleeps.
- What Slack would not let a person do raises RefusedError.
"""

from collections.abc import Mapping

from bot.local_slack.calling import Control
from bot.local_slack.control_responses import (
    Clicked,
    Closed,
    Commanded,
    HomeOpened,
    Posted,
    ShortcutTaken,
    SlackCall,
    SlackChannel,
    Submitted,
)
from bot.local_slack.waiting import Waiting


class Arranging(Control):
    """Faults, latency, links and the wire log."""

    async def fault(self, kind: str, method: str = "*", **more: object) -> None:
        """Let something go wrong: see `bot.local_wire.faults`."""
        await self.order("faults", kind=kind, method=method, **more)

    async def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        await self.forget("faults")

    async def latency(self, seconds: float) -> None:
        """Delay each answer of the Web API."""
        await self.order("latency", seconds=seconds)

    async def set_request_url(self, url: str) -> None:
        """Say where the bot listens."""
        await self.order("request_url", url=url)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell all socket links to go."""
        await self.order("disconnect", reason=reason)

    async def calls(self, method: str | None = None) -> tuple[SlackCall, ...]:
        """The wire log, oldest first; of one method if that is given."""
        found = [SlackCall.model_validate(c) for c in (await self.look("calls"))["calls"]]
        return tuple(call for call in found if method in (None, call.method))

    async def change_person(self, person: str, **changes: object) -> None:
        """Change what is known of a person: `deactivated=True`, `email="…"`."""
        await self.order("person", id=person, **changes)

    async def change_usergroup(self, group: str, *users: str) -> None:
        """Say anew who is in a user group."""
        await self.order("usergroup", id=group, users=list(users))


class Acting(Control):
    """What people do."""

    async def click(
        self,
        *,
        user: str,
        action_id: str,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
        value: object = None,
    ) -> Clicked:
        """Click a button or choose from a menu; without `ts`, in the newest message that has it."""
        place = {"channel": channel, "ts": ts, "view_id": view_id, "block_id": block_id}
        body = await self.order("click", user=user, action_id=action_id, value=value, **place)
        return Clicked.model_validate(body)

    async def command(self, *, user: str, channel: str, text: str) -> Commanded:
        """Type a slash command."""
        body = await self.order("command", user=user, channel=channel, text=text)
        return Commanded.model_validate(body)

    async def shortcut(
        self, *, user: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> ShortcutTaken:
        """Take a shortcut of the app: a global one, or one on the message at `ts`."""
        place = {"channel": channel, "ts": ts}
        body = await self.order("shortcut", user=user, callback_id=callback_id, **place)
        return ShortcutTaken.model_validate(body)

    async def submit(
        self, *, user: str, view_id: str, values: Mapping[str, object] | None = None
    ) -> Submitted:
        """Submit the modal on top; values by block id."""
        given = dict(values or {})
        body = await self.order("submit", user=user, view_id=view_id, values=given)
        return Submitted.model_validate(body)

    async def close(self, *, user: str, view_id: str, everything: bool = False) -> Closed:
        """Close the modal on top, or everything that is open."""
        body = await self.order("close", user=user, view_id=view_id, everything=everything)
        return Closed.model_validate(body)

    async def open_home(self, *, user: str) -> HomeOpened:
        """Open the app's home tab."""
        return HomeOpened.model_validate(await self.order("home", user=user))

    async def post(
        self, *, user: str, channel: str, text: str, thread_ts: str | None = None
    ) -> Posted:
        """Write a message."""
        given = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return Posted.model_validate(await self.order("post", **given))

    async def react(self, *, user: str, channel: str, ts: str, name: str) -> None:
        """React to a message."""
        await self.order("react", user=user, channel=channel, ts=ts, name=name)

    async def mark_read(self, *, user: str, channel: str, thread_ts: str | None = None) -> None:
        """Read what a channel shows, and a thread of it."""
        await self.order("read", user=user, channel=channel, thread_ts=thread_ts)


class Gathering(Control):
    """How people come together."""

    async def create(self, *, user: str, name: str, private: bool = False) -> SlackChannel:
        """Make a channel."""
        made = (await self.order("create", user=user, name=name, private=private))["channel"]
        kind = "private_channel" if private else "public_channel"
        return SlackChannel.model_validate({**made, "kind": kind})

    async def invite(self, *, user: str, channel: str, users: list[str]) -> None:
        """Invite people, or the bot."""
        await self.order("invite", user=user, channel=channel, users=users)

    async def join(self, *, user: str, channel: str) -> None:
        """Enter a public channel."""
        await self.order("join", user=user, channel=channel)

    async def leave(self, *, user: str, channel: str) -> None:
        """Leave a channel."""
        await self.order("leave", user=user, channel=channel)

    async def archive(self, *, user: str, channel: str, archived: bool = True) -> None:
        """Archive a channel, or open it again."""
        await self.order("archive", user=user, channel=channel, archived=archived)

    async def rename(self, *, user: str, channel: str, name: str) -> None:
        """Rename a channel."""
        await self.order("rename", user=user, channel=channel, name=name)


class People(Acting, Gathering, Arranging, Waiting):
    """Everything people do, see and wait for: `async with People(slack.url) as people`."""
