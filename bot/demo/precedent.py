"""What a new demo begins with: a violation that people settled hours ago, and their talk of it.

Rules
- It goes through the bot, as everything does: what `#general` says of it is in the record.
- The clock stands hours back meanwhile, and comes to now at the end, however that went.
- It is over and read by everybody: what waits for somebody is what the demo's user sends.
"""

import asyncio
import json
from datetime import timedelta

import httpx
import structlog

from bot.app import App
from bot.demo.examples import EXAMPLES
from bot.demo.following import all_told
from bot.demo.movable_clock import DemoClock
from bot.demo.sending import Sending
from bot.local_slack import People, RefusedError, SlackState

AGO = timedelta(hours=16)
"""Shorter than a decided room's channel is kept open."""
GENERAL = "general"
ADA, VAL, BEA = "U0ADA", "U0VAL", "U0BACK"
REASON = "The customer's contract DPA-31 covers this version, and it saw no personal data."

log = structlog.get_logger()


async def settle(app: App, url: str, people: People, clock: DemoClock) -> None:
    """Play it with the bot at `url`; where it can't be played, the demo begins without."""
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await _settle(app, http, people, clock)
        await _read_by_all(people)
    except (TimeoutError, RefusedError, httpx.HTTPError) as error:
        log.exception("demo.precedent_failed", error=repr(error))
    finally:
        clock.move(-clock.ahead)


async def _settle(app: App, http: httpx.AsyncClient, people: People, clock: DemoClock) -> None:
    example = EXAMPLES["export"]
    body = example.body(clock())
    name = "{name} {version}".format(**json.loads(body)["subject"])
    answer = await Sending(http, app).send(example, body.encode())
    state = await people.wait_for(_rooms)
    [channel] = _rooms(state)
    clock.move(timedelta(minutes=2))
    await people.post(
        user=ADA,
        channel=GENERAL,
        text=f"The pipeline stopped my export of {name}: nobody had approved it. @val, you were "
        f"asked in #{channel}; it is for the pilot with the customer.",
    )
    clock.move(timedelta(minutes=1))
    await people.click(user=VAL, channel=channel, action_id="ack")
    await people.post(user=VAL, channel=channel, text="Is there a contract, and what is in it?")
    clock.move(timedelta(minutes=3))
    await people.post(
        user=ADA, channel=channel, text="Yes, DPA-31, for this version. No personal data."
    )
    clock.move(timedelta(minutes=2))
    await people.click(user=VAL, channel=channel, action_id="approve")
    form = await people.wait_for_modal(user=VAL)
    await people.submit(user=VAL, view_id=form.id, values={"reason": REASON})
    took = round(await _decided(app, answer.body["room_id"]) / timedelta(minutes=1))
    clock.move(timedelta(minutes=1))
    said = await people.post(
        user=VAL,
        channel=GENERAL,
        text=f"Settled: I approved it {took} minutes after it was stopped, and the gate lets it "
        f"through. Who, why and under which policy stands on the card in #{channel}.",
    )
    clock.move(timedelta(minutes=4))
    await people.post(
        user=BEA,
        channel=GENERAL,
        text="Does that hold for the next version too?",
        thread_ts=said.ts,
    )
    clock.move(timedelta(minutes=1))
    await people.post(
        user=VAL,
        channel=GENERAL,
        text=f"No, for {name} alone. The next one is stopped and asked about again.",
        thread_ts=said.ts,
    )


def _rooms(state: SlackState) -> list[str]:
    """The channels that have their card."""
    return [channel.name for channel in state.channels if channel.pins]


async def _decided(app: App, room_id: str) -> timedelta:
    """How long a decision took, once everybody has been told of it."""
    await all_told(app.engine, room_id)
    room = await asyncio.to_thread(app.engine.store.room, room_id)
    if room is None or room.decision is None:
        raise TimeoutError("the first violation was not approved")
    return room.decision.at - room.opened_at


async def _read_by_all(people: People) -> None:
    state = await people.state()
    everybody = {person["id"] for person in state.people} - {state.bot["user_id"]}
    for channel in state.channels:
        for user in everybody.intersection(channel.members):
            for thread in {message.thread_ts for message in channel.messages}:
                await people.mark_read(user=user, channel=channel.id, thread_ts=thread)
