"""What people do without the bot's help: talk, read, come and go, open the home tab."""

from bot.local_slack.acting import inviting
from bot.local_slack.acting.act_context import ActContext, answered
from bot.local_slack.acting.escaping import escaped
from bot.local_slack.slack_errors import RefusedError, SlackError
from bot.local_slack.state.records import Channel, ChannelKind, Json, Message
from bot.local_slack.state.shapes import channel_shape


async def open_home(context: ActContext, user: str) -> Json:
    """Open the app's home tab. Raises RefusedError."""
    context.person(user)
    direct = context.channel(user, context.workspace.config.bot_user_id)
    return answered(await context.events.home_opened(user, direct.id))


def post(context: ActContext, user: str, channel: str, text: str, thread_ts: str | None) -> Json:
    """Write a message; its mentions become ids, as in a command. Raises RefusedError."""
    place = _entered(context, user, channel)
    said = escaped(context, user, text, names=False)
    draft = Message("", place.id, user, said, thread_ts=thread_ts)
    posted = context.workspace.messages.post(place, draft)
    return {"channel": place.id, "ts": posted.ts}


def react(context: ActContext, user: str, channel: str, ts: str, name: str) -> Json:
    """React to a message, or take the same reaction back. Raises RefusedError."""
    place = _entered(context, user, channel)
    message = context.workspace.messages.find(place, ts, user)
    messages = context.workspace.messages
    own = user in message.reactions.get(name, [])
    (messages.unreact if own else messages.react)(place, message, name, user)
    return {}


def mark_read(context: ActContext, user: str, channel: str, thread_ts: str | None) -> Json:
    """Read what a channel shows, and a thread of it. Raises RefusedError."""
    place, messages = context.channel(user, channel), context.workspace.messages
    messages.mark_read(place, user)
    if thread_ts in place.messages:
        messages.mark_thread_read(place, user, thread_ts)
    return {}


def create(context: ActContext, user: str, name: str, *, private: bool) -> Json:
    """Make a channel. Raises RefusedError."""
    context.person(user)
    made = context.workspace.conversations.create(name, user, private=private)
    return {"channel": channel_shape(made, user)}


def invite(context: ActContext, user: str, channel: str, invited: list[str]) -> Json:
    """Invite people or the bot. Raises RefusedError."""
    inviting.invite(context, user, context.channel(user, channel), invited)
    return {}


def join(context: ActContext, user: str, channel: str) -> Json:
    """Enter a public channel. Raises RefusedError."""
    place = context.channel(user, channel)
    if place.kind is not ChannelKind.PUBLIC or place.archived:
        raise RefusedError("cant_join", f"{place.id} is not open to be joined")
    context.workspace.conversations.enter(place, user)
    return {}


def leave(context: ActContext, user: str, channel: str) -> Json:
    """Leave a channel. Raises RefusedError."""
    context.workspace.conversations.leave(_entered(context, user, channel), user)
    return {}


def archive(context: ActContext, user: str, channel: str, *, archived: bool) -> Json:
    """Archive a channel, or open it again. Raises RefusedError."""
    place = context.channel(user, channel)
    conversations = context.workspace.conversations
    (conversations.archive if archived else conversations.unarchive)(place, user)
    return {}


def rename(context: ActContext, user: str, channel: str, name: str) -> Json:
    """Rename a channel. Raises RefusedError."""
    context.workspace.conversations.rename(_entered(context, user, channel), name, user)
    return {}


def _entered(context: ActContext, user: str, channel: str) -> Channel:
    place = context.channel(user, channel)
    if place.archived:
        raise SlackError("is_archived")
    if user not in place.members:
        raise RefusedError("not_in_channel", f"{user} is not in {place.id}")
    return place
