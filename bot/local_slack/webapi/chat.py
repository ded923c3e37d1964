"""chat.*: what the bot says.

Rules
- A channel is named by its id, by its name, or by a person's id: then it is the direct messages
  with that person. Nothing can be said to who is deactivated.
- What is said is checked before anything is stored, and before its place is looked for.
"""

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.message_store import position
from bot.local_slack.state.records import Channel, ChannelKind, Json, Message
from bot.local_slack.state.shapes import message_shape, permalink
from bot.local_slack.webapi.content import CONTENT, METADATA, content, metadata, truncation
from bot.local_slack.webapi.method import Call, Method, everywhere, words
from bot.local_slack.webapi.rates import Tier

LONGEST_UPDATE = 4_000
_WRITE = everywhere("chat:write")


def _destination(call: Call) -> Channel:
    """Where a message goes. Raises channel_not_found, not_in_channel, is_archived."""
    channel = _named(call, call.args.text("channel"))
    if channel.kind is ChannelKind.IM:
        partner = call.workspace.directory.person(channel.name)
        if partner.deactivated:
            raise SlackError("channel_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    if call.bot not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _named(call: Call, given: str) -> Channel:
    conversations, directory = call.workspace.conversations, call.workspace.directory
    by_name = conversations.named(given.removeprefix("#"))
    if by_name is not None and by_name.seen_by(call.bot):
        return by_name
    if any(person.id == given for person in directory.everybody()):
        other = directory.person(given)
        reached = given != call.bot and not other.deactivated and not other.bot
        direct = conversations.direct([given]) if reached else None
        if direct is None:
            raise SlackError("channel_not_found")
        return direct
    return conversations.seen(given, call.bot)


def _post(call: Call) -> Json:
    said, about = content(call), metadata(call)
    channel = _destination(call)
    draft = Message("", channel.id, call.bot, **said, from_bot=True, metadata=about)
    draft.thread_ts = call.args.optional("thread_ts")
    draft.broadcast = call.args.flag("reply_broadcast")
    posted = call.workspace.messages.post(channel, draft)
    shape = message_shape(posted, call.workspace.config, metadata=True)
    return {"channel": channel.id, "ts": posted.ts, "message": shape, **truncation(call)}


def _post_ephemeral(call: Call) -> Json:
    said = content(call)
    channel, reader = _destination(call), call.args.text("user")
    if reader not in channel.members:
        raise SlackError("user_not_in_channel")
    draft = Message("", channel.id, call.bot, **said, from_bot=True, only_for=reader)
    draft.thread_ts = call.args.optional("thread_ts")
    try:
        posted = call.workspace.messages.post(channel, draft)
    except SlackError as refusal:
        if refusal.error == "thread_not_found":
            raise SlackError("cannot_reply_to_message") from refusal
        raise
    return {"message_ts": posted.ts, **truncation(call)}


def _own(call: Call, error: str) -> tuple[Channel, Message]:
    channel = call.channel()
    ts = call.args.text("ts")
    position(ts, "message_not_found")
    message = call.workspace.messages.find(channel, ts)
    if not message.from_bot or message.subtype is not None:
        raise SlackError(error)
    return channel, message


def _update(call: Call) -> Json:
    said, about = content(call, LONGEST_UPDATE), metadata(call)
    channel, message = _own(call, "cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    config = call.workspace.config
    if config.edit_window_minutes is not None:
        age = call.workspace.core.now() - float(message.ts)
        if age > config.edit_window_minutes * config.minute:
            raise SlackError("edit_window_closed")
    given = {name: value for name, value in said.items() if call.args.given(name)}
    changes = given | ({"metadata": about} if call.args.given("metadata") else {})
    call.workspace.messages.update(message, changes)
    shape = message_shape(message, call.workspace.config)
    del shape["ts"]  # Slack says it beside the message
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shape}


def _delete(call: Call) -> Json:
    channel, message = _own(call, "cant_delete_message")
    call.workspace.messages.delete(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    ts = call.args.text("message_ts")
    call.workspace.messages.find(channel, ts)
    return {"channel": channel.id, "permalink": permalink(channel, ts, call.workspace.config)}


_SAID = words("attachments blocks link_names markdown_text metadata parse text")
_LOOK = words("icon_emoji icon_url username")
_PLACE = words("channel_not_found is_archived not_in_channel")

METHODS = (
    Method(
        "chat.postMessage",
        _post,
        Tier.SPECIAL,
        _WRITE,
        ("channel",),
        {"channel": "channel_not_found"},
        optional=_SAID
        | _LOOK
        | words("as_user current_draft_last_updated_ts mrkdwn reply_broadcast thread_ts")
        | words("unfurl_links unfurl_media"),
        errors=CONTENT | METADATA | _PLACE | words("thread_not_found"),
    ),
    Method(
        "chat.postEphemeral",
        _post_ephemeral,
        Tier.T4,
        _WRITE,
        ("user", "channel"),
        optional=_SAID | _LOOK | words("as_user thread_ts"),
        errors=CONTENT | _PLACE | words("cannot_reply_to_message user_not_in_channel"),
    ),
    Method(
        "chat.update",
        _update,
        Tier.T3,
        _WRITE,
        ("ts", "channel"),
        optional=_SAID | words("as_user file_ids reply_broadcast unfurled_attachments"),
        errors=CONTENT
        | METADATA
        | words("cant_update_message channel_not_found edit_window_closed is_inactive")
        | words("message_not_found"),
    ),
    Method(
        "chat.delete",
        _delete,
        Tier.T3,
        _WRITE,
        ("ts", "channel"),
        optional=words("as_user"),
        errors=words("cant_delete_message channel_not_found message_not_found"),
    ),
    Method(
        "chat.getPermalink",
        _permalink,
        Tier.SPECIAL,
        required=("channel", "message_ts"),
        errors=words("channel_not_found message_not_found"),
        json_body=False,
    ),
)
