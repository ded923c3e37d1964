"""From what the workspace holds to HTML: the whole page, and each part that changes by itself.

Rules
- A part is the element with its id: `sidebar`, `m-{ts}`, `call-{number}`, `{panel}-live`, ….
- A part that is not there (any more) is an empty text.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.sandbox.acting.stage import Stage
from bot.sandbox.page import text
from bot.sandbox.page.offered import Offered, commands, mentions
from bot.sandbox.page.panel import Panel
from bot.sandbox.page.places import face, faces, place, places
from bot.sandbox.page.reader import Reader
from bot.sandbox.page.timeline import Timeline, file_address
from bot.sandbox.page.viewer import HOME, Viewer
from bot.sandbox.state.records import Channel, Json
from bot.sandbox.wire.log import WireCall, WireLog

_CALLS = 200
"""How many calls a page shows at first."""
_SCHEMES = ("http://", "https://", "mailto:")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Renderer:
    """Everything that a page shows."""

    def __init__(self, stage: Stage, log: WireLog, panels: tuple[Panel, ...]) -> None:
        self._stage, self._workspace, self._log = stage, stage.workspace, log
        self._panels = panels
        self._parts: dict[str, Callable[[Viewer, str], str]] = {
            "people": lambda v, _: self._macro("places", "people", v, everybody=self._faces()),
            "sidebar": lambda v, _: self._macro("places", "sidebar", v, places=self._places(v)),
            "head": lambda v, _: self._macro("places", "head", v, **self._head(v)),
            "composer": lambda v, _: self._macro("places", "composer", v, **self._composer(v)),
            "home": lambda v, _: self._macro("places", "home", v, tab=self._tab(v)),
            "modal": lambda v, _: self._macro("modal", "modal", v, **self._modal(v)),
            "m": self._message,
            "t": self._reply,
            "call": lambda v, number: self._call(v, int(number)),
        }

    def page(self, viewer: Viewer) -> str:
        """The whole page."""
        calls = reversed(self._log.since()[-_CALLS:])
        reader = self._reader(viewer)
        given = {
            **self._head(viewer),
            **self._composer(viewer),
            **self._modal(viewer),
            "after": self._workspace.feed.last_id,
            "everybody": self._faces(),
            "places": self._places(viewer),
            "newest": self._timeline(viewer).newest(),
            "replies": self._thread(viewer),
            "tab": self._tab(viewer),
            "calls": [_summary(call, reader) for call in calls],
            "panels": self._panels,
            "tabs": [*self._panels, {"name": "wire", "title": "Wire"}],
        }
        return _TEMPLATES.get_template("page.html").render(self._common(viewer) | given)

    def part(self, viewer: Viewer, part_id: str) -> str:
        """One part, as the viewer sees it. Raises RefusedError when they see the place no more."""
        for panel in self._panels:
            if part_id == f"{panel.name}-live":
                return panel.live()
        name, _, rest = part_id.partition("-")
        return self._parts[name](viewer, rest)

    def earlier(self, viewer: Viewer, before: str, since: str) -> str:
        """Messages that came before one: some, or all `since` another. Raises RefusedError."""
        newest = self._timeline(viewer).newest(before, since)
        return self._macro("messages", "messages", viewer, newest, **self._head(viewer))

    def call(self, viewer: Viewer, number: int) -> str:
        """A call with its arguments and its answer; empty when it is not kept any more."""
        found = self._logged(number)
        if found is None:
            return ""
        shown = {
            "arguments": json.dumps(found.arguments, indent=2, ensure_ascii=False),
            "answer": json.dumps(found.answer, indent=2, ensure_ascii=False),
            "status": found.status,
        }
        return self._macro("modal", "call_body", viewer, shown)

    def _macro(self, template: str, macro: str, viewer: Viewer, *args: Any, **given: Any) -> str:  # noqa: ANN401 - whatever the template takes
        module = _TEMPLATES.get_template(f"{template}.html").make_module(
            self._common(viewer) | given
        )
        return str(getattr(module, macro)(*args)).strip()

    def _common(self, viewer: Viewer) -> dict[str, Any]:
        reader = self._reader(viewer)
        return {
            "viewer": viewer,
            "config": self._workspace.config,
            "me": face(self._workspace.directory.person(viewer.user)),
            "offered": Offered(self._workspace, viewer.user),
            "text": partial(_text, reader=reader),
            "plain": text.plain,
            "mrkdwn": partial(text.mrkdwn, reader=reader),
            "markdown": partial(text.markdown, reader=reader),
            "rich_text": partial(text.rich_text, reader=reader),
            "picture": partial(self._picture, viewer),
        }

    def _channel(self, viewer: Viewer) -> Channel:
        here = self._workspace.config.bot_user_id if viewer.place == HOME else viewer.place
        return self._stage.channel(viewer.user, here)

    def _reader(self, viewer: Viewer) -> Reader:
        return Reader.of(self._workspace, viewer.user)

    def _timeline(self, viewer: Viewer) -> Timeline:
        return Timeline(self._workspace, self._channel(viewer), self._reader(viewer))

    def _faces(self) -> list[Any]:
        return list(faces(self._workspace))

    def _places(self, viewer: Viewer) -> list[Any]:
        current, read = self._channel(viewer).id, viewer.place != HOME
        return list(places(self._workspace, viewer.user, current, read=read))

    def _head(self, viewer: Viewer) -> dict[str, Any]:
        channel, reader = self._channel(viewer), self._reader(viewer)
        pinned = (channel.messages[ts] for ts in channel.pins)
        return {
            "place": place(self._workspace, channel, viewer.user),
            "pins": [{"ts": m.ts, "snippet": text.snippet(m.text, reader)} for m in pinned],
        }

    def _composer(self, viewer: Viewer) -> dict[str, Any]:
        return {
            "place": place(self._workspace, self._channel(viewer), viewer.user),
            "commands": commands(self._workspace.config),
            "mentions": mentions(self._workspace),
        }

    def _tab(self, viewer: Viewer) -> object:
        return self._workspace.views.home(viewer.user)

    def _modal(self, viewer: Viewer) -> dict[str, Any]:
        stack = self._workspace.views.stack(viewer.user)
        return {"view": stack[-1] if stack else None, "depth": len(stack)}

    def _thread(self, viewer: Viewer) -> list[Any]:
        return list(self._timeline(viewer).thread(viewer.thread)) if viewer.thread else []

    def _message(self, viewer: Viewer, ts: str) -> str:
        found = self._timeline(viewer).one(ts)
        return self._macro("messages", "message", viewer, found) if found else ""

    def _reply(self, viewer: Viewer, ts: str) -> str:
        found = next((m for m in self._thread(viewer) if m.message.ts == ts), None)
        return self._macro("messages", "message", viewer, found, "t") if found else ""

    def _call(self, viewer: Viewer, number: int) -> str:
        found = self._logged(number)
        shown = _summary(found, self._reader(viewer)) if found else None
        return self._macro("modal", "call", viewer, shown) if shown else ""

    def _logged(self, number: int) -> WireCall | None:
        return next((c for c in self._log.since(number - 1) if c.id == number), None)

    def _picture(self, viewer: Viewer, element: Json) -> str:
        """The address of an image; empty where the workspace has no such file."""
        if "image_url" in element:
            return _linkable(str(element["image_url"]))
        found = self._workspace.files.image(element["slack_file"])
        return file_address(found.id, found.name, viewer.user) if found else ""


def _text(given: Json, reader: Reader) -> Markup:
    """A text object of Block Kit."""
    if given["type"] == "mrkdwn":
        return text.mrkdwn(given["text"], reader, verbatim=bool(given.get("verbatim")))
    return text.plain(given["text"], emoji=given.get("emoji") is not False)


def _linkable(url: str) -> str:
    """The address, if a browser may follow it."""
    return url if url.startswith(_SCHEMES) else "#"


_TEMPLATES.filters["linkable"] = _linkable


def _summary(call: WireCall, reader: Reader) -> dict[str, Any]:
    answer = call.answer if isinstance(call.answer, dict) else {}
    ok = bool(answer.get("ok", call.status == 200))  # noqa: PLR2004 - HTTP's own
    return {
        "id": call.id,
        "direction": call.direction,
        "method": call.method,
        "ok": ok,
        "outcome": "ok" if ok else answer.get("error") or call.status,
        "milliseconds": round(call.seconds * 1000),
        "time": f"{datetime.fromtimestamp(call.started, reader.tz):%H:%M:%S}",
    }
