"""conversations.*: making, naming and closing channels; listing and reading them."""

from bot.sandbox.errors import SlackError
from bot.sandbox.state.records import Channel, Json, Kind
from bot.sandbox.state.shapes import channel_shape
from bot.sandbox.webapi.method import Call, Method, Tier, by_kind
from bot.sandbox.webapi.paging import page

_NOT_DIRECT = (Kind.PUBLIC, Kind.PRIVATE)


def _shape(call: Call, channel: Channel) -> Json:
    return {"channel": channel_shape(channel, call.bot)}


def _managed(call: Call) -> Channel:
    """A channel that can be changed: no direct messages, not archived, with the bot in it."""
    found = call.channel()
    if found.kind not in _NOT_DIRECT:
        raise SlackError("method_not_supported_for_channel_type")
    if found.archived:
        raise SlackError("is_archived")
    if call.bot not in found.members:
        raise SlackError("not_in_channel")
    return found


def _create(call: Call) -> Json:
    private = call.args.flag("is_private")
    call.allow(Kind.PRIVATE if private else Kind.PUBLIC)
    name = call.args.text("name").removeprefix("#")
    return _shape(call, call.workspace.conversations.create(name, call.bot, private=private))


def _rename(call: Call) -> Json:
    channel = _managed(call)
    call.workspace.conversations.rename(channel, call.args.text("name"), call.bot)
    return _shape(call, channel)


def _archive(call: Call) -> Json:
    channel = call.channel()
    if channel.kind not in _NOT_DIRECT:
        raise SlackError("method_not_supported_for_channel_type")
    if not channel.archived and call.bot not in channel.members:
        raise SlackError("not_in_channel")
    call.workspace.conversations.archive(channel, call.bot)
    return {}


def _set_topic(call: Call) -> Json:
    channel = _managed(call)
    call.workspace.conversations.describe(channel, "topic", call.args.text("topic"), call.bot)
    return _shape(call, channel)


def _set_purpose(call: Call) -> Json:
    channel = _managed(call)
    value = call.args.text("purpose")
    call.workspace.conversations.describe(channel, "purpose", value, call.bot)
    return {**_shape(call, channel), "purpose": value}


def _join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind is not Kind.PUBLIC:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    call.workspace.conversations.enter(channel, call.bot)
    return _shape(call, channel)


def _info(call: Call) -> Json:
    answer = _shape(call, call.channel())
    if not call.args.flag("include_num_members"):
        answer["channel"].pop("num_members", None)
    return answer


def _list(call: Call) -> Json:
    wanted = set(call.args.names("types")) or {Kind.PUBLIC.value}
    if not wanted <= {kind.value for kind in Kind}:
        raise SlackError("invalid_types")
    for kind in Kind:
        if kind.value in wanted:
            call.allow(kind)
    active_only = call.args.flag("exclude_archived")
    found = [
        channel
        for channel in call.workspace.conversations.all()
        if channel.kind.value in wanted
        and channel.seen_by(call.bot)
        and not (active_only and channel.archived)
    ]
    shown, metadata = page(found, call.args)
    shapes = [channel_shape(channel, call.bot) for channel in shown]
    return {"channels": shapes, "response_metadata": metadata}


def _members(call: Call) -> Json:
    shown, metadata = page(call.channel().members, call.args)
    return {"members": shown, "response_metadata": metadata}


_MANAGE = by_kind("write", "channels:manage")
_CHANNELS_WRITE = _MANAGE | {Kind.PUBLIC: ("channels:manage", "channels:write")}
_TOPIC = by_kind("write", "channels:manage", "topic")
_READ = by_kind("read")
_NAME = {"name": "invalid_name_required"}

METHODS = (
    Method("conversations.create", _create, Tier.T2, _CHANNELS_WRITE, ("name",), _NAME),
    Method("conversations.rename", _rename, Tier.T2, _CHANNELS_WRITE, ("channel", "name"), _NAME),
    Method("conversations.archive", _archive, Tier.T2, _CHANNELS_WRITE, ("channel",)),
    Method("conversations.setTopic", _set_topic, Tier.T2, _TOPIC, ("channel", "topic")),
    Method("conversations.setPurpose", _set_purpose, Tier.T2, _TOPIC, ("channel", "purpose")),
    Method(
        "conversations.join", _join, Tier.T3, dict.fromkeys(Kind, ("channels:join",)), ("channel",)
    ),
    Method("conversations.info", _info, Tier.T3, _READ, ("channel",)),
    Method("conversations.list", _list, Tier.T2, _READ),
    Method("conversations.members", _members, Tier.T4, _READ, ("channel",)),
)
