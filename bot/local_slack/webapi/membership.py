"""conversations.invite, kick, leave, open and mark: who is in a conversation, and has read it.

Rules
- At most 100 people a call. One that can't be invited fails the call and nobody is invited,
  unless `force` is set and at least one can be.
"""

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.message_store import position
from bot.local_slack.state.records import Channel, ChannelKind, Json
from bot.local_slack.state.shapes import channel_shape
from bot.local_slack.webapi.method import Call, Method, by_kind, words
from bot.local_slack.webapi.rates import Tier

MOST_INVITED = 100
MOST_IN_GROUP = 8
_MANAGE = by_kind("write", "channels:manage")


def _obstacle(call: Call, channel: Channel, user: str) -> str | None:
    if user == call.bot:
        return "cant_invite_self"
    try:
        call.workspace.directory.human(user)
    except SlackError:
        return "user_not_found"
    return "already_in_channel" if user in channel.members else None


def _invite(call: Call) -> Json:
    channel = call.managed()
    users = list(dict.fromkeys(call.args.names("users")))
    if not users:
        raise SlackError("no_user")
    if len(users) > MOST_INVITED:
        raise SlackError("too_many_users")
    obstacles = {user: _obstacle(call, channel, user) for user in users}
    errors = [{"user": u, "ok": False, "error": e} for u, e in obstacles.items() if e]
    if errors and (len(errors) == len(users) or not call.args.flag("force")):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    for user in users:
        if obstacles[user] is None:
            call.workspace.conversations.enter(channel, user, call.bot)
    answer: Json = {"channel": channel_shape(channel, call.bot)}
    return {**answer, "errors": errors} if errors else answer


def _kick(call: Call) -> Json:
    channel = call.managed()
    user = call.args.text("user")
    call.workspace.directory.person(user)
    if user == call.bot:
        raise SlackError("cant_kick_self")
    if channel.general:
        raise SlackError("cant_kick_from_general")
    call.workspace.conversations.leave(channel, user)
    return {}


def _leave(call: Call) -> Json:
    """Take the bot out; that it was not there is said, without the name of an error."""
    channel = call.channel()
    if channel.kind in (ChannelKind.IM, ChannelKind.MPIM):
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if call.bot not in channel.members:
        return {"ok": False, "not_in_channel": True}
    if channel.general:
        raise SlackError("cant_leave_general")
    if channel.members == [call.bot]:
        raise SlackError("last_member")
    call.workspace.conversations.leave(channel, call.bot)
    return {}


def _mark(call: Call) -> Json:
    channel, ts = call.joined(), call.args.text("ts")
    position(ts, "invalid_timestamp")
    call.workspace.messages.mark_read(channel, call.bot, ts)
    return {}


def _open(call: Call) -> Json:
    conversations = call.workspace.conversations
    if call.args.has("channel"):
        channel = conversations.seen(call.args.text("channel"), call.bot)
        if channel.kind not in (ChannelKind.IM, ChannelKind.MPIM):
            raise SlackError("method_not_supported_for_channel_type")
        call.allow(channel.kind)
        return _opened(call, channel, known=True)
    users = [u for u in dict.fromkeys(call.args.names("users")) if u != call.bot]
    if not call.args.has("users"):
        raise SlackError("users_list_not_supplied")
    if not users:
        raise SlackError("not_enough_users")
    if len(users) > MOST_IN_GROUP:
        raise SlackError("too_many_users")
    call.allow(ChannelKind.IM if len(users) == 1 else ChannelKind.MPIM)
    others = [call.workspace.directory.person(user) for user in users]
    if any(person.deactivated for person in others):
        raise SlackError("user_disabled")
    if len(others) == 1 and others[0].bot:
        raise SlackError("cannot_dm_bot")
    known = conversations.direct(users, make=False)
    made = known or conversations.direct(users, make=not call.args.flag("prevent_creation"))
    if made is None:
        raise SlackError("channel_not_found")
    return _opened(call, made, known=known is not None)


def _opened(call: Call, channel: Channel, *, known: bool) -> Json:
    whole = channel_shape(channel, call.bot)
    shape = whole if call.args.flag("return_im") else {"id": channel.id}
    return {"channel": shape, **({"no_op": True, "already_open": True} if known else {})}


_OWN = _MANAGE | {ChannelKind.PUBLIC: ("channels:manage", "channels:write")}
_KICK = _MANAGE | {
    ChannelKind.IM: _MANAGE[ChannelKind.PRIVATE],
    ChannelKind.MPIM: _MANAGE[ChannelKind.PRIVATE],
}

_MANAGEABLE = words(
    "channel_not_found is_archived method_not_supported_for_channel_type not_in_channel"
)

METHODS = (
    Method(
        "conversations.invite",
        _invite,
        Tier.T3,
        _MANAGE
        | {
            ChannelKind.PUBLIC: ("channels:manage", "channels:write.invites"),
            ChannelKind.PRIVATE: ("groups:write", "groups:write.invites"),
        },
        ("channel", "users"),
        {"users": "no_user"},
        optional=words("force"),
        errors=_MANAGEABLE
        | words("already_in_channel cant_invite_self no_user too_many_users user_not_found"),
    ),
    Method(
        "conversations.kick",
        _kick,
        Tier.T3,
        _KICK,
        ("channel",),
        optional=words("user"),
        errors=_MANAGEABLE | words("cant_kick_from_general cant_kick_self user_not_found"),
    ),
    Method(
        "conversations.leave",
        _leave,
        Tier.T3,
        _OWN,
        ("channel",),
        errors=words("cant_leave_general channel_not_found is_archived last_member")
        | words("method_not_supported_for_channel_type"),
    ),
    Method(
        "conversations.mark",
        _mark,
        Tier.T3,
        _OWN,
        ("channel", "ts"),
        errors=words("channel_not_found invalid_timestamp not_in_channel"),
    ),
    Method(
        "conversations.open",
        _open,
        Tier.T3,
        _MANAGE,
        optional=words("channel prevent_creation return_im users"),
        errors=words(
            "cannot_dm_bot channel_not_found method_not_supported_for_channel_type "
            "not_enough_users too_many_users user_disabled user_not_found users_list_not_supplied"
        ),
    ),
)
