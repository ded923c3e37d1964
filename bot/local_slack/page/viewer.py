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

    `missed` is what they wanted to see and don't: it is not there, or not for them. Those who are
    in it are `inside`, and `wanted` is what it was asked for by.
    """

    user: str
    place: str
    thread: str | None = None
    missed: str = ""
    wanted: str = ""
    inside: tuple[str, ...] = ()

    def link(
        self, user: str | None = None, place: str | None = None, thread: str | None = None
    ) -> str:
        """The address of what is here, with something changed; a thread is named anew each time."""
        there = replace(self, user=user or self.user, place=place or self.place, thread=thread)
        query = {"as": there.user, "in": there.place, "thread": there.thread}
        return "?" + urlencode({name: value for name, value in query.items() if value})


def viewer(context: ActContext, query: Mapping[str, str]) -> Viewer:
    """Who looks at what. Raises RefusedError when there is no active person at all."""
    directory = context.workspace.directory
    active = [p.id for p in directory.everybody() if not p.deactivated and p is not directory.bot]
    if not active:
        raise RefusedError("no_people", "the workspace has no active person to act as")
    user = query["as"] if query.get("as") in active else active[0]
    wanted, missed, inside = query.get("in", ""), "", tuple[str, ...]()
    if wanted == HOME:
        return Viewer(user, HOME)
    try:
        channel = context.channel(user, wanted) if wanted else _first(context, user)
    except SlackError:
        channel = _first(context, user)
        # Its name, if that is what was asked for, but no id.
        missed = f"#{wanted}" if wanted.islower() else "that channel"
        inside = tuple(each for each in active if each != user and _sees(context, each, wanted))
    thread = query.get("thread")
    known = thread in channel.messages and thread is not None
    return Viewer(user, channel.id, thread if known else None, missed, wanted, inside)


def _sees(context: ActContext, user: str, wanted: str) -> bool:
    try:
        return user in context.channel(user, wanted).members
    except SlackError:
        return False


def _first(context: ActContext, user: str) -> Channel:
    messages = context.workspace.messages
    joined = [c for c in context.workspace.conversations.all() if user in c.members]
    unread = (c for c in reversed(joined) if messages.unread(c, user))
    found = next(unread, None) or next((c for c in joined if not c.archived), None)
    return found or context.channel(user, context.workspace.config.bot_user_id)
