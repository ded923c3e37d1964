"""A page kept up to date: a WebSocket that sends the parts which have changed.

Rules
- A message is a list of parts: `{"id", "html"}`; a part that is new goes to the end of the element
  `into`, or to its beginning with `first`. `after` is the last event in it.
- What changes within a moment is sent together, each part once, as it is then.
- A viewer who is thrown out of the channel is sent elsewhere: `{"go": address}`.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from bot.local_slack.page.render import Renderer
from bot.local_slack.page.viewer import HOME, Viewer
from bot.local_slack.slack_errors import SlackError
from bot.local_wire.feed import Feed, FeedEvent

_MOMENT = 0.02
_HEARTBEAT = 30.0
_OF_MESSAGES = ("message.", "reaction.", "pin.", "read.")
_OF_CHANNELS = ("channel.", "member.", "bookmark.", "pin.", "read.")
_OF_PLACES = ("channel.", "member.", "message.posted", "message.ephemeral", "read.", "person.")
_OF_MODALS = ("view.",)


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be shown anew, and where it stands when it is new."""

    id: str
    into: str = ""
    first: bool = False


def touched(viewer: Viewer, event: FeedEvent) -> Iterator[Part]:
    """The parts of the viewer's page that an event changes."""
    kind, fields = event.type, event.fields
    here = fields.get("channel") == viewer.place
    if kind == "call":
        yield Part(f"call-{fields['call']}", "calls", first=True)
    if kind == "panel.changed":
        yield Part(f"{fields['panel']}-live")
    if here and kind.startswith(_OF_MESSAGES) and "ts" in fields:
        yield from _messages(viewer, event)
    if here and kind.startswith(_OF_CHANNELS):
        yield Part("head")
    if here and kind == "channel.changed" and fields["what"] == "archived":
        yield Part("composer")
    if here and kind.startswith("member.") and fields["user"] == viewer.user:
        yield Part("composer")
    if kind.startswith(_OF_PLACES):
        yield from (Part("people"), Part("sidebar"))
    if kind.startswith(_OF_MODALS) and fields["user"] == viewer.user:
        yield Part("modal")
    if kind == "home.published" and fields["user"] == viewer.user and viewer.place == HOME:
        yield Part("home")


def _messages(viewer: Viewer, event: FeedEvent) -> Iterator[Part]:
    ts, message = event.fields["ts"], event.fields.get("message", {})
    root = message.get("thread_ts", ts)
    yield Part(f"m-{ts}", "messages")
    if root != ts:
        yield Part(f"m-{root}", "messages")  # its thread
        yield Part("head")  # all threads
    if viewer.thread is not None and viewer.thread in (ts, root):
        yield Part(f"t-{ts}", "replies")


class Live:
    """The WebSockets of all open pages."""

    def __init__(self, feed: Feed, renderer: Renderer) -> None:
        self._feed, self._renderer = feed, renderer

    async def follow(
        self, request: web.Request, viewer: Viewer, after: int | None
    ) -> web.WebSocketResponse:
        """Send what changes from the event `after` on, until the page or the server is gone."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT)
        await socket.prepare(request)
        wanted = request.query.get("as"), request.query.get("in")
        if wanted != (viewer.user, viewer.place):  # lost since the page was rendered
            await socket.send_json({"go": f"?as={viewer.user}"})
        sending = asyncio.create_task(self._send(socket, viewer, after))
        listening = asyncio.create_task(_until_gone(socket))
        try:
            await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            listening.cancel()
            outcome, _ = await asyncio.gather(sending, listening, return_exceptions=True)
            await socket.close()  # a page that is sent nothing any more learns of it
        if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
            raise outcome
        return socket

    async def _send(self, socket: web.WebSocketResponse, viewer: Viewer, after: int | None) -> None:
        waiting: list[FeedEvent] = []
        some = asyncio.Event()
        with self._feed.reading(after) as events:
            collecting = asyncio.create_task(_collect(events, waiting, some))
            try:
                while not collecting.done() or waiting:
                    await some.wait()
                    await asyncio.sleep(_MOMENT)
                    some.clear()
                    batch = waiting[:]
                    waiting.clear()
                    if order := self._order(viewer, batch):
                        await socket.send_json(order)
            finally:
                collecting.cancel()

    def _order(self, viewer: Viewer, events: list[FeedEvent]) -> dict[str, Any]:
        try:
            found = [part for event in events for part in self._touched(viewer, event)]
            parts = list(dict.fromkeys(found))
            rendered = [
                {**asdict(part), "html": self._renderer.part(viewer, part.id)} for part in parts
            ]
        except SlackError:  # they see the place no more
            return {"go": f"?as={viewer.user}"}
        return {"parts": rendered, "after": events[-1].id} if rendered else {}

    def _touched(self, viewer: Viewer, event: FeedEvent) -> Iterator[Part]:
        yield from touched(viewer, event)
        if event.type == "message.deleted" and event.fields["channel"] == viewer.place:
            # It may have gone on without its author's name after the one that is gone.
            following = self._renderer.following(viewer, event.fields["ts"])
            if following:
                yield Part(f"m-{following}", "messages")


async def _until_gone(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass  # a page only listens


async def _collect(events: Any, waiting: list[FeedEvent], some: asyncio.Event) -> None:  # noqa: ANN401 - an async iterator
    async for event in events:
        waiting.append(event)
        some.set()
    some.set()
