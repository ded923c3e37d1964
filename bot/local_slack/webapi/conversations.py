"""conversations.*: making, naming and closing channels."""

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Channel, ChannelKind, Json
from bot.local_slack.state.shapes import channel_shape
from bot.local_slack.webapi.method import Call, Method, by_kind, words
from bot.local_slack.webapi.rates import Tier

_NOT_DIRECT = (ChannelKind.PUBLIC, ChannelKind.PRIVATE)


def _shape(call: Call, channel: Channel) -> Json:
    return {"channel": channel_shape(channel, call.bot)}


def _create(call: Call) -> Json:
    private = call.args.flag("is_private")
    call.allow(ChannelKind.PRIVATE if private else ChannelKind.PUBLIC)
    name = call.args.text("name").removeprefix("#")
    return _shape(call, call.workspace.conversations.create(name, call.bot, private=private))


def _rename(call: Call) -> Json:
    channel = call.managed()
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


def _unarchive(call: Call) -> Json:
    """What a bot can't do: it left the channel when that was archived, and can't enter it."""
    channel = call.channel()
    if channel.kind not in _NOT_DIRECT:
        raise SlackError("method_not_supported_for_channel_type")
    raise SlackError("not_in_channel" if channel.archived else "not_archived")


def _set_topic(call: Call) -> Json:
    channel = call.managed()
    call.workspace.conversations.describe(channel, "topic", call.args.text("topic"), call.bot)
    return _shape(call, channel)


def _set_purpose(call: Call) -> Json:
    channel = call.managed()
    call.workspace.conversations.describe(channel, "purpose", call.args.text("purpose"), call.bot)
    return _shape(call, channel)


def _join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind is not ChannelKind.PUBLIC:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    call.workspace.conversations.enter(channel, call.bot)
    return _shape(call, channel)


_MANAGE = by_kind("write", "channels:manage")
_CHANNELS_WRITE = _MANAGE | {ChannelKind.PUBLIC: ("channels:manage", "channels:write")}
_TOPIC = by_kind("write", "channels:manage", "topic")
_NAME = {"name": "invalid_name_required"}

_CHANNEL = words("channel_not_found method_not_supported_for_channel_type")
_MANAGED = _CHANNEL | words("is_archived not_in_channel")
_NAMED = words(
    "invalid_name_maxlength invalid_name_punctuation invalid_name_required invalid_name_specials "
    "name_taken"
)

METHODS = (
    Method(
        "conversations.create",
        _create,
        Tier.T2,
        _CHANNELS_WRITE,
        ("name",),
        _NAME,
        optional=words("is_private team_id"),
        errors=_NAMED,
    ),
    Method(
        "conversations.rename",
        _rename,
        Tier.T2,
        _CHANNELS_WRITE,
        ("channel", "name"),
        _NAME,
        errors=_MANAGED | _NAMED,
    ),
    Method(
        "conversations.archive",
        _archive,
        Tier.T2,
        _CHANNELS_WRITE,
        ("channel",),
        errors=_CHANNEL | words("already_archived cant_archive_general not_in_channel"),
    ),
    Method(
        "conversations.unarchive",
        _unarchive,
        Tier.T2,
        _CHANNELS_WRITE,
        ("channel",),
        errors=_CHANNEL | words("not_archived not_in_channel"),
    ),
    Method(
        "conversations.setTopic",
        _set_topic,
        Tier.T2,
        _TOPIC,
        ("channel", "topic"),
        errors=_MANAGED | words("too_long"),
    ),
    Method(
        "conversations.setPurpose",
        _set_purpose,
        Tier.T2,
        _TOPIC,
        ("channel", "purpose"),
        errors=_MANAGED | words("too_long"),
    ),
    Method(
        "conversations.join",
        _join,
        Tier.T3,
        dict.fromkeys(ChannelKind, ("channels:join",)),
        ("channel",),
        errors=_CHANNEL | words("is_archived"),
    ),
)
