"""From what the workspace holds to HTML: the whole page, and each part that changes by itself.

Rules
- A part is the element with its id: `sidebar`, `m-{ts}`, `call-{number}`, `{panel}-live`, ….
- A part that is not there (any more) is an empty text.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.block_words import block_words
from bot.local_slack.page import call_list, text
from bot.local_slack.page.offered import commands, mentions
from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.panel import Panel
from bot.local_slack.page.places import Place, face, faces, place, places
from bot.local_slack.page.templating import Templates
from bot.local_slack.page.timeline import Shown, Timeline
from bot.local_slack.page.viewer import HOME, Viewer
from bot.local_slack.state.records import Channel
from bot.local_wire.call_log import CallLog

Given = dict[str, Any]


class Renderer:
    """Everything that a page shows. Raises RefusedError for a place that the viewer can't see."""

    def __init__(self, context: ActContext, log: CallLog, panels: tuple[Panel, ...]) -> None:
        self._context, self._workspace, self._log = context, context.workspace, log
        self._panels = panels
        self._templates = Templates(context.workspace)
        self._parts: dict[str, Callable[[Viewer], str]] = {
            "people": lambda v: self._macro("places.people", v, everybody=faces(self._workspace)),
            "sidebar": lambda v: self._macro("places.sidebar", v, places=self._places(v)),
            "head": lambda v: self._macro("places.head", v, **self._head(v)),
            "composer": lambda v: self._macro("places.composer", v, **self._composer(v)),
            "home": lambda v: self._macro("places.home", v, **self._home(v)),
            "modal": lambda v: self._macro("modal.modal", v, **self._modal(v)),
            **{f"{panel.name}-live": partial(_live, panel) for panel in panels},
        }
        self._numbered: dict[str, Callable[[Viewer, str], str]] = {
            "m": self._message,
            "t": self._reply,
            "call": self._call,
        }

    def page(self, viewer: Viewer) -> str:
        """The whole page."""
        return self._templates.page(
            viewer,
            **self._head(viewer) | self._composer(viewer) | self._home(viewer),
            **self._modal(viewer),
            after=self._workspace.feed.last_id,
            everybody=faces(self._workspace),
            places=self._places(viewer),
            newest=self._timeline(viewer).newest(),
            replies=self._thread(viewer),
            calls=call_list.newest(self._log, self._reader(viewer)),
            panels=self._panels,
            tabs=[*self._panels, {"name": "wire", "title": "Wire"}],
        )

    def part(self, viewer: Viewer, part_id: str) -> str:
        """One part, as the viewer sees it."""
        if part_id in self._parts:
            return self._parts[part_id](viewer)
        name, _, rest = part_id.partition("-")
        return self._numbered[name](viewer, rest)

    def following(self, viewer: Viewer, ts: str) -> str | None:
        """The ts of the message that follows in the place where one was deleted."""
        return self._timeline(viewer).following(ts)

    def earlier(self, viewer: Viewer, before: str, since: str) -> str:
        """Messages that came before one: some, or all `since` another."""
        newest = self._timeline(viewer).newest(before, since)
        return self._macro("messages.messages", viewer, newest, **self._head(viewer))

    def call(self, viewer: Viewer, number: int) -> str:
        """A call with its arguments and its answer."""
        found = call_list.numbered(self._log, number, self._reader(viewer))
        return self._macro("modal.call_body", viewer, found) if found else ""

    def _macro(self, name: str, viewer: Viewer, *args: object, **given: object) -> str:
        return self._templates.macro(name, viewer, *args, **given)

    def _channel(self, viewer: Viewer) -> Channel:
        here = self._workspace.config.bot_user_id if viewer.place == HOME else viewer.place
        return self._context.channel(viewer.user, here)

    def _reader(self, viewer: Viewer) -> Reader:
        return Reader.of(self._workspace, viewer.user)

    def _timeline(self, viewer: Viewer) -> Timeline:
        return Timeline(self._workspace, self._channel(viewer), self._reader(viewer))

    def _places(self, viewer: Viewer) -> list[Place]:
        current, read = self._channel(viewer).id, viewer.place != HOME
        return places(self._workspace, viewer.user, current, read=read)

    def _head(self, viewer: Viewer) -> Given:
        channel, reader = self._channel(viewer), self._reader(viewer)
        pinned = (channel.messages[ts] for ts in channel.pins)
        return {
            "place": place(self._workspace, channel, viewer.user),
            "members": [face(self._workspace.directory.person(m)) for m in channel.members],
            "pins": [
                {"ts": m.ts, "snippet": text.snippet(m.text or block_words(m.blocks), reader)}
                for m in pinned
            ],
            "threads": self._timeline(viewer).threads(),
        }

    def _composer(self, viewer: Viewer) -> Given:
        return {
            "place": place(self._workspace, self._channel(viewer), viewer.user),
            "commands": commands(self._workspace.config),
            "mentions": mentions(self._workspace),
        }

    def _home(self, viewer: Viewer) -> Given:
        return {"tab": self._workspace.views.home(viewer.user)}

    def _modal(self, viewer: Viewer) -> Given:
        stack = self._workspace.views.stack(viewer.user)
        return {"view": stack[-1] if stack else None, "depth": len(stack)}

    def _thread(self, viewer: Viewer) -> list[Shown]:
        return self._timeline(viewer).thread(viewer.thread) if viewer.thread else []

    def _message(self, viewer: Viewer, ts: str) -> str:
        found = self._timeline(viewer).one(ts)
        return self._macro("messages.message", viewer, found) if found else ""

    def _reply(self, viewer: Viewer, ts: str) -> str:
        found = next((m for m in self._thread(viewer) if m.message.ts == ts), None)
        return self._macro("messages.message", viewer, found, "t") if found else ""

    def _call(self, viewer: Viewer, number: str) -> str:
        found = call_list.numbered(self._log, int(number), self._reader(viewer))
        return self._macro("modal.call", viewer, found) if found else ""


def _live(panel: Panel, _: Viewer) -> str:
    return panel.live()
