"""What an answer of Slack's means for an effect: done, later, or never. One table, by name.

Rules
- A limit is passing, and Slack says until when.
- A connection that broke after the request was sent leaves the outcome uncertain.
- An error name that is not in the table is passing: the effect is tried again, not lost.
"""

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.engine.delivery import FinalError, PassingError

# No repetition would change these. A bad token or a missing scope isn't among them: the
# operator mends it, and what waited is delivered.
FINAL = frozenset(
    {
        "already_archived",
        "cannot_create_channel",
        "cannot_dm_bot",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "invalid_blocks",
        "invalid_name",
        "invalid_name_maxlength",
        "invalid_name_punctuation",
        "invalid_name_required",
        "invalid_name_specials",
        "is_archived",
        "message_not_found",
        "messages_tab_disabled",
        "method_deprecated",
        "msg_too_long",
        "no_permission",
        "no_such_subteam",
        "not_in_channel",
        "restricted_action",
        "subteam_not_found",
        "unknown_method",
        "user_disabled",
        "user_not_found",
        "users_not_found",
    }
)
# Why a person can't be paged or invited: said in the room, and the next one on duty takes over.
UNREACHABLE = frozenset(
    {
        "cannot_dm_bot",
        "cant_invite",
        "channel_not_found",
        "messages_tab_disabled",
        "no_user",
        "org_user_not_in_team",
        "ura_max_channels",
        "user_disabled",
        "user_is_restricted",
        "user_is_ultra_restricted",
        "user_not_found",
        "user_not_visible",
        "user_team_not_in_channel",
    }
)
UNCERTAIN_FROM = 500
LIMITED = 429
NOT_FOUND = 404

SlackFailure = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)


def error_name(error: Exception) -> str:
    """Slack's name for `error`, or `http_…`, or `connection`."""
    if not isinstance(error, SlackApiError):
        return "connection"
    if error.response.status_code == LIMITED:
        return "ratelimited"
    body = error.response.data
    name = body.get("error") if isinstance(body, dict) else None
    return str(name or f"http_{error.response.status_code}")


def outcome(error: Exception) -> PassingError | FinalError:
    """How the outbox has to take `error`, one of `SlackFailure`."""
    name = error_name(error)
    if not isinstance(error, SlackApiError):
        return PassingError(f"connection: {error!r}", uncertain=True)
    status = error.response.status_code
    if status == LIMITED:
        return PassingError(name, retry_after=_seconds(error.response.headers))
    if name in FINAL or status == NOT_FOUND:
        return FinalError(name)
    return PassingError(_explained(error, name), uncertain=status >= UNCERTAIN_FROM)


def hopeless(error: Exception) -> bool:
    """Whether to do without: it never works, or only once somebody adds a scope to the app."""
    return isinstance(outcome(error), FinalError) or error_name(error) == "missing_scope"


def _explained(error: SlackApiError, name: str) -> str:
    needed = error.response.get("needed") if isinstance(error.response.data, dict) else None
    return f"{name}: the app lacks the scope {needed}" if needed else name


def _seconds(headers: dict[str, str]) -> float:
    found = {key.lower(): value for key, value in headers.items()}.get("retry-after", "")
    try:
        return max(float(found), 0.1)
    except ValueError:
        return 1.0
