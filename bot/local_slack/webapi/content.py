"""What a message says: text, Markdown, blocks, attachments, metadata, each within its bounds."""

import json

from bot.local_slack.blockkit.attachments import check_attachments
from bot.local_slack.blockkit.surfaces import check_blocks
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json
from bot.local_slack.webapi.method import Call, words

LONGEST_TEXT, LONGEST_MARKDOWN = 40_000, 12_000
LARGEST_METADATA = 16_000
CONTENT = words(
    "invalid_attachments invalid_blocks invalid_blocks_format markdown_text_conflict "
    "msg_blocks_too_long msg_too_long no_text too_many_attachments"
)
METADATA = words("invalid_metadata_format invalid_metadata_schema metadata_too_large")


def content(call: Call, longest: int = LONGEST_TEXT) -> Json:
    """The parts of a message; of a text no more than Slack keeps.

    Raises invalid_blocks, msg_blocks_too_long, msg_too_long, no_text.
    """
    args, images = call.args, call.workspace.files.image
    blocks = check_blocks(args.json("blocks", "invalid_blocks_format"), images)
    attachments = check_attachments(args.json("attachments", "invalid_attachments"), images)
    text = args.text("text")[:LONGEST_TEXT]
    if not text:
        text, longest = args.text("markdown_text"), min(longest, LONGEST_MARKDOWN)
        if text and args.has("blocks"):
            raise SlackError("markdown_text_conflict")
    if len(text) > longest:
        raise SlackError("msg_too_long")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    return {"text": text, "blocks": blocks, "attachments": attachments}


def truncation(call: Call) -> Json:
    """What an answer says of a text that was cut; nothing of any other."""
    if len(call.args.text("text")) <= LONGEST_TEXT:
        return {}
    warning = "message_truncated"
    return {"warning": warning, "response_metadata": {"warnings": [warning]}}


def metadata(call: Call) -> Json | None:
    """What a message carries unseen. Raises invalid_metadata_… and metadata_too_large."""
    given = call.args.json("metadata", "invalid_metadata_format")
    if given in (None, "", {}):
        return None
    if not isinstance(given, dict):
        raise SlackError("invalid_metadata_format")
    payload = given.get("event_payload")
    if not isinstance(given.get("event_type"), str) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(given)) > LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return given
