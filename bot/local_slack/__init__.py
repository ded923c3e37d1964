"""A local, stateful Slack for any bot: a workspace on this machine, and people in it.

Rules
- Here stands all that others use; nothing outside imports one of its modules.
- It imports nothing of the rest of the project but the wire that local services share, and knows
  nothing of what the bot is for.
- The Web API behaves as Slack's does: names of errors, scopes, limits, deadlines.
- Nothing but `state` changes what the workspace holds; each change is announced on the feed.
"""

from bot.local_slack import control
from bot.local_slack.block_words import block_words
from bot.local_slack.blockkit.surfaces import check_blocks, check_view
from bot.local_slack.client import People
from bot.local_slack.config import (
    LocalSlackConfig,
    Member,
    SlashCommand,
    Usergroup,
    load_config,
)
from bot.local_slack.control_responses import (
    BotAnswer,
    Clicked,
    SlackCall,
    SlackMessage,
    SlackState,
    SlackView,
    Submitted,
)
from bot.local_slack.manifest import read_manifest
from bot.local_slack.page import text as drawing
from bot.local_slack.page.panel import Panel
from bot.local_slack.slack_errors import ConfigError, RefusedError
from bot.local_slack.slack_server import LocalSlack
from bot.local_slack.state.records import ChannelKind
from bot.local_slack.webapi.method import TokenKind
from bot.local_slack.webapi.method_table import METHODS
from bot.local_wire.feed import FeedEvent

CONTROL_API = (control.__doc__ or "").strip()
"""The control API in words, for its users."""

__all__ = [
    "CONTROL_API",
    "METHODS",
    "BotAnswer",
    "ChannelKind",
    "Clicked",
    "ConfigError",
    "FeedEvent",
    "LocalSlack",
    "LocalSlackConfig",
    "Member",
    "Panel",
    "People",
    "RefusedError",
    "SlackCall",
    "SlackMessage",
    "SlackState",
    "SlackView",
    "SlashCommand",
    "Submitted",
    "TokenKind",
    "Usergroup",
    "block_words",
    "check_blocks",
    "check_view",
    "drawing",
    "load_config",
    "read_manifest",
]
