"""What can be seen of the workspace, as JSON."""

from bot.local_slack.state.records import Channel, ChannelKind, Json, Message
from bot.local_slack.state.shapes import channel_shape, message_shape, user_shape, view_shape
from bot.local_slack.state.workspace import Workspace


def whole(workspace: Workspace, *, messages: bool) -> Json:
    """The whole workspace, as nobody in it sees it."""
    config, views = workspace.config, workspace.views
    people = workspace.directory.everybody()
    homes = {p.id: views.home(p.id) for p in people}
    return {
        "team": {"id": config.team_id, "name": config.team_name, "domain": config.team_domain},
        "bot": {"user_id": config.bot_user_id, "name": config.bot_name, "app_id": config.app_id},
        "people": [user_shape(p, config, with_email=True) for p in people],
        "usergroups": [g.model_dump(mode="json") for g in workspace.directory.usergroups],
        "channels": [
            _channel(workspace, channel, messages=messages)
            for channel in workspace.conversations.all()
        ],
        "modals": {
            p.id: [view_shape(view, config) for view in stack]
            for p in people
            if (stack := views.stack(p.id))
        },
        "homes": {user: view_shape(view, config) for user, view in homes.items() if view},
        "last_event": workspace.feed.last_id,
    }


def channels(workspace: Workspace, user: str) -> list[Json]:
    """The conversations the person is in or may join, with what is unread in them."""
    found = []
    for channel in workspace.conversations.all():
        if not channel.seen_by(user):
            continue
        inside = user in channel.members
        messages = workspace.messages
        latest = next(reversed(messages.seen_by(channel, user)), None)
        found.append(
            {
                **channel_shape(channel, user),
                "kind": channel.kind.value,
                "name": _title(workspace, channel),
                "unread": messages.unread(channel, user) if inside else 0,
                "mentions": messages.mentions(channel, user) if inside else 0,
                "latest": latest.ts if latest else None,
            }
        )
    return found


def messages(workspace: Workspace, channel: Channel, user: str) -> list[Json]:
    """The messages of a channel as the person sees them, oldest first, threads included."""
    return [
        _message(workspace, channel, message)
        for message in workspace.messages.seen_by(channel, user)
    ]


def modals(workspace: Workspace, user: str) -> list[Json]:
    """The open modals of a person, the last on top."""
    return [view_shape(view, workspace.config) for view in workspace.views.stack(user)]


def home(workspace: Workspace, user: str) -> Json | None:
    """The home tab of a person, once published."""
    view = workspace.views.home(user)
    return view_shape(view, workspace.config) if view is not None else None


def _channel(workspace: Workspace, channel: Channel, *, messages: bool) -> Json:
    shape: Json = {
        **channel_shape(channel, workspace.config.bot_user_id),
        "kind": channel.kind.value,
        "name": _title(workspace, channel),
        "members": list(channel.members),
        "bookmarks": list(channel.bookmarks),
        "pins": list(channel.pins),
    }
    if messages:
        everything = channel.messages.values()
        shape["messages"] = [_message(workspace, channel, message) for message in everything]
    return shape


def _title(workspace: Workspace, channel: Channel) -> str:
    """A direct message is called after the person in it."""
    if channel.kind is ChannelKind.IM:
        return workspace.directory.person(channel.name).name
    return channel.name


def _message(workspace: Workspace, channel: Channel, message: Message) -> Json:
    return {
        **message_shape(message, workspace.config, metadata=True),
        "channel": channel.id,
        "ephemeral": message.only_for is not None,
        "only_for": message.only_for,
        "pinned": message.ts in channel.pins,
        "from_bot": message.from_bot,
    }
