"""One run: everything is started, the plan is carried out, and once it is quiet, evidence is read.

Rules
- Slack's faults outlast the last click by more than a lease: what a kill left behind has to be
  delivered against them. Then they end, so that a run does too.
- Quiet: every room decided and nothing pending in the outbox, five seconds long.
- Where it does not become quiet, the run ends all the same, and what is left is counted.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bot.storage import tables as t
from bot.storage.store import DatabaseUnavailableError, Store
from tests.chaos.evidence import Evidence, Sources, gather
from tests.chaos.replicas import until
from tests.chaos.stage import Order, Say, Stage, staged

FAULTS_LAST = 75.0
QUIET_SECONDS, SAY_EVERY = 5.0, 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    evidence: Evidence
    kills: int
    restarts: int
    frozen: float
    clicked: int
    clicks_failed: dict[str, int]
    quiet_after: float | None


async def run(order: Order, folder: Path, say: Say) -> Outcome:
    """Carry out a run; its logs stay in `folder`."""
    async with staged(order, folder, say) as stage:
        return await _carried_out(stage, say)


async def _carried_out(stage: Stage, say: Say) -> Outcome:
    background = [
        asyncio.create_task(stage.pipelines.ask_on(), name="gate"),
        asyncio.create_task(_say_how_it_goes(stage, say), name="progress"),
    ]
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.pipelines.send_all(stage.plan.sends))
            tasks.create_task(stage.replicas.carry_out(stage.plan))
            tasks.create_task(_restart_database(stage, say))
            await asyncio.sleep(0)
            tasks.create_task(stage.crowd.act(stage.plan))
        quiet_after = await _quiet(stage)
        if quiet_after is None:
            say(f"not quiet after {stage.order.patience:.0f} s")
        for task in background:
            task.cancel()
        await stage.pipelines.ask_all(stage.replicas.urls())
        stage.replicas.check()
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
    log = stage.server.log.read_text(errors="replace") if stage.server else ""
    sources = Sources(stage.store, stage.people, stage.pipelines, stage.crowd.acked)
    evidence = await gather(sources, log, stage.replicas.absences)
    return Outcome(
        evidence=evidence,
        kills=stage.replicas.kills,
        restarts=stage.restarts,
        frozen=stage.replicas.frozen,
        clicked=stage.crowd.clicked,
        clicks_failed=dict(stage.crowd.failures.most_common()),
        quiet_after=quiet_after,
    )


async def _restart_database(stage: Stage, say: Say) -> None:
    if stage.server is None:
        return
    await until(asyncio.get_running_loop().time() + stage.plan.restart_at)
    began = time.time()
    await asyncio.to_thread(stage.server.restart, "immediate")
    stage.restarts += 1
    stage.replicas.absences.append((began, time.time()))
    say(f"the database was restarted, in {time.time() - began:.1f} s")


async def _quiet(stage: Stage) -> float | None:
    """Seconds until it was quiet; None where it was not in time."""
    began, still, faulty = time.monotonic(), None, True
    while time.monotonic() - began < stage.order.patience:
        now, left = time.monotonic(), await asyncio.to_thread(_left, stage.store)
        still = None if left is None or any(left) else still or now
        if still and now - still > QUIET_SECONDS:
            return still - began
        if faulty and now - began > FAULTS_LAST:
            await stage.people.clear_faults()
            faulty = False
        stage.replicas.check()
        await asyncio.sleep(1)
    return None


def _left(store: Store) -> tuple[int, int] | None:
    """Open rooms and pending effects; None while the database is away."""
    rooms = select(func.count()).where(t.rooms.c.state == t.OPEN)
    effects = select(func.count()).where(t.effects.c.state == t.PENDING)
    try:
        return store.ask(lambda c: (c.execute(rooms).scalar_one(), c.execute(effects).scalar_one()))
    except DatabaseUnavailableError:
        return None


async def _say_how_it_goes(stage: Stage, say: Say) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(SAY_EVERY)
        left = await asyncio.to_thread(_left, stage.store)
        rest = f"{left[0]} open, {left[1]} effects" if left else "the database is away"
        say(
            f"{time.monotonic() - began:4.0f} s: {len(stage.pipelines.known)} of "
            f"{len(stage.plan.sends)} accepted, {rest}, {stage.crowd.clicked} clicks "
            f"({stage.crowd.failures.total()} in vain), {stage.replicas.kills} kills"
        )
