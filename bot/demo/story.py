"""The story: one violation that people settle, and one that only the clock does.

Rules
- Each step is seen from outside (the local Slack, the gate) before it is told.
- Where a step fails, the story says which, and its exit code is 1.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.demo.examples import EXAMPLES
from bot.demo.stage import Stage, stage
from bot.domain.person import TIMEOUT
from bot.engine.cases import cases
from bot.local_slack import RefusedError, SlackState
from bot.measures.figures import figures
from bot.measures.formatting import median
from bot.measures.half_life import HALF_LIFE
from bot.measures.shares import SHARE_BY_OUTCOME

ADA, VAL, JUDE, BEA = "U0ADA", "U0VAL", "U0JUDE", "U0BACK"
NAMES = {ADA: "Ada", VAL: "Val", JUDE: "Jude", BEA: "Bea", TIMEOUT: "the clock"}
JUSTIFICATION = (
    "The contract with these customers allows training until March; privacy has agreed in "
    "ticket 4711, and the model is retrained without them by then."
)


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


async def play(echo: Callable[[str], None]) -> int:
    """Play it; 0 when everything happened, 1 with what did not."""
    try:
        async with stage(tell=echo) as here:
            teller = Teller(echo)
            teller.tell("the local Slack and the bot run")
            await _settled_by_people(here, teller)
            await _settled_by_the_clock(here, teller)
            await _summary(here, echo)
    except (StepError, TimeoutError, RefusedError, httpx.HTTPError) as error:
        echo(f"The story stopped: {error}")
        return 1
    return 0


async def _settled_by_people(here: Stage, teller: Teller) -> None:
    teller.echo("\nA model was fine-tuned on personal data: GitHub reports a failed policy check")
    answer = await send(here, "fine-tuning")
    room = answer["room_id"]
    teller.tell(f"violation   accepted, war room {room}")
    name = f"wr-pii-fine-tuning-{room}"
    await _room(here, teller, name, {ADA: "initiator", VAL: "validator", JUDE: "adjudicator"})
    await here.people.click(user=VAL, channel=name, action_id="ack")
    await here.people.wait_for_message(
        user=JUDE, channel=name, holds=lambda message: "✓" in message.words
    )
    teller.tell("ack         Val has seen it; the card says so")
    await here.people.click(user=JUDE, channel=name, action_id="override")
    modal = await here.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    values = {"justification": JUSTIFICATION, "category": "waiver", "validity": "30d"}
    done = await here.people.submit(user=JUDE, view_id=modal.id, values=values)
    _expect(done.outcome == "closed", f"the override was not taken: {done}")
    await here.people.wait_for_message(
        user=ADA, channel=name, holds=lambda message: "override" not in message.action_ids
    )
    teller.tell("override    by Jude, with a justification, as a waiver for 30 days")
    verdict = await gate(here, answer["violation_id"], wait=5)
    _expect(verdict["verdict"] == "allow", f"the gate says {verdict}")
    teller.tell(f"verdict     {_sentence(verdict)}")


async def _room(here: Stage, teller: Teller, name: str, parts: dict[str, str]) -> None:
    await here.people.wait_for(lambda state: state.channel(name))
    teller.tell(f"room        #{name}, private")
    for user in parts:
        await _told(here, user, name.rpartition("-")[2])
    teller.tell("pages       " + ", ".join(f"{part} {NAMES[user]}" for user, part in parts.items()))
    await here.people.wait_for_message(
        user=next(iter(parts)), channel=name, holds=lambda message: message.pinned
    )
    teller.tell("card        posted and pinned, with the buttons")


async def _settled_by_the_clock(here: Stage, teller: Teller) -> None:
    teller.echo("\nA model drifted past its threshold, and nobody has time: the clock is moved on")
    answer = await send(here, "drift")
    room = answer["room_id"]
    teller.tell(f"violation   accepted, war room {room}")
    name = f"wr-production-drift-{room}"
    await _room(here, teller, name, {ADA: "initiator", VAL: "validator", BEA: "adjudicator"})
    await _skip(here)
    await _told(here, VAL, room, "A reminder")
    teller.tell("reminder    to those who have not seen it")
    await _skip(here)
    await _told(here, JUDE, room)
    teller.tell("backup      Jude is paged too")
    await _skip(here)
    await here.people.wait_for_message(
        user=BEA, channel=name, holds=lambda message: "Last call" in message.words
    )
    teller.tell("last call   in the room, and to each who can decide")
    await _skip(here)
    verdict = await gate(here, answer["violation_id"], wait=5)
    _expect(
        (verdict["verdict"], verdict["outcome"]) == ("block", "expired"), f"the gate says {verdict}"
    )
    teller.tell(f"verdict     {_sentence(verdict)}")


async def _summary(here: Stage, echo: Callable[[str], None]) -> None:
    measured = figures(await asyncio.to_thread(cases, here.app.engine.store, here.clock()))
    for policy, group in measured.by_policy.items():
        ended = group.of(SHARE_BY_OUTCOME).items()
        shares = ", ".join(f"{share:.0%} {name}" for name, share in ended)
        half_life = median(group.of(HALF_LIFE), measured.unit)
        echo(f"\n{policy}: decision half-life {half_life}; {shares}")
    echo("\nBoth violations are settled, with a reason, under a policy, on record.")
    echo("Next: `warroom demo` shows the same in the browser.")


async def send(here: Stage, example: str) -> dict[str, Any]:
    """Send an example; the bot's answer. StepError where it takes none."""
    body = EXAMPLES[example].body(here.clock())
    said = await _order(here, "send", example=example, body=body)
    _expect(said["status"] == httpx.codes.ACCEPTED, f"the webhook answered {said}")
    return dict(said["answer"])


async def _skip(here: Stage) -> None:
    await _order(here, "skip")


async def _order(here: Stage, what: str, **given: str) -> dict[str, Any]:
    """What a button of the pipeline's panel does."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{here.slack.url}/pipeline/{what}", json=given)
    _expect(answer.is_success, f"{what}: {answer.text}")
    return dict(answer.json())


async def _told(here: Stage, user: str, *words: str) -> None:
    """Wait until a direct message of the bot to `user` has all these words."""

    def holds(state: SlackState) -> bool:
        direct = state.direct(user)
        found = direct.messages if direct else ()
        return any(all(word in message.words for word in words) for message in found)

    await here.people.wait_for(holds)


async def gate(here: Stage, violation_id: str, wait: int) -> dict[str, Any]:
    """What the gate says within `wait` seconds."""
    token = here.app.settings.warroom_api_token.get_secret_value()
    async with httpx.AsyncClient(timeout=wait + 5, trust_env=False) as client:
        answer = await client.get(
            f"{here.bot.url}/gate/{violation_id}?wait={wait}",
            headers={"Authorization": f"Bearer {token}"},
        )
    _expect(answer.is_success, f"the gate answered {answer.text}")
    return dict(answer.json())


def _sentence(verdict: dict[str, Any]) -> str:
    return f"{verdict['verdict']}: {verdict['outcome']} by {NAMES[verdict['decided_by']]}"


def _expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise StepError(otherwise)
