"""From a change in the workspace to the events Slack makes of it.

Each event comes with the name it is subscribed under, such as `message.channels`.
"""

from collections.abc import Iterator

from bot.local_slack.state.records import Channel, ChannelKind, Json
from bot.local_slack.state.shapes import channel_shape, pin_shape
from bot.local_slack.state.workspace import Workspace
from bot.local_wire.feed import FeedEvent

_MESSAGES = {
    ChannelKind.PUBLIC: ("message.channels", "channel"),
    ChannelKind.PRIVATE: ("message.groups", "group"),
    ChannelKind.IM: ("message.im", "im"),
    ChannelKind.MPIM: ("message.mpim", "mpim"),
}
_RENAMED = ("id", "name", "name_normalized", "created", "is_channel", "is_mpim")
_ABOUT_CHANNELS = {
    "archived": ("archive", "unarchive"),
    "name": ("rename", "rename"),
}
Named = tuple[str, Json]


def translated(workspace: Workspace, change: FeedEvent) -> Iterator[Named]:
    """The events for one change; none when the bot is not in the conversation."""
    given = change.fields.get("channel")
    if given is None:
        return
    channel = workspace.conversations.get(str(given))
    bot = workspace.config.bot_user_id
    concerns_bot = bot in channel.members or change.fields.get("user") == bot
    if not concerns_bot:
        return
    stamp = {"event_ts": workspace.core.new_ts()}
    if change.type.startswith("message."):
        yield from _message(workspace, change, channel, stamp)
    elif change.type == "channel.changed":
        yield from _channel(change, channel, stamp)
    else:
        yield from _mark(workspace, change, channel, stamp)


def _message(
    workspace: Workspace, change: FeedEvent, channel: Channel, stamp: Json
) -> Iterator[Named]:
    if "only_for" in change.fields:
        return
    name, kind = _MESSAGES[channel.kind]
    message: Json = change.fields["message"]
    common = {"channel": channel.id, "channel_type": kind, **stamp}
    if change.type == "message.posted":
        yield name, {**message, **common}
        mention = f"<@{workspace.config.bot_user_id}>"
        if (
            mention in message["text"]
            and "subtype" not in message
            and channel.kind is not ChannelKind.IM
        ):
            yield "app_mention", {**message, "type": "app_mention", "channel": channel.id, **stamp}
        return
    subtype = change.type.replace(".", "_")
    event = {"type": "message", "subtype": subtype, "hidden": True, **common, **stamp}
    if change.type == "message.changed":
        changed = {"message": message, "previous_message": change.fields["previous_message"]}
        yield name, {**event, **changed, "ts": stamp["event_ts"]}
    else:
        deleted = {"deleted_ts": message["ts"], "previous_message": message}
        yield name, {**event, **deleted, "ts": stamp["event_ts"]}


def _channel(change: FeedEvent, channel: Channel, stamp: Json) -> Iterator[Named]:
    names = _ABOUT_CHANNELS.get(change.fields["what"])
    if names is None or channel.kind not in (ChannelKind.PUBLIC, ChannelKind.PRIVATE):
        return
    prefix = "channel" if channel.kind is ChannelKind.PUBLIC else "group"
    kind = f"{prefix}_{names[0] if channel.archived or names[0] == names[1] else names[1]}"
    user = change.fields["user"]
    about: Json = {"channel": channel.id, "user": user}
    if names[0] == "rename":
        shape = channel_shape(channel, "")
        about = {"channel": {name: shape[name] for name in _RENAMED}}
    elif channel.archived:
        about["is_moved"] = 0
    elif prefix == "group":
        about = {"channel": channel.id, "actor_id": user}
    yield kind, {"type": kind, **about, **stamp}


def _mark(
    workspace: Workspace, change: FeedEvent, channel: Channel, stamp: Json
) -> Iterator[Named]:
    user = change.fields.get("user")
    item = {"type": "message", "channel": channel.id, "ts": change.fields.get("ts")}
    if change.type in ("member.joined", "member.left"):
        kind = f"member_{change.type.partition('.')[2]}_channel"
        letter = "C" if channel.kind is ChannelKind.PUBLIC else "G"
        event = {"type": kind, "user": user, "channel": channel.id, "channel_type": letter}
        inviter = change.fields.get("inviter")
        extra = {"inviter": inviter} if inviter else {}
        yield kind, {**event, "team": workspace.config.team_id, **extra, **stamp}
    elif change.type in ("pin.added", "pin.removed"):
        kind = change.type.replace(".", "_")
        yield kind, {"type": kind, "user": user, **_pin(workspace, change, channel), **stamp}
    elif change.type in ("reaction.added", "reaction.removed"):
        kind = change.type.replace(".", "_")
        author = channel.messages[change.fields["ts"]].user
        reaction = {"reaction": change.fields["name"], "item": item, "item_user": author}
        yield kind, {"type": kind, "user": user, **reaction, **stamp}


def _pin(workspace: Workspace, change: FeedEvent, channel: Channel) -> Json:
    pin: Json = change.fields["pin"]
    item = pin_shape(channel, channel.messages[change.fields["ts"]], pin, workspace.config)
    by = {"pinned_by": pin["created_by"], "pinned_ts": pin["created"]}
    about = {
        "channel_id": channel.id,
        "item": item,
        "item_user": item["message"]["user"],
        "pin_count": str(len(channel.pins)),
        "pinned_info": {"channel": channel.id, **by},
    }
    gone = change.type == "pin.removed"
    return {**about, "has_pins": bool(channel.pins)} if gone else about
