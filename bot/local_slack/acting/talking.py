"""What people do without the bot's help: talk, read, come and go, open the home tab."""

from bot.local_slack.acting import inviting
from bot.local_slack.acting.escaping import escaped
from bot.local_slack.acting.stage import Stage, answered
from bot.local_slack.errors import RefusedError, SlackError
from bot.local_slack.state.records import Channel, Json, Kind, Message
from bot.local_slack.state.shapes import channel_shape


async def open_home(stage: Stage, user: str) -> Json:
    """Open the app's home tab. Raises RefusedError."""
    stage.person(user)
    direct = stage.channel(user, stage.workspace.config.bot_user_id)
    return answered(await stage.events.home_opened(user, direct.id))


def post(stage: Stage, user: str, channel: str, text: str, thread_ts: str | None) -> Json:
    """Write a message; its mentions become ids, as in a command. Raises RefusedError."""
    place = _entered(stage, user, channel)
    said = escaped(stage, user, text, names=False)
    draft = Message("", place.id, user, said, thread_ts=thread_ts)
    posted = stage.workspace.messages.post(place, draft)
    return {"channel": place.id, "ts": posted.ts}


def react(stage: Stage, user: str, channel: str, ts: str, name: str) -> Json:
    """React to a message, or take the same reaction back. Raises RefusedError."""
    place = _entered(stage, user, channel)
    message = stage.workspace.messages.find(place, ts, user)
    messages = stage.workspace.messages
    own = user in message.reactions.get(name, [])
    (messages.unreact if own else messages.react)(place, message, name, user)
    return {}


def mark_read(stage: Stage, user: str, channel: str) -> Json:
    """Read everything in a channel. Raises RefusedError."""
    stage.workspace.messages.mark_read(stage.channel(user, channel), user)
    return {}


def create(stage: Stage, user: str, name: str, *, private: bool) -> Json:
    """Make a channel. Raises RefusedError."""
    stage.person(user)
    made = stage.workspace.conversations.create(name, user, private=private)
    return {"channel": channel_shape(made, user)}


def invite(stage: Stage, user: str, channel: str, invited: list[str]) -> Json:
    """Invite people or the bot. Raises RefusedError."""
    inviting.invite(stage, user, stage.channel(user, channel), invited)
    return {}


def join(stage: Stage, user: str, channel: str) -> Json:
    """Enter a public channel. Raises RefusedError."""
    place = stage.channel(user, channel)
    if place.kind is not Kind.PUBLIC or place.archived:
        raise RefusedError("cant_join", f"{place.id} is not open to be joined")
    stage.workspace.conversations.enter(place, user)
    return {}


def leave(stage: Stage, user: str, channel: str) -> Json:
    """Leave a channel. Raises RefusedError."""
    stage.workspace.conversations.leave(_entered(stage, user, channel), user)
    return {}


def archive(stage: Stage, user: str, channel: str, *, archived: bool) -> Json:
    """Archive a channel, or open it again. Raises RefusedError."""
    place = stage.channel(user, channel)
    conversations = stage.workspace.conversations
    (conversations.archive if archived else conversations.unarchive)(place, user)
    return {}


def rename(stage: Stage, user: str, channel: str, name: str) -> Json:
    """Rename a channel. Raises RefusedError."""
    stage.workspace.conversations.rename(_entered(stage, user, channel), name, user)
    return {}


def _entered(stage: Stage, user: str, channel: str) -> Channel:
    place = stage.channel(user, channel)
    if place.archived:
        raise SlackError("is_archived")
    if user not in place.members:
        raise RefusedError("not_in_channel", f"{user} is not in {place.id}")
    return place
