"""One run: everything is started, the plan is carried out, and once it is quiet, evidence is read.

Rules
- Slack's faults outlast the last click by more than a lease: what a kill left behind has to be
  delivered against them. Then they end, so that a run does too.
- Quiet: every room decided and nothing pending in the outbox, five seconds long.
- Where it does not become quiet, the run ends all the same, and what is left is counted.
"""

import asyncio
import secrets
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bot.domain.policy import Policy
from bot.policies.load import load
from bot.sandbox.client import People
from bot.storage import migrations
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.store import DatabaseUnavailableError, Store
from tests.chaos import witness
from tests.chaos.clicking import Crowd
from tests.chaos.evidence import Evidence, Sources, gather
from tests.chaos.pipelines import Pipelines
from tests.chaos.plan import Form, Plan, plan
from tests.chaos.processes import Part, free_port, replicas, slack
from tests.chaos.replicas import Replicas, until
from tests.chaos.world import write_config, write_workspace
from tests.postgres import Server, server

MINUTE = 2.0
"""Seconds that a minute of Slack's limits lasts: thirty times as fast as Slack."""
FAULTS = (
    {"kind": "http", "status": 503, "probability": 0.05},
    {"kind": "error", "error": "internal_error", "probability": 0.05},
    {"kind": "reset", "after": True, "probability": 0.05},
    {"kind": "hang", "seconds": 12.0, "probability": 0.001},
)
FOR_EVER = 10**9
FAULTS_LAST = 75.0
QUIET_SECONDS, SAY_EVERY = 5.0, 5.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    seed: int
    form: Form
    postgresql: bool
    patience: float
    """Seconds until it has to be quiet, once the last violation and click are through."""


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


@dataclass
class _Stage:
    order: Order
    plan: Plan
    store: Store
    server: Server | None
    slack: Part
    people: People
    replicas: Replicas
    pipelines: Pipelines
    crowd: Crowd
    restarts: int = 0


async def run(order: Order, folder: Path, say: Say) -> Outcome:
    """Carry out a run; its logs stay in `folder`."""
    async with _staged(order, folder, say) as stage:
        return await _carried_out(stage, say)


async def _carried_out(stage: _Stage, say: Say) -> Outcome:
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


@asynccontextmanager
async def _staged(order: Order, folder: Path, say: Say) -> AsyncIterator[_Stage]:
    async with AsyncExitStack() as stack:
        own = stack.enter_context(server(durable=True) if order.postgresql else nullcontext())
        database = Database(own.url if own else f"sqlite:///{folder}/warroom.db")
        stack.callback(database.dispose)
        migrations.upgrade(database)
        witness.post(database)
        port = free_port()
        write_config(folder)
        write_workspace(
            folder / "workspace.yaml", order.seed, MINUTE, f"http://127.0.0.1:{port}/slack/events"
        )
        world = slack(folder, folder / "workspace.yaml")
        stack.push_async_callback(world.stop)
        await world.start()
        shared = _environment(folder, world.url, own)
        parts = replicas(folder, shared, several=order.postgresql)
        for part in parts:
            stack.push_async_callback(part.stop)
        await asyncio.gather(*(part.start() for part in parts))
        proxied = Replicas(parts, order.seed)
        stack.push_async_callback(proxied.close)
        await proxied.listen(port)
        people = await stack.enter_async_context(People(world.url))
        for fault in FAULTS:
            await people.order("faults", times=FOR_EVER, **fault)
        pipelines = Pipelines(
            shared["WARROOM_WEBHOOK_SECRET"],
            shared["WARROOM_API_TOKEN"],
            proxied.any_url,
            order.seed,
        )
        say(f"{', '.join(part.name for part in parts)} run; logs in {folder}")
        yield _Stage(
            order=order,
            plan=plan(order.seed, order.form),
            store=Store(database),
            server=own,
            slack=world,
            people=people,
            replicas=proxied,
            pipelines=pipelines,
            crowd=Crowd(people, pipelines, order.seed),
        )


def _environment(folder: Path, slack_url: str, own: Server | None) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-local",
        "SLACK_SIGNING_SECRET": "local-signing-secret",
        "SLACK_APP_TOKEN": "",
        "SLACK_API_URL": f"{slack_url}/api/",
        "SLACK_BUDGET": f"{60 / MINUTE:g}",
        "DATABASE_URL": own.url if own else f"sqlite:///{folder}/warroom.db",
        "WARROOM_CONFIG": str(folder),
        "WARROOM_WEBHOOK_SECRET": "whsec_" + b64encode(secrets.token_bytes(24)).decode(),
        "WARROOM_API_TOKEN": secrets.token_hex(12),
        "WARROOM_PUBLIC_URL": "http://127.0.0.1:9",
    }


async def _restart_database(stage: _Stage, say: Say) -> None:
    if stage.server is None:
        return
    await until(asyncio.get_running_loop().time() + stage.plan.restart_at)
    began = time.time()
    await asyncio.to_thread(stage.server.restart, "immediate")
    stage.restarts += 1
    stage.replicas.absences.append((began, time.time()))
    say(f"the database was restarted, in {time.time() - began:.1f} s")


async def _quiet(stage: _Stage) -> float | None:
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


async def _say_how_it_goes(stage: _Stage, say: Say) -> None:
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


def policies(folder: Path) -> dict[str, Policy]:
    """The rules of the run, as the bot loads them."""
    return load(folder).policies
