"""What a source of violations is: it takes a request apart, and says what was reported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.violation import Report
from bot.policies.load import Config


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came: headers by lower-case name, and the raw body."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sources need to know: the configuration, the secrets, the time.

    `callback_refusal` says why a callback can't go to an address, or nothing.
    """

    config: Config
    secrets: tuple[str, ...] = field(repr=False)
    github_secret: str = field(repr=False)
    callback_refusal: Callable[[str], str | None]
    now: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """A violation, and the id under which its delivery is known to its source."""

    report: Report
    delivery: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is well and reports no violation."""

    reason: str


class Source(Protocol):
    """One way in."""

    def __call__(self, message: Message, around: Surroundings, /) -> Reported | Ignored:
        """What `message` reports; RequestError where it can't be taken."""
