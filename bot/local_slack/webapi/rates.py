"""Slack's rate limits.

Rules
- A method takes its tier's number of calls a minute for each token; a refused call counts not.
- chat.postMessage takes one a second in each channel, with short bursts, and `MESSAGES` a minute
  in the workspace.
- A second is one of the workspace's clock: who skips an hour ahead has waited for an hour.
"""

import enum
from collections.abc import Hashable

from bot.local_slack.slack_errors import RateLimitedError
from bot.local_slack.state.workspace import Workspace
from bot.local_wire.limits import Bucket, Limit, Limits, OverLimitError, Window

BURST = 5
MESSAGES = 400
_SECONDS_OF_A_MINUTE = 60


class Tier(enum.Enum):
    """How many calls a minute a method takes, for each token."""

    T1 = 1
    T2 = 20
    T3 = 50
    T4 = 100
    SPECIAL = 600


class Rates:
    """Counts calls as Slack does."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._minute = workspace.config.minute
        self._limits = Limits(workspace.core.now)

    def count(self, method: str, tier: Tier, token: str) -> None:
        """Count a call of a method. Raises RateLimitedError."""
        self._count(((method, token), Window(tier.value, self._minute)))

    def count_message(self, channel: str, token: str) -> None:
        """Count a message into a channel, however it is named. Raises RateLimitedError."""
        conversations = self._workspace.conversations
        named = conversations.named(channel.removeprefix("#"))
        place = named.id if named is not None else conversations.partner(channel) or channel
        each = Bucket(BURST, self._minute / _SECONDS_OF_A_MINUTE)
        everywhere = Window(MESSAGES, self._minute)
        self._count((("channel", place, token), each), (("messages", token), everywhere))

    def _count(self, *limits: tuple[Hashable, Limit]) -> None:
        try:
            self._limits.count(*limits)
        except OverLimitError as error:
            raise RateLimitedError(error.retry_after) from error
