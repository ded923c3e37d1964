"""How people and the bot get into a channel: invited by somebody who is in it."""

import re

from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.slack_errors import RefusedError
from bot.local_slack.state.records import Channel, ChannelKind

INVITE = "/invite"
_TYPED = re.compile(r"<@(\w+)(?:\|[^>]*)?>|@(\S+)")
_CHANNELS = (ChannelKind.PUBLIC, ChannelKind.PRIVATE)


def invite(context: ActContext, user: str, channel: Channel, invited: list[str]) -> None:
    """Let people, or the bot, into a channel; all of them or nobody. Raises RefusedError."""
    if channel.kind not in _CHANNELS:
        raise RefusedError("method_not_supported_for_channel_type", "this is no channel")
    if channel.archived:
        raise RefusedError("is_archived", f"#{channel.name} is archived")
    if user not in channel.members:
        raise RefusedError("not_in_channel", f"{user} is not in {channel.id}")
    known = {p.id: p for p in context.workspace.directory.everybody() if not p.deactivated}
    strangers = [one for one in invited if one not in known]
    if strangers:
        raise RefusedError("user_not_found", f"{', '.join(strangers)}: no active person here")
    for one in invited:
        context.workspace.conversations.enter(channel, one, user)


def invite_named(context: ActContext, user: str, channel: Channel, typed: str) -> None:
    """Carry out `/invite @name …`. Raises RefusedError."""
    named = _TYPED.findall(typed)
    if not named or _TYPED.sub("", typed).strip():
        raise RefusedError("no_user", f"say whom: {INVITE} @name …")
    ids = {p.name: p.id for p in context.workspace.directory.everybody()}
    invited = [known or ids.get(name, f"@{name}") for known, name in named]
    if invited and all(one in channel.members for one in invited):
        raise RefusedError("already_in_channel", f"{typed.strip()}: already in #{channel.name}")
    invite(context, user, channel, invited)
