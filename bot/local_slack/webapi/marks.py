"""pins.*, reactions.*, bookmarks.*: what is put on messages and channels."""

import re

from bot.local_slack.slack_errors import SlackError, invalid_arguments
from bot.local_slack.state.message_store import position
from bot.local_slack.state.records import Channel, Json, Message
from bot.local_slack.state.shapes import message_shape, pin_shape
from bot.local_slack.webapi.method import Call, Method, everywhere, words
from bot.local_slack.webapi.rates import Tier

LONGEST_TITLE, LONGEST_LINK = 256, 2048
MOST_BOOKMARKS = 100
_EMOJI = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")


def _marked(call: Call, outside: str = "not_in_channel") -> tuple[Channel, Message]:
    """The message that is meant; `outside` is the refusal of a channel the bot is not in."""
    if not call.args.has("channel") or not call.args.has("timestamp"):
        raise SlackError("no_item_specified")
    channel = call.joined(error=outside)
    ts = call.args.text("timestamp")
    position(ts, "bad_timestamp")
    return channel, call.workspace.messages.find(channel, ts)


def _pin(call: Call) -> Json:
    channel, message = _marked(call)
    call.workspace.messages.pin(channel, message, call.bot)
    return {}


def _unpin(call: Call) -> Json:
    channel, message = _marked(call, outside="channel_not_found")
    call.workspace.messages.unpin(channel, message, call.bot)
    return {}


def _pins(call: Call) -> Json:
    channel, config = call.joined(), call.workspace.config
    items = [
        pin_shape(channel, channel.messages[ts], pin, config)
        for ts, pin in reversed(channel.pins.items())
    ]
    return {"items": items}


def _react(call: Call) -> Json:
    channel, message, name = _reaction(call)
    call.workspace.messages.react(channel, message, name, call.bot)
    return {}


def _unreact(call: Call) -> Json:
    channel, message, name = _reaction(call)
    call.workspace.messages.unreact(channel, message, name, call.bot)
    return {}


def _reaction(call: Call) -> tuple[Channel, Message, str]:
    """Where a reaction is put or taken away. Raises invalid_name, is_archived and as _marked."""
    name = call.args.text("name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    channel, message = _marked(call)
    if channel.archived:
        raise SlackError("is_archived")
    return channel, message, name


def _reactions(call: Call) -> Json:
    """A message with its reactions; each always names everybody, with `full` or without."""
    channel, message = _marked(call)
    shape = message_shape(message, call.workspace.config)
    return {"type": "message", "channel": channel.id, "message": shape}


def _bookmark(call: Call) -> Json:
    channel, args = call.joined("channel_id", "channel_not_found"), call.args
    if args.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    head = _head(call)
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    given = {
        **head,
        "type": "link",
        "entity_id": None,
        "date_created": int(call.workspace.core.now()),
        "date_updated": 0,
        "last_updated_by_user_id": call.bot,
        "app_id": call.workspace.config.app_id,
    }
    return {"bookmark": call.workspace.messages.bookmark(channel, given)}


def _edit_bookmark(call: Call) -> Json:
    channel = call.joined("channel_id", "channel_not_found")
    wanted = call.args.text("bookmark_id")
    bookmark = next((b for b in channel.bookmarks if b["id"] == wanted), None)
    if bookmark is None:
        raise SlackError("not_found")
    changes = {
        name: value for name, value in _head(call, bookmark).items() if call.args.given(name)
    }
    changes |= {"date_updated": int(call.workspace.core.now()), "last_updated_by_user_id": call.bot}
    return {"bookmark": call.workspace.messages.change_bookmark(channel, bookmark, changes)}


def _head(call: Call, known: Json | None = None) -> Json:
    """Title, link and emoji; what is `known` need not be given. Raises invalid_link and such."""
    args, before = call.args, known or {"title": "", "link": "", "emoji": None}
    title, link = (args.text(name, before[name]) for name in ("title", "link"))
    emoji = args.optional("emoji") or before["emoji"]
    if not link.startswith(("http://", "https://")) or len(link) > LONGEST_LINK:
        raise SlackError("invalid_link")
    if not title or len(title) > LONGEST_TITLE:
        raise invalid_arguments("[ERROR] must be 1 to 256 characters [json-pointer:/title]")
    if emoji is not None and not _EMOJI.fullmatch(emoji.strip(":")):
        raise SlackError("invalid_emoji")
    return {"title": title, "link": link, "emoji": emoji}


_PIN = everywhere("pins:write")
_MARKED = words("bad_timestamp channel_not_found message_not_found no_item_specified")
_BOOKMARK = words("channel_not_found invalid_emoji invalid_link")

METHODS = (
    Method(
        "pins.add",
        _pin,
        Tier.T2,
        _PIN,
        ("channel",),
        optional=words("timestamp"),
        errors=_MARKED | words("already_pinned not_in_channel too_many_pins"),
    ),
    Method(
        "pins.remove",
        _unpin,
        Tier.T2,
        _PIN,
        ("channel",),
        optional=words("timestamp"),
        errors=_MARKED | words("no_pin"),
    ),
    Method(
        "pins.list",
        _pins,
        Tier.T2,
        everywhere("pins:read"),
        ("channel",),
        errors=words("channel_not_found not_in_channel"),
        json_body=False,
    ),
    Method(
        "reactions.add",
        _react,
        Tier.T3,
        everywhere("reactions:write"),
        ("name", "timestamp", "channel"),
        {"timestamp": "no_item_specified"},
        errors=_MARKED | words("already_reacted invalid_name is_archived not_in_channel"),
    ),
    Method(
        "reactions.remove",
        _unreact,
        Tier.T2,
        everywhere("reactions:write"),
        ("name",),
        optional=words("channel file file_comment timestamp"),
        errors=_MARKED | words("invalid_name is_archived no_reaction not_in_channel"),
    ),
    Method(
        "reactions.get",
        _reactions,
        Tier.T3,
        everywhere("reactions:read"),
        optional=words("channel file file_comment full timestamp"),
        errors=_MARKED | words("not_in_channel"),
        json_body=False,
    ),
    Method(
        "bookmarks.add",
        _bookmark,
        Tier.T2,
        everywhere("bookmarks:write"),
        ("title", "type"),
        optional=words("access_level channel_id emoji entity_id link parent_id"),
        errors=_BOOKMARK | words("invalid_bookmark_type too_many_bookmarks"),
    ),
    Method(
        "bookmarks.edit",
        _edit_bookmark,
        Tier.T2,
        everywhere("bookmarks:write"),
        optional=words("bookmark_id channel_id emoji link title"),
        errors=_BOOKMARK | words("not_found"),
    ),
)
