"""What an answer of Slack's means for an effect: done, later, or never. One table, by name.

Rules
- What is permanent is in `PERMANENT`, with what it is about: the call, a person, or the app.
- A limit is passing, and Slack says until when; the budget of its method is told.
- A connection that broke after the request was sent leaves the outcome uncertain.
- An error name that is not in the table is passing: the effect is tried again, not lost.
"""

from collections.abc import Mapping
from enum import StrEnum

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.outbox.delivery import FinalError, PassingError


class Permanent(StrEnum):
    """What a refusal that no repetition changes is about."""

    CALL = "call"
    PERSON = "person"
    APP = "app"


# Every name that is permanent. A person who can't be reached is said in the room, and the next one
# on duty takes over. What is about the app (its token, its scopes) waits for an operator: parked.
PERMANENT: Mapping[str, Permanent] = {
    **dict.fromkeys(
        (
            "already_archived",
            "already_pinned",
            "cannot_create_channel",
            "cant_update_message",
            "channel_not_found",
            "edit_window_closed",
            "invalid_arguments",
            "invalid_blocks",
            "invalid_name",
            "invalid_name_maxlength",
            "invalid_name_punctuation",
            "invalid_name_required",
            "invalid_name_specials",
            "is_archived",
            "message_not_found",
            "metadata_too_large",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_permission",
            "no_such_subteam",
            "not_in_channel",
            "restricted_action",
            "subteam_not_found",
            "too_many_members",
            "users_not_found",
        ),
        Permanent.CALL,
    ),
    **dict.fromkeys(
        (
            "cannot_dm_bot",
            "cant_invite",
            "invalid_user_combination",
            "messages_tab_disabled",
            "no_user",
            "not_enough_users",
            "org_user_not_in_team",
            "ura_max_channels",
            "user_disabled",
            "user_is_restricted",
            "user_is_ultra_restricted",
            "user_not_found",
            "user_not_visible",
            "user_team_not_in_channel",
        ),
        Permanent.PERSON,
    ),
    **dict.fromkeys(
        (
            "access_denied",
            "account_inactive",
            "ekm_access_denied",
            "invalid_auth",
            "method_deprecated",
            "missing_scope",
            "not_allowed_token_type",
            "not_authed",
            "org_login_required",
            "team_access_not_granted",
            "token_expired",
            "token_revoked",
            "unknown_method",
        ),
        Permanent.APP,
    ),
}
# A direct message to somebody with whom Slack finds no conversation.
UNREACHABLE = frozenset(
    {"channel_not_found", *(n for n, about in PERMANENT.items() if about is Permanent.PERSON)}
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
        wait = _seconds(error.response.headers)
        return PassingError(name, retry_after=wait, limited=method_of(error))
    if name in PERMANENT or status == NOT_FOUND:
        body = error.response.data
        needed = body.get("needed") if isinstance(body, dict) else None
        return FinalError(f"{name}: the app lacks the scope {needed}" if needed else name)
    return PassingError(name, uncertain=status >= UNCERTAIN_FROM)


def not_known(error: Exception) -> PassingError:
    """How to take `error`, one of `SlackFailure`, where without Slack's answer nothing is known.

    It is asked again whatever Slack said: a scope that is missing may be added.
    """
    failed = outcome(error)
    if isinstance(failed, PassingError):
        return failed
    return PassingError(str(failed))


def failure(error: Exception) -> PassingError | FinalError | None:
    """How the outbox has to take any error; None for what is none of `SlackFailure`."""
    return outcome(error) if isinstance(error, SlackFailure) else None


def never_works(error: Exception) -> bool:
    """Whether to do without: this never works, or only once somebody adds a scope to the app."""
    name = error_name(error)
    if name in ("missing_scope", "unknown_method"):
        return True
    return isinstance(outcome(error), FinalError) and PERMANENT.get(name) is not Permanent.APP


def method_of(error: SlackApiError) -> str:
    """The method that was called: `chat.postMessage`."""
    return str(error.response.api_url).rpartition("/")[2]


def _seconds(headers: dict[str, str]) -> float:
    found = {key.lower(): value for key, value in headers.items()}.get("retry-after", "")
    try:
        return max(float(found), 0.1)
    except ValueError:
        return 1.0
