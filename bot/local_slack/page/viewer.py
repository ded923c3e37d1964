"""Who looks, and at what: read from a page's address.

Rules
- What the address leaves out, or names but the person can't see, has a sensible default: the first
  person; a channel with something unread, else the first one they are in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.slack_errors import RefusedError, SlackError
from bot.local_slack.state.records import Channel

HOME = "home"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, a channel's id or `home`, and the thread that is open beside it.

    `missed` is what they wanted to see and don't: it is not there, or not for them.
    """

    user: str
    place: str
    thread: str | None = None
    missed: str = ""

    def link(
        self, user: str | None = None, place: str | None = None, thread: str | None = None
    ) -> str:
        """The address of what is here, with something changed; a thread is named anew each time."""
        there = replace(self, user=user or self.user, place=place or self.place, thread=thread)
        query = {"as": there.user, "in": there.place, "thread": there.thread}
        return "?" + urlencode({name: value for name, value in query.items() if value})


def viewer(context: ActContext, query: Mapping[str, str]) -> Viewer:
    """Who looks at what. Raises RefusedError when there is no active person at all."""
    user = _person(context, query.get("as", ""))
    wanted = query.get("in", "")
    if wanted == HOME:
        return Viewer(user, HOME)
    found = _seen(context, user, wanted)
    channel = found or _first(context, user)
    thread = query.get("thread")
    known = thread in channel.messages and thread is not None
    missed = "" if found or not wanted else _named(wanted)
    return Viewer(user, channel.id, thread if known else None, missed)


def _person(context: ActContext, wanted: str) -> str:
    directory = context.workspace.directory
    active = [p.id for p in directory.everybody() if not p.deactivated and p is not directory.bot]
    if not active:
        raise RefusedError("no_people", "the workspace has no active person to act as")
    return wanted if wanted in active else active[0]


def _seen(context: ActContext, user: str, wanted: str) -> Channel | None:
    try:
        return context.channel(user, wanted) if wanted else None
    except SlackError:
        return None


def _named(wanted: str) -> str:
    """How to speak of a channel: its name if that is what was asked for, but no id."""
    return f"#{wanted}" if wanted.islower() else "that channel"


def _first(context: ActContext, user: str) -> Channel:
    messages = context.workspace.messages
    joined = [c for c in context.workspace.conversations.all() if user in c.members]
    unread = (c for c in reversed(joined) if messages.unread(c, user))
    found = next(unread, None) or next((c for c in joined if not c.archived), None)
    return found or context.channel(user, context.workspace.config.bot_user_id)
