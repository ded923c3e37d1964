"""Everything that plays a part in a run, wired: database, Slack, replicas, pipelines, people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bot.domain.policy import Policy
from bot.local_slack import People
from bot.policies.load import load
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.store import Store
from tests.chaos import witness
from tests.chaos.clicking import Crowd
from tests.chaos.pipelines import Pipelines
from tests.chaos.plan import Form, Plan, plan
from tests.chaos.replicas import Replicas
from tests.chaos.world import write_config, write_local_slack_config
from tests.postgres import Server, server
from tests.staging.environment import variables
from tests.staging.processes import Part, bot, free_port, slack

MINUTE = 2.0
"""Seconds that a minute of Slack's limits lasts: thirty times as fast as Slack."""
FAULTS = (
    {"kind": "http", "status": 503, "probability": 0.05},
    {"kind": "error", "error": "internal_error", "probability": 0.05},
    {"kind": "reset", "after": True, "probability": 0.05},
    {"kind": "hang", "seconds": 12.0, "probability": 0.001},
)
LATENCY = 0.1
"""Seconds that each of Slack's answers takes: time enough for two replicas to do the same."""
FOR_EVER = 10**9
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    seed: int
    form: Form
    postgresql: bool
    patience: float
    """Seconds until it has to be quiet, once the last violation and click are through."""


@dataclass
class Stage:
    """Everybody, and the plan."""

    order: Order
    plan: Plan
    store: Store
    server: Server | None
    people: People
    replicas: Replicas
    pipelines: Pipelines
    crowd: Crowd
    restarts: int = 0


@asynccontextmanager
async def staged(order: Order, folder: Path, say: Say) -> AsyncIterator[Stage]:
    """Everything runs, and Slack fails as it should, until the block ends."""
    async with AsyncExitStack() as stack:
        own = stack.enter_context(server(durable=True) if order.postgresql else nullcontext())
        database_url = own.url if own else f"sqlite:///{folder}/warroom.db"
        database = Database(database_url)
        stack.callback(database.dispose)
        migrations.upgrade(database)
        witness.post(database)
        port = free_port()
        write_config(folder)
        write_local_slack_config(
            folder / "workspace.yaml", order.seed, MINUTE, f"http://127.0.0.1:{port}/slack/events"
        )
        world = slack(folder, folder / "workspace.yaml")
        stack.push_async_callback(world.stop)
        await world.start()
        told = variables(
            f"{world.url}/api/",
            database_url,
            WARROOM_CONFIG=folder,
            SLACK_BUDGET=f"{60 / MINUTE:g}",
            WARROOM_PUBLIC_URL="http://127.0.0.1:9",
        )
        parts = _replicas(folder, told, several=order.postgresql)
        for part in parts:
            stack.push_async_callback(part.stop)
        await asyncio.gather(*(part.start() for part in parts))
        proxied = Replicas(parts, order.seed)
        stack.push_async_callback(proxied.close)
        await proxied.listen(port)
        people = await stack.enter_async_context(People(world.url))
        for fault in FAULTS:
            await people.order("faults", times=FOR_EVER, **fault)
        await people.latency(LATENCY)
        pipelines = Pipelines(proxied.any_url, order.seed)
        say(f"{', '.join(part.name for part in parts)} run; logs in {folder}")
        yield Stage(
            order=order,
            plan=plan(order.seed, order.form),
            store=Store(database),
            server=own,
            people=people,
            replicas=proxied,
            pipelines=pipelines,
            crowd=Crowd(people, pipelines, order.seed),
        )


def _replicas(folder: Path, told: dict[str, str], *, several: bool) -> list[Part]:
    """Three replicas, the third of them as two processes; or the one that SQLite allows."""
    commands = ("serve", "serve", "web", "worker") if several else ("serve",)
    return [bot(f"{command}-{n}", command, folder, told) for n, command in enumerate(commands)]


def policies(folder: Path) -> dict[str, Policy]:
    """The rules of the run, as the bot loads them."""
    return load(folder).policies
