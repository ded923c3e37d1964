"""The messages of a channel, as one person sees them.

Rules
- Times are the reader's: their zone, their today.
- Replies stay in their threads, unless they were sent to the channel too.
- A message follows without its author's name when the same author wrote just before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.places import Face, face
from bot.local_slack.page.text import date
from bot.local_slack.page.threads import Thread, threads
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.entered import starting_values
from bot.local_slack.state.file_store import IMAGES
from bot.local_slack.state.records import Channel, Message, Values
from bot.local_slack.state.workspace import Workspace

MOST = 150
"""Messages that are shown at once; earlier ones follow when the reader goes up to them."""
_TOGETHER = 300.0
"""Seconds within which the same author goes on."""


@dataclass(frozen=True, slots=True)
class Surface:
    """What blocks stand on: an id for their elements, and what is entered in them."""

    id: str
    entered: Values


@dataclass(frozen=True, slots=True)
class FileShown:
    """A file of a message, at an address of this server."""

    title: str
    url: str
    size: int
    is_image: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, as its reader sees it; `day`, `new` and `pinned` stand above it.

    `thread` has the replies to it; `answers` is the thread that it was sent to the channel from.
    """

    message: Message
    author: Face
    surface: Surface
    time: str
    full: str
    iso: str
    compact: bool
    day: str
    new: bool
    pinned: str
    thread: Thread | None
    answers: Thread | None
    files: tuple[FileShown, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in a row, and whether there are earlier ones."""

    messages: list[Shown]
    earlier: bool


class Timeline:
    """A channel, read by one person."""

    def __init__(self, workspace: Workspace, channel: Channel, reader: Reader) -> None:
        self._workspace, self._channel, self._reader = workspace, channel, reader
        self._seen = workspace.messages.seen_by(channel, reader.user)
        self._threads = threads(channel, self._seen, reader)

    def newest(self, before: str = "", since: str = "") -> Page:
        """The newest messages of the channel itself, oldest first: `MOST`, or all `since` one.

        `before` leaves out a message and what came after it.
        """
        listed = self._listed()
        end = next((i for i, m in enumerate(listed) if before and m.ts >= before), len(listed))
        start = max(0, end - MOST)
        wanted = next((i for i, m in enumerate(listed) if m.ts >= since), start) if since else start
        start = min(start, wanted)
        last = listed[start - 1] if start else None
        return Page(list(self._shown(listed[start:end], last, self._unread())), earlier=start > 0)

    def one(self, ts: str) -> Shown | None:
        """One message that the channel itself shows; None when it is not there (any more)."""
        before: Message | None = None
        for message in self._listed():
            if message.ts == ts:
                return self._one(message, before, new=False)
            before = message
        return None

    def following(self, ts: str) -> str | None:
        """The ts of the message that now stands where `ts` stood; None at the end."""
        return next((m.ts for m in self._listed() if m.ts > ts), None)

    def thread(self, ts: str) -> list[Shown]:
        """A message and its replies, oldest first."""
        shown = self._shown(m for m in self._seen if ts in (m.ts, m.thread_ts))
        # Its root may stand in the channel too: the elements of each have ids of their own.
        return [replace(m, surface=replace(m.surface, id=f"t-{m.surface.id}")) for m in shown]

    def threads(self) -> list[Thread]:
        """The threads with something new in them, the newest root first, then the others."""
        return sorted(self._threads.values(), key=lambda t: (t.new > 0, t.ts), reverse=True)

    def _listed(self) -> list[Message]:
        return [m for m in self._seen if m.thread_ts in (None, m.ts) or m.broadcast]

    def _unread(self) -> str:
        """The ts of the first message of others that the reader has not read; empty without one."""
        user = self._reader.user
        read = self._channel.read_up_to.get(user, "")
        others = (m for m in self._listed() if m.user != user and m.subtype is None)
        return next((m.ts for m in others if m.ts > read), "")

    def _shown(
        self, messages: Iterable[Message], before: Message | None = None, new: str = ""
    ) -> Iterator[Shown]:
        for message in messages:
            yield self._one(message, before, new=message.ts == new)
            before = message

    def _one(self, message: Message, before: Message | None, *, new: bool) -> Shown:
        unix, at = int(float(message.ts)), self._at(message)
        same_day = before is not None and self._at(before).date() == at.date()
        pin = self._channel.pins.get(message.ts)
        entered = message.entered.get(self._reader.user) or starting_values(message.all_blocks)
        return Shown(
            message=message,
            author=self._face(message.user),
            surface=Surface(message.ts, entered),
            time=date(unix, "{time}", self._reader),
            full=date(unix, "{date_long} {time_secs}", self._reader),
            iso=at.isoformat(timespec="seconds"),
            compact=same_day and before is not None and _goes_on(before, message),
            day="" if same_day else date(unix, "{day_divider_pretty}", self._reader),
            new=new,
            pinned=self._face(pin["created_by"]).full if pin else "",
            thread=self._threads.get(message.ts),
            answers=self._threads.get(message.thread_ts or "") if message.broadcast else None,
            files=tuple(
                FileShown(
                    title=file["title"],
                    url=file_address(file["id"], file["name"], self._reader.user),
                    size=file["size"],
                    is_image=file["mimetype"] in IMAGES,
                )
                for file in message.files
            ),
        )

    def _at(self, message: Message) -> datetime:
        return datetime.fromtimestamp(float(message.ts), self._reader.tz)

    def _face(self, user: str) -> Face:
        try:
            return face(self._workspace.directory.person(user))
        except SlackError:  # gone since
            return Face(user, user, user, "?", 0)


def file_address(file_id: str, name: str, user: str) -> str:
    """Where this server gives the file to the person, if they may have it."""
    return f"/files/{file_id}/{quote(name, safe='')}?user={user}"


def _goes_on(before: Message, message: Message) -> bool:
    alike = (before.user, before.subtype, before.only_for) == (
        message.user,
        message.subtype,
        message.only_for,
    )
    return alike and float(message.ts) - float(before.ts) < _TOGETHER
