"""files.*: what the bot uploads, and where it is shared.

Rules
- An upload has three steps: announced here, sent to its address, completed here.
- Completed without a channel, a file is the bot's own; with channels, a message in each has it.
"""

from bot.local_slack.blockkit.surfaces import check_blocks
from bot.local_slack.slack_errors import SlackError, invalid_arguments
from bot.local_slack.state.records import Channel, ChannelKind, File, Json, Message
from bot.local_slack.webapi.method import Call, Method, everywhere, words
from bot.local_slack.webapi.rates import Tier

LARGEST = 32 * 1024 * 1024
LARGEST_SNIPPET = 1024 * 1024
LONGEST_ALT_TEXT = 1000
MOST_CHANNELS = 100


def _upload_url(call: Call) -> Json:
    args = call.args
    length, name = args.number("length", 0, "invalid_arguments"), args.text("filename")
    if length < 1:
        raise SlackError("missing_argument")
    if not name:
        raise invalid_arguments("[ERROR] must be more than 0 characters [json-pointer:/filename]")
    if length > LARGEST:
        raise SlackError("file_upload_size_restricted")
    if args.has("snippet_type") and length > LARGEST_SNIPPET:
        raise SlackError("snippet_too_large")
    alt_text = args.text("alt_txt")
    if len(alt_text) > LONGEST_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file, ticket = call.workspace.files.announce(name, length, call.bot, alt_text)
    return {"file_id": file, "upload_url": f"{call.base_url}/upload/{ticket}"}


def _complete(call: Call) -> Json:
    files, titles, channels = call.workspace.files, _titles(call), _channels(call)
    comment = call.args.text("initial_comment")
    given = None if comment else call.args.json("blocks", "invalid_blocks")
    draft = Message("", "", call.bot, comment, from_bot=True)
    draft.blocks = check_blocks(given, files.image)
    draft.thread_ts = call.args.optional("thread_ts")
    if draft.thread_ts is not None:
        for channel in channels:
            call.workspace.messages.thread(channel, draft.thread_ts)
    made = files.complete(titles, call.bot)
    for channel in channels:
        _post(call, channel, draft, made)
    return {"files": [files.shape(file) for file in made]}


def _post(call: Call, channel: Channel, draft: Message, files: list[File]) -> None:
    for file in files:
        call.workspace.files.share(file, channel.id)
    shapes = [call.workspace.files.shape(file) for file in files]
    said = Message("", channel.id, draft.user, draft.text, draft.blocks, from_bot=True)
    said.files, said.thread_ts = shapes, draft.thread_ts
    call.workspace.messages.post(channel, said)


def _titles(call: Call) -> dict[str, str | None]:
    """The ids of the files, each with its title or None."""
    given = call.args.json("files")
    if not isinstance(given, list) or not given:
        raise invalid_arguments("[ERROR] must be an array [json-pointer:/files]")
    titles = {}
    for index, one in enumerate(given):
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            raise invalid_arguments(
                f"[ERROR] missing required field: id [json-pointer:/files/{index}]"
            )
        titles[one["id"]] = str(one["title"]) if one.get("title") else None
    return titles


def _channels(call: Call) -> list[Channel]:
    """Where the files are shared. Raises channel_not_found, invalid_channel, not_in_channel."""
    args = call.args
    one, several = args.optional("channel_id"), args.names("channels")
    if len(several) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    named = [(one, "channel_not_found")] if one else []
    named += [(each, "invalid_channel") for each in dict.fromkeys(several) if each != one]
    return [_channel(call, each, error) for each, error in named]


def _channel(call: Call, given: str, error: str) -> Channel:
    conversations = call.workspace.conversations
    try:
        if any(person.id == given for person in call.workspace.directory.everybody()):
            call.workspace.directory.human(given)
            found = conversations.direct([given]) or conversations.seen(given, call.bot)
        else:
            found = conversations.seen(given, call.bot)
        if found.kind is ChannelKind.IM:
            call.workspace.directory.human(found.name)
    except SlackError as refusal:
        raise SlackError(error) from refusal
    if found.archived:
        raise SlackError("posting_to_channel_denied")
    if call.bot not in found.members:
        raise SlackError("not_in_channel")
    return found


METHODS = (
    Method(
        "files.getUploadURLExternal",
        _upload_url,
        Tier.T4,
        everywhere("files:write"),
        ("length", "filename"),
        {"length": "missing_argument"},
        optional=words("alt_txt snippet_type"),
        errors=words(
            "alt_txt_too_large file_upload_size_restricted missing_argument snippet_too_large"
        ),
        json_body=False,
    ),
    Method(
        "files.completeUploadExternal",
        _complete,
        Tier.T4,
        everywhere("files:write"),
        ("files",),
        optional=words("blocks channel_id channels icon_emoji icon_url initial_comment")
        | words("thread_ts username"),
        errors=words(
            "channel_not_found channels_limit_exceeded file_not_found invalid_blocks "
            "invalid_channel msg_blocks_too_long not_in_channel "
            "posting_to_channel_denied thread_not_found"
        ),
    ),
)
