"""conversations.info, list and members, users.conversations: what there is, and who is in it.

The bot learns of a private channel only when it is in it.
"""

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Channel, ChannelKind, Json
from bot.local_slack.state.shapes import channel_shape
from bot.local_slack.webapi.cursors import page
from bot.local_slack.webapi.method import Call, Method, by_kind, words
from bot.local_slack.webapi.rates import Tier

_NOTHING_READ = "0000000000.000000"


def _info(call: Call) -> Json:
    channel = call.channel()
    answer: Json = {"channel": channel_shape(channel, call.bot)}
    if call.bot in channel.members:
        answer["channel"]["last_read"] = channel.read_up_to.get(call.bot, _NOTHING_READ)
    if call.args.flag("include_num_members") and channel.kind is not ChannelKind.IM:
        answer["channel"]["num_members"] = len(channel.members)
    return answer


def _listed(channel: Channel, viewer: str) -> Json:
    """A conversation as a list has it."""
    shape = channel_shape(channel, viewer)
    if channel.kind is not ChannelKind.IM:
        return {**shape, "num_members": len(channel.members)}
    del shape["is_open"]
    return {**shape, "is_user_deleted": False}


def _wanted(call: Call) -> list[Channel]:
    """The conversations of the wanted types that the bot may know of. Raises invalid_types."""
    wanted = set(call.args.names("types")) or {ChannelKind.PUBLIC.value}
    if not wanted <= {kind.value for kind in ChannelKind}:
        raise SlackError("invalid_types")
    for kind in ChannelKind:
        if kind.value in wanted:
            call.allow(kind)
    active_only = call.args.flag("exclude_archived")
    return [
        channel
        for channel in call.workspace.conversations.all()
        if channel.kind.value in wanted
        and channel.seen_by(call.bot)
        and not (active_only and channel.archived)
    ]


def _list(call: Call) -> Json:
    shown, metadata = page(_wanted(call), call.args)
    shapes = [_listed(channel, call.bot) for channel in shown]
    return {"channels": shapes, "response_metadata": metadata}


def _of_user(call: Call) -> Json:
    """Where somebody is a member, as far as the bot may know; without `user`, the bot itself."""
    user = call.workspace.directory.person(call.args.optional("user") or call.bot).id
    shown, metadata = page([c for c in _wanted(call) if user in c.members], call.args)
    shapes = [_listed(channel, call.bot) for channel in shown]
    for shape in shapes:
        shape.pop("num_members", None)
        shape.pop("is_member", None)
    return {"channels": shapes, "response_metadata": metadata}


def _members(call: Call) -> Json:
    shown, metadata = page(call.channel().members, call.args)
    return {"members": shown, "response_metadata": metadata}


_READ = by_kind("read")
_PAGED = words("invalid_cursor invalid_limit")

METHODS = (
    Method(
        "conversations.info",
        _info,
        Tier.T3,
        _READ,
        ("channel",),
        optional=words("include_locale include_num_members"),
        errors=words("channel_not_found"),
        json_body=False,
    ),
    Method(
        "conversations.list",
        _list,
        Tier.T2,
        _READ,
        optional=words("cursor exclude_archived limit team_id types"),
        errors=_PAGED | words("invalid_types"),
        json_body=False,
    ),
    Method(
        "conversations.members",
        _members,
        Tier.T4,
        _READ,
        ("channel",),
        optional=words("cursor limit"),
        errors=_PAGED | words("channel_not_found"),
        json_body=False,
    ),
    Method(
        "users.conversations",
        _of_user,
        Tier.T3,
        _READ,
        optional=words("cursor exclude_archived exclude_muted limit team_id types user"),
        errors=_PAGED | words("invalid_types user_not_found"),
        json_body=False,
    ),
)
