"""What Slack hands out for one use: trigger ids, response URLs, tickets of socket links.

Rules
- A trigger opens one view, within `trigger_seconds`.
- A response URL takes five answers within thirty minutes.
- What is over is known as such for thirty minutes more, and then forgotten.
"""

import secrets
import time
from dataclasses import dataclass
from typing import TypeVar

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.core import Core

USES = 5
MINUTES = 30
_PARTS = 3


@dataclass(slots=True)
class Trigger:
    """Who did something, and until when that may open a view."""

    user: str
    ends: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an answer may go: a channel, seen by a person, maybe instead of a message."""

    user: str
    channel: str
    ts: str | None
    ends: float
    uses: int = 0


Ticket = TypeVar("Ticket", Trigger, ResponseUrl)


class Tickets:
    """All that was handed out."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}
        self._links: set[str] = set()

    def new_trigger(self, user: str) -> str:
        """A trigger id for what the user has just done."""
        ends = time.monotonic() + self._core.config.trigger_seconds
        trigger = f"{time.time_ns()}.{int(ends * 1000)}.{secrets.token_hex(16)}"
        self._triggers = self._remembered(self._triggers)
        self._triggers[trigger] = Trigger(user, ends)
        return trigger

    def check_trigger(self, trigger: str) -> Trigger:
        """The trigger, if a view may still be opened with it."""
        if len(trigger.split(".")) != _PARTS or trigger not in self._triggers:
            raise SlackError("invalid_trigger_id")
        found = self._triggers[trigger]
        if found.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() > found.ends:
            raise SlackError("expired_trigger_id")
        return found

    def new_response(self, user: str, channel: str, ts: str | None) -> str:
        """The id of a response URL."""
        response = secrets.token_hex(12)
        ends = time.monotonic() + MINUTES * self._core.config.minute
        self._responses = self._remembered(self._responses)
        self._responses[response] = ResponseUrl(user, channel, ts, ends)
        return response

    def use_response(self, response: str) -> ResponseUrl:
        """Count one use. Raises used_url, expired_url, not_found."""
        found = self._responses.get(response)
        if found is None:
            raise SlackError("not_found")
        if time.monotonic() > found.ends:
            raise SlackError("expired_url")
        if found.uses >= USES:
            raise SlackError("used_url")
        found.uses += 1
        return found

    def new_link(self) -> str:
        """A ticket for one socket."""
        ticket = secrets.token_hex(16)
        self._links.add(ticket)
        return ticket

    def use_link(self, ticket: str) -> bool:
        """Whether the ticket was good; it is not any more."""
        known = ticket in self._links
        self._links.discard(ticket)
        return known

    def _remembered(self, tickets: dict[str, Ticket]) -> dict[str, Ticket]:
        since = time.monotonic() - MINUTES * self._core.config.minute
        return {name: one for name, one in tickets.items() if one.ends >= since}
