"""The threads of a channel, as they are announced at their roots and in the channel's head.

Rules
- What others have replied since the reader last had the thread open is new to them.
- A thread tells of its last reply by whom and when, and how it begins.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.local_slack.page import text
from bot.local_slack.page.page_reader import Reader
from bot.local_slack.state.records import Channel, Message


@dataclass(frozen=True, slots=True)
class Thread:
    """The replies to the message at `ts`, which begins with `root`; `new` of them are unread."""

    ts: str
    root: str
    replies: int
    new: int
    author: str
    time: str
    last: str


def threads(channel: Channel, seen: Iterable[Message], reader: Reader) -> dict[str, Thread]:
    """What the reader has `seen` of the channel, by the ts of each message that has replies."""
    replies: defaultdict[str, list[Message]] = defaultdict(list)
    for message in seen:
        if message.thread_ts not in (None, message.ts):
            replies[str(message.thread_ts)].append(message)
    return {
        ts: _thread(channel.messages[ts], found, reader, read=_read(channel, reader.user, ts))
        for ts, found in replies.items()
        if ts in channel.messages
    }


def _read(channel: Channel, user: str, ts: str) -> str:
    return channel.threads_read.get(user, {}).get(ts, "")


def _thread(root: Message, replies: list[Message], reader: Reader, read: str) -> Thread:
    last = replies[-1]
    return Thread(
        ts=root.ts,
        root=text.snippet(root.text, reader, 60),
        replies=len(replies),
        new=sum(reply.user != reader.user and reply.ts > read for reply in replies),
        author=reader.people.get(last.user, last.user),
        time=text.date(int(float(last.ts)), "{date_short_pretty} at {time}", reader),
        last=text.snippet(last.text, reader, 80),
    )
