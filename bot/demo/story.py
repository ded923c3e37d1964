"""The story: what nobody has to settle, what one or two people do, what the clock does, what ends.

Rules
- Each step is seen from outside (the local Slack, the gate) before it is told.
- Where a step fails, the story says which, and its exit code is 1.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from bot.demo import project
from bot.demo.acting import (
    ADA,
    BEA,
    JUDE,
    VAL,
    StepError,
    Teller,
    channel,
    checked,
    expect,
    gate,
    on_card,
    order,
    send,
    sentence,
    skip,
    submit,
    told,
)
from bot.demo.examples import EXAMPLES
from bot.demo.project import SCRIPTS
from bot.demo.stage import Stage, stage
from bot.demo.wording import allowed, explain, warroom
from bot.engine.cases import cases
from bot.engine.explanation import recorded
from bot.engine.verdict_json import WAIVED
from bot.local_slack import RefusedError
from bot.measures.figures import figures
from bot.measures.formatting import median
from bot.measures.half_life import HALF_LIFE
from bot.measures.shares import SHARE_BY_OUTCOME

NAMES = {ADA: "Ada", VAL: "Val", JUDE: "Jude", BEA: "Bea"}
JUSTIFICATION = (
    "The contract with these customers allows training until March; privacy has agreed in "
    "ticket 4711, and the model is retrained without them by then."
)

WEEK = timedelta(days=7)


async def play(echo: Callable[[str], None]) -> int:
    """Play it; 0 when everything happened, 1 with what did not."""
    try:
        async with stage(tell=echo) as here:
            teller = Teller(echo)
            teller.tell("the local Slack and the bot run")
            await _cleared_by_a_rule(here, teller)
            body, waived = await _waived_once_approved(here, teller)
            if project.is_here():
                await _gated(here, teller)
            overridden = await _settled_by_people(here, teller)
            await _settled_by_two(here, teller)
            await _settled_by_the_clock(here, teller)
            await _exceptions_end(here, teller, overridden, waived, body)
            await _summary(here, echo)
    except (StepError, TimeoutError, RefusedError, httpx.HTTPError) as error:
        echo(f"The story stopped: {error}")
        return 1
    return 0


async def _cleared_by_a_rule(here: Stage, teller: Teller) -> None:
    teller.echo(
        "\nA model was copied within the house: the policy's file has approved that beforehand"
    )
    answer = await send(here, "internal")
    expect(answer["room_id"] is None, f"the webhook answered {answer}")
    await _answered_by_itself(here, teller, answer)


async def _waived_once_approved(here: Stage, teller: Teller) -> tuple[str, str]:
    """An approval, and the same once more; gives its body, and the id of the second violation."""
    teller.echo(
        "\nThe model goes to a customer, and people are asked; then its pipeline runs again"
    )
    body = EXAMPLES["export"].body(here.clock())
    answer = await send(here, "export", body)
    teller.tell(f"violation   accepted, war room {answer['room_id']}")
    name = await channel(here, answer["room_id"])
    await on_card(here, name, "")
    reason = {"reason": "The customer's contract covers this version."}
    await submit(here, VAL, name, "approve", reason)
    verdict = await gate(here, answer["violation_id"], wait=5)
    expect(verdict["verdict"] == "allow", f"the gate says {verdict}")
    teller.tell(f"verdict     {sentence(verdict)}")
    await _explain(here, teller, answer["violation_id"])
    again = await send(here, "export", body)
    expect(again.get("outcome") == WAIVED, f"the webhook answered {again}")
    await _answered_by_itself(here, teller, again)
    return body, str(again["violation_id"])


async def _gated(here: Stage, teller: Teller) -> None:
    """A check that stops, and goes on once somebody has decided."""
    teller.echo(
        "\nA script trains, and nobody has declared what for: its pipeline stops at the check"
    )
    await order(here, "check", script="reranker")
    said, _ = await checked(here, lambda said, _: "/app_redirect?" in said)
    teller.tell(f"check       $ {SCRIPTS['reranker'].command}")
    teller.echo(f"{'':24}{said.partition(chr(10))[0]}")
    name = await channel(here, said.partition("war room ")[2].partition(":")[0])
    await on_card(here, name, "reranker/train.py:")
    teller.tell(f"waits       for #{name}, whose card has the line of code")
    await submit(here, VAL, name, "approve", {"reason": "Sessions hold no personal data."})
    said, code = await checked(here, lambda _, code: code is not None)
    expect(code == 0, f"the check ended with {code}: {said}")
    teller.tell(f"verdict     {said.splitlines()[-1]}")
    teller.tell(f"exit code   {code}: the pipeline goes on")


async def _answered_by_itself(here: Stage, teller: Teller, answer: dict[str, Any]) -> None:
    teller.tell(f"answer      {allowed(answer)}: no room, nobody is asked")
    await _explain(here, teller, answer["violation_id"])


async def _explain(here: Stage, teller: Teller, violation_id: str) -> None:
    """Ask why it was answered so, and tell what a reader types for that."""
    engine, now = here.app.engine, here.clock()
    for answer in await asyncio.to_thread(engine.store.answers, violation_id) or ():
        policy = engine.config.policies[answer.policy_id]
        said = recorded(answer, None, policy, policy.digest, None, now).said
        teller.tell(f"why         $ {explain(violation_id, now, here.clock.ahead)}")
        teller.echo(f"{'':24}{said}")


async def _settled_by_people(here: Stage, teller: Teller) -> str:
    """An override; gives the violation's id."""
    teller.echo("\nA model was fine-tuned on personal data: GitHub reports a failed policy check")
    answer = await send(here, "fine-tuning")
    room = answer["room_id"]
    teller.tell(f"violation   accepted, war room {room}")
    name = await channel(here, room)
    await _room(here, teller, name, {ADA: "initiator", VAL: "validator", JUDE: "adjudicator"})
    await here.people.click(user=VAL, channel=name, action_id="ack")
    await here.people.wait_for_message(
        user=JUDE, channel=name, holds=lambda message: "✓" in message.words
    )
    teller.tell("ack         Val has seen it; the card says so")
    values = {"justification": JUSTIFICATION, "category": "waiver", "validity": "7d"}
    await submit(here, JUDE, name, "override", values)
    await here.people.wait_for_message(
        user=ADA, channel=name, holds=lambda message: "override" not in message.action_ids
    )
    teller.tell("override    by Jude, with a justification, as a waiver for 7 days")
    verdict = await gate(here, answer["violation_id"], wait=5)
    expect(verdict["verdict"] == "allow", f"the gate says {verdict}")
    teller.tell(f"verdict     {sentence(verdict)}")
    return str(answer["violation_id"])


async def _settled_by_two(here: Stage, teller: Teller) -> None:
    teller.echo("\nA model was exported by somebody unknown: one person alone can't allow it")
    answer = await send(here, "stranger")
    room = answer["room_id"]
    teller.tell(f"violation   accepted, war room {room}")
    name = await channel(here, room)
    await _room(here, teller, name, {VAL: "validator", JUDE: "adjudicator"})
    await on_card(here, name, "Held back")
    teller.tell("held back   the card says why: it may be the change of whoever would allow it")
    reason = {"reason": "The customer's contract covers it, and the weights hold no personal data."}
    await submit(here, VAL, name, "approve", reason)
    await on_card(here, name, "would approve")
    verdict = await gate(here, answer["violation_id"], wait=0)
    expect(verdict["verdict"] == "pending", f"the gate says {verdict}")
    teller.tell("approve     by Val: it waits for a second person, and Jude is told")
    await submit(here, JUDE, name, "approve", reason)
    verdict = await gate(here, answer["violation_id"], wait=5)
    expect(verdict["verdict"] == "allow", f"the gate says {verdict}")
    teller.tell(f"verdict     {sentence(verdict)}, whom Val had asked to")


async def _exceptions_end(
    here: Stage, teller: Teller, overridden: str, waived: str, body: str
) -> None:
    teller.echo("\nA week goes by: the override's 7 days are over, and the approval's day")
    await order(here, "skip", seconds=WEEK.total_seconds())
    await told(here, JUDE, "The exception ended")
    teller.tell("exception   Jude, whose it is, hears that it has ended")
    for violation_id in (overridden, waived):
        verdict = await gate(here, violation_id, wait=0)
        expect(verdict["verdict"] == "block", f"the gate says {verdict}")
    teller.tell("verdict     block: what they allowed is blocked again")
    await _explain(here, teller, waived)
    answer = await send(here, "export", body)
    expect(answer["verdict"] == "pending", f"the webhook answered {answer}")
    teller.tell(f"violation   the same export once more: people are asked, in {answer['room_id']}")


async def _room(here: Stage, teller: Teller, name: str, parts: dict[str, str]) -> None:
    await here.people.wait_for(lambda state: state.channel(name))
    teller.tell(f"room        #{name}, private")
    for user in parts:
        await told(here, user, name.rpartition("-")[2])
    teller.tell("pages       " + ", ".join(f"{part} {NAMES[user]}" for user, part in parts.items()))
    await here.people.wait_for_message(
        user=next(iter(parts)), channel=name, holds=lambda message: message.pinned
    )
    teller.tell("card        posted and pinned, with the buttons")


async def _settled_by_the_clock(here: Stage, teller: Teller) -> None:
    teller.echo("\nA model drifted far, and the adjudicator has no time: the clock is moved on")
    answer = await send(here, "grave-drift")
    room = answer["room_id"]
    teller.tell(f"violation   accepted, war room {room}")
    name = await channel(here, room)
    await _room(here, teller, name, {ADA: "initiator", BEA: "adjudicator"})
    await skip(here)
    await told(here, BEA, room, "A reminder")
    teller.tell("reminder    to those who have not seen it")
    await skip(here)
    await told(here, JUDE, room)
    teller.tell("backup      Jude is paged too")
    await skip(here)
    await here.people.wait_for_message(
        user=BEA, channel=name, holds=lambda message: "Last call" in message.words
    )
    teller.tell("last call   in the room, and to each who can decide")
    await skip(here)
    verdict = await gate(here, answer["violation_id"], wait=5)
    expect(
        (verdict["verdict"], verdict["outcome"]) == ("block", "expired"), f"the gate says {verdict}"
    )
    teller.tell(f"verdict     {sentence(verdict)}")


async def _summary(here: Stage, echo: Callable[[str], None]) -> None:
    measured = figures(await asyncio.to_thread(cases, here.app.engine.store, here.clock()))
    for policy, group in measured.by_policy.items():
        ended = group.of(SHARE_BY_OUTCOME).items()
        shares = ", ".join(f"{share:.0%} {name}" for name, share in ended)
        half_life = median(group.of(HALF_LIFE), measured.unit)
        echo(f"\n{policy}: decision half-life {half_life}; {shares}")
    echo("\nAll violations but the last are settled, with a reason, under a policy, on record.")
    echo(f"Next: `{warroom()} demo` shows the same in the browser.")
