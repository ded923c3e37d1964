"""pins.*, reactions.add, bookmarks.add: what is put on messages and channels."""

import re
import time

from bot.sandbox.errors import SlackError
from bot.sandbox.state.messages import position
from bot.sandbox.state.records import Channel, Json, Message
from bot.sandbox.state.shapes import message_shape
from bot.sandbox.webapi.method import Call, Method, Tier, everywhere

LONGEST_TITLE, LONGEST_LINK = 256, 2048
MOST_BOOKMARKS = 100
_EMOJI = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")


def _marked(call: Call) -> tuple[Channel, Message]:
    channel = call.joined()
    if not call.args.has("timestamp"):
        raise SlackError("no_item_specified")
    ts = call.args.text("timestamp")
    position(ts, "bad_timestamp")
    return channel, call.workspace.messages.find(channel, ts)


def _pin(call: Call) -> Json:
    channel, message = _marked(call)
    call.workspace.messages.pin(channel, message, call.bot)
    return {}


def _unpin(call: Call) -> Json:
    channel, message = _marked(call)
    call.workspace.messages.unpin(channel, message, call.bot)
    return {}


def _pins(call: Call) -> Json:
    channel, config = call.joined(), call.workspace.config
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "message": message_shape(channel.messages[ts], config),
            **pin,
        }
        for ts, pin in reversed(channel.pins.items())
    ]
    return {"items": items}


def _react(call: Call) -> Json:
    name = call.args.text("name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    channel, message = _marked(call)
    if channel.archived:
        raise SlackError("is_archived")
    call.workspace.messages.react(channel, message, name, call.bot)
    return {}


def _bookmark(call: Call) -> Json:
    channel, args = call.joined("channel_id", "channel_not_found"), call.args
    link, title = args.text("link"), args.text("title")
    if args.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not link.startswith(("http://", "https://")) or len(link) > LONGEST_LINK:
        raise SlackError("invalid_link")
    if len(title) > LONGEST_TITLE:
        raise SlackError("invalid_arguments")
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    given = {
        "title": title,
        "link": link,
        "emoji": args.optional("emoji"),
        "type": "link",
        "date_created": int(time.time()),
        "date_updated": 0,
        "app_id": call.workspace.config.app_id,
    }
    return {"bookmark": call.workspace.messages.bookmark(channel, given)}


_PIN = everywhere("pins:write")

METHODS = (
    Method("pins.add", _pin, Tier.T2, _PIN, ("channel",)),
    Method("pins.remove", _unpin, Tier.T2, _PIN, ("channel",)),
    Method("pins.list", _pins, Tier.T2, everywhere("pins:read"), ("channel",)),
    Method(
        "reactions.add",
        _react,
        Tier.T3,
        everywhere("reactions:write"),
        ("name", "timestamp", "channel"),
        {"timestamp": "no_item_specified"},
    ),
    Method("bookmarks.add", _bookmark, Tier.T2, everywhere("bookmarks:write"), ("title", "type")),
)
