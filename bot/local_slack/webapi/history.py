"""conversations.history and replies: what was said.

Rules
- The bot reads only where it is a member, with the history scope of that kind of conversation.
- Metadata is given only with `include_all_metadata`.
"""

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.message_store import position
from bot.local_slack.state.records import Channel, Json, Message
from bot.local_slack.state.shapes import message_shape
from bot.local_slack.webapi.cursors import page
from bot.local_slack.webapi.method import Call, Method, by_kind, words
from bot.local_slack.webapi.rates import Tier

_HISTORY = by_kind("history")


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """The messages between `oldest` and `latest`; the bounds themselves only with `inclusive`."""
    args = call.args
    oldest = position(args.text("oldest", "0") or "0", "invalid_ts_oldest")
    latest = position(args.optional("latest") or "9999999999", "invalid_ts_latest")
    inclusive = args.flag("inclusive")
    return [
        message
        for message in messages
        if oldest < (at := position(message.ts, "internal_error")) < latest
        or (inclusive and at in (oldest, latest))
    ]


def _shapes(call: Call, channel: Channel, messages: list[Message]) -> list[Json]:
    config, wanted = call.workspace.config, call.args.flag("include_all_metadata")
    shapes = []
    for message in messages:
        shape = message_shape(message, config, metadata=wanted)
        if message.thread_ts == message.ts:
            replies = call.workspace.messages.thread(channel, message.ts)[1:]
            shape |= {"reply_count": len(replies)}
            if replies:
                shape["latest_reply"] = replies[-1].ts
        if message.ts in channel.pins:
            shape["pinned_to"] = [channel.id]
        shapes.append(shape)
    return shapes


def _answer(call: Call, channel: Channel, messages: list[Message]) -> Json:
    most = call.workspace.config.history_limit
    shown, metadata = page(_within(call, messages), call.args, most=most)
    more = bool(metadata["next_cursor"])
    answer: Json = {"messages": _shapes(call, channel, shown), "has_more": more}
    return {**answer, "response_metadata": metadata} if more else answer


def _history(call: Call) -> Json:
    channel = call.joined()
    found = list(call.workspace.messages.history(channel))
    return {**_answer(call, channel, found), "pin_count": len(channel.pins)}


def _replies(call: Call) -> Json:
    channel = call.channel()
    if call.bot not in channel.members:
        raise SlackError("channel_not_found")
    thread = call.workspace.messages.thread(channel, call.args.text("ts"))
    return _answer(call, channel, thread)


_BOUNDS = words("cursor include_all_metadata inclusive latest limit oldest")
_UNREADABLE = words(
    "channel_not_found invalid_cursor invalid_limit invalid_ts_latest invalid_ts_oldest"
)

METHODS = (
    Method(
        "conversations.history",
        _history,
        Tier.T3,
        _HISTORY,
        ("channel",),
        optional=_BOUNDS,
        errors=_UNREADABLE | words("not_in_channel"),
    ),
    Method(
        "conversations.replies",
        _replies,
        Tier.T3,
        _HISTORY,
        ("channel", "ts"),
        optional=_BOUNDS,
        errors=_UNREADABLE | words("thread_not_found"),
        json_body=False,
    ),
)
