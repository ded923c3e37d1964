"""The story: one violation that people settle, and one that nobody does.

Rules
- Each step is seen from outside (the local Slack, the gate) before it is told.
- Where a step fails, the story says which, and its exit code is 1.
"""

import asyncio
import hmac
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.client import send
from bot.demo.stage import GITHUB_SECRET, HERE, Stage, stage
from bot.domain.war_room import TIMEOUT
from bot.engine.figures import cases
from bot.measures.durations import median
from bot.measures.figures import figures
from bot.sandbox.errors import RefusedError

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
    echo("Starting a local Slack and the bot …")
    try:
        async with stage() as here:
            teller = Teller(echo)
            teller.tell(f"the bot listens at {here.url}, the local Slack at {here.slack.url}")
            await _settled_by_people(here, teller)
            await _settled_by_the_clock(here, teller)
            await _summary(here, echo)
    except (StepError, TimeoutError, RefusedError, httpx.HTTPError) as error:
        echo(f"The story stopped: {error}")
        return 1
    return 0


async def _settled_by_people(here: Stage, teller: Teller) -> None:
    teller.echo("\nA model was fine-tuned on personal data: GitHub reports a failed policy check")
    answer = await _github(here)
    teller.tell(f"violation   accepted, war room {answer['room_id']}")
    name = f"wr-pii-fine-tuning-{answer['room_id']}"
    await _room(here, teller, name, {ADA: "initiator", VAL: "validator", JUDE: "adjudicator"})
    await here.people.click(user=VAL, channel=name, action_id="ack")
    await here.people.wait_for_message(
        user=JUDE, channel=name, holds=lambda message: "✓" in message.words
    )
    teller.tell("ack         Val has seen it; the card says so")
    await _override(here, teller, name)
    verdict = await _gate(here, answer["violation_id"], wait=5)
    _expect(verdict["verdict"] == "allow", f"the gate says {verdict}")
    teller.tell(f"verdict     {_sentence(verdict)}")


async def _room(here: Stage, teller: Teller, name: str, parts: dict[str, str]) -> None:
    await here.people.wait_for(lambda state: state.channel(name))
    teller.tell(f"room        #{name}, private")

    def paged(state: Any) -> bool:  # noqa: ANN401 - the sandbox's state
        direct = [state.direct(user) for user in parts]
        return all(channel and channel.messages for channel in direct)

    await here.people.wait_for(paged)
    teller.tell("pages       " + ", ".join(f"{part} {NAMES[user]}" for user, part in parts.items()))
    await here.people.wait_for_message(
        user=next(iter(parts)), channel=name, holds=lambda message: message.pinned
    )
    teller.tell("card        posted and pinned, with the buttons")


async def _override(here: Stage, teller: Teller, name: str) -> None:
    await here.people.click(user=JUDE, channel=name, action_id="override")
    modal = await here.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    values = {"justification": JUSTIFICATION, "category": "waiver", "validity": "30d"}
    done = await here.people.submit(user=JUDE, view_id=modal.id, values=values)
    _expect(done.outcome == "closed", f"the override was not taken: {done}")
    await here.people.wait_for_message(
        user=ADA, channel=name, holds=lambda message: "override" not in message.action_ids
    )
    teller.tell("override    by Jude, with a justification, as a waiver for 30 days")


async def _settled_by_the_clock(here: Stage, teller: Teller) -> None:
    teller.echo(
        "\nA model drifted past its threshold, and nobody has time: the window is 4 seconds"
    )
    body = {
        "policy": "production-drift",
        "title": "churn model drifted past 0.2",
        "initiator": {"email": "ada@acme.test"},
        "subject": {"kind": "deployment", "name": "churn", "version": "12"},
        "facts": {"psi": 0.27, "threshold": 0.2},
    }
    settings = here.app.settings
    answer = await asyncio.to_thread(send.post, settings, here.url, json.dumps(body).encode())
    teller.tell(f"violation   accepted, war room {answer['room_id']}")
    name = f"wr-production-drift-{answer['room_id']}"
    await _room(here, teller, name, {ADA: "initiator", VAL: "validator", BEA: "adjudicator"})
    verdict = await _gate(here, answer["violation_id"], wait=15)
    _expect(
        (verdict["verdict"], verdict["outcome"]) == ("block", "expired"), f"the gate says {verdict}"
    )
    teller.tell(f"verdict     {_sentence(verdict)}")


async def _summary(here: Stage, echo: Callable[[str], None]) -> None:
    now = datetime.now(UTC)
    found = await asyncio.to_thread(cases, here.app.engine.store)
    measured = figures(found, now)
    for policy, group in measured.by_policy.items():
        shares = ", ".join(f"{share:.0%} {name}" for name, share in group.share_by_outcome.items())
        half_life = median(group.half_life, measured.unit)
        echo(f"\n{policy}: decision half-life {half_life}; {shares}")
    echo("\nBoth violations are settled, with a reason, under a policy, on record.")
    echo("Next: README.md, “Slack in ten steps”.")


async def _github(here: Stage) -> dict[str, Any]:
    report = json.loads((HERE / "workflow_run.json").read_text(encoding="utf-8"))
    report["workflow_run"]["updated_at"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    body = json.dumps(report).encode()
    signature = hmac.new(os.environ[GITHUB_SECRET].encode(), body, "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "workflow_run",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{here.url}/webhooks/github", content=body, headers=headers)
    _expect(answer.status_code == httpx.codes.ACCEPTED, f"the webhook answered {answer.text}")
    return dict(answer.json())


async def _gate(here: Stage, violation_id: str, wait: int) -> dict[str, Any]:
    token = here.app.settings.warroom_api_token.get_secret_value()
    async with httpx.AsyncClient(timeout=wait + 5) as client:
        answer = await client.get(
            f"{here.url}/gate/{violation_id}?wait={wait}",
            headers={"Authorization": f"Bearer {token}"},
        )
    _expect(answer.is_success, f"the gate answered {answer.text}")
    return dict(answer.json())


def _sentence(verdict: dict[str, Any]) -> str:
    return f"{verdict['verdict']}: {verdict['outcome']} by {NAMES[verdict['decided_by']]}"


def _expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise StepError(otherwise)
