"""What the story does on the stage and sees of it, from outside: the panel, the gate, Slack.

Rules
- What isn't as it should be, or is refused, is a StepError; what doesn't come in time a
  TimeoutError.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.demo.examples import EXAMPLES
from bot.demo.stage import Stage
from bot.domain.channel_names import channel_name
from bot.domain.person import TIMEOUT

ADA, VAL, JUDE, BEA = "U0ADA", "U0VAL", "U0JUDE", "U0BACK"
# The sixth message in 5.5 s to somebody is held back for Slack's limits, and the story is faster.
PATIENCE_SECONDS = 15.0


class StepError(Exception):
    """The story did not go on as it should."""


@dataclass
class Teller:
    """Tells each step with the seconds since the story began."""

    echo: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)

    def tell(self, text: str) -> None:
        """One line."""
        self.echo(f"{time.monotonic() - self.began:7.2f} s  {text}")


async def send(here: Stage, example: str, body: str | None = None) -> dict[str, Any]:
    """Send an example, or `body` as its pipeline would; the bot's answer.

    StepError where it takes none.
    """
    given = body or EXAMPLES[example].body(here.clock())
    said = await order(here, "send", example=example, body=given)
    expect(said["status"] == httpx.codes.ACCEPTED, f"the webhook answered {said}")
    return dict(said["answer"])


async def skip(here: Stage) -> None:
    """Move the clock to the next step."""
    await order(here, "skip")


async def order(here: Stage, what: str, **given: str | float) -> dict[str, Any]:
    """What a button of the pipeline's panel does."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{here.slack.url}/pipeline/{what}", json=given)
    expect(answer.is_success, f"{what}: {answer.text}")
    return dict(answer.json())


async def checked(here: Stage, holds: Callable[[str, int | None], bool]) -> tuple[str, int | None]:
    """What the panel's check wrote, and its exit code, once they are as they should be."""

    async def look() -> tuple[str, int | None]:
        check = here.pipeline.check
        return (check.text, check.code) if check else ("", None)

    return await here.people.wait_until(look, lambda seen: holds(*seen))


async def gate(here: Stage, violation_id: str, wait: int) -> dict[str, Any]:
    """What the gate says within `wait` seconds."""
    token = here.app.settings.warroom_api_token.get_secret_value()
    async with httpx.AsyncClient(timeout=wait + 5, trust_env=False) as client:
        answer = await client.get(
            f"{here.bot.url}/gate/{violation_id}?wait={wait}",
            headers={"Authorization": f"Bearer {token}"},
        )
    expect(answer.is_success, f"the gate answered {answer.text}")
    return dict(answer.json())


def sentence(verdict: dict[str, Any]) -> str:
    """A final verdict: what it is, and by whom."""
    by = verdict["decided_by"]
    who = "the clock" if by == TIMEOUT else by.capitalize()
    return f"{verdict['verdict']}: {verdict['outcome']} by {who}"


async def submit(here: Stage, user: str, channel: str, action: str, values: dict[str, str]) -> None:
    """Press a button of a room's card as `user`, and fill in its modal."""
    await here.people.click(user=user, channel=channel, action_id=action)
    modal = await here.people.wait_for_modal(user=user, callback_id=f"{action}_modal")
    done = await here.people.submit(user=user, view_id=modal.id, values=values)
    expect(done.outcome == "closed", f"{action} was not taken: {done}")


async def on_card(here: Stage, channel: str, words: str) -> None:
    """Wait until a room's card has these words."""
    await here.people.wait_for_message(
        user=VAL, channel=channel, holds=lambda card: card.pinned and words in card.words
    )


async def told(here: Stage, user: str, *words: str) -> None:
    """Wait until a direct message of the bot to `user` has all these words."""

    async def look() -> tuple[str, ...]:
        direct = (await here.people.state()).direct(user)
        return tuple(message.words for message in direct.messages) if direct else ()

    def holds(told: tuple[str, ...]) -> bool:
        return any(all(word in said for word in words) for said in told)

    await here.people.wait_until(look, holds, PATIENCE_SECONDS)


async def channel(here: Stage, room_id: str) -> str:
    """The name of a room's channel."""
    room = await asyncio.to_thread(here.app.engine.store.room, room_id)
    if room is None:
        raise StepError(f"there is no war room {room_id}")
    return channel_name(room)


def expect(holds: object, otherwise: str) -> None:
    """StepError, with what is so `otherwise`, unless something holds."""
    if not holds:
        raise StepError(otherwise)
