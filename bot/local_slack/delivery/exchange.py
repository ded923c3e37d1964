"""What is delivered, and what came of it."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from bot.local_slack.state.records import Json

Channel = Literal["slash_commands", "interactive", "events_api"]
TIMEOUT, NO_CONNECTION, NO_ACK = "operation_timeout", "dispatch_failed", "http_error"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One payload; `name` is what logs and faults call it: `block_actions`, `command`, …."""

    channel: Channel
    name: str
    payload: Json
    retry: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered; `error` is what a person would see when it did not."""

    acked: bool
    status: int = 0
    body: object = None
    error: str | None = None
    seconds: float = 0.0
    no_retry: bool = field(default=False, compare=False)

    def as_json(self) -> Json:
        """The answer as the control API shows it."""
        shown = asdict(self)
        del shown["no_retry"]
        return shown
