"""Everything that is known once a run is quiet, read once: database, Slack, pipelines, people."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.aggregate import Recorded
from bot.domain.events import Decided, Event
from bot.domain.war_room import WarRoom
from bot.evidence.log_check import wrong
from bot.local_slack import People, SlackMessage, SlackState
from bot.storage import tables as t
from bot.storage.log import is_behind
from bot.storage.store import Store
from tests.chaos.clicking import Acked
from tests.chaos.pipelines import Pipelines
from tests.chaos.witness import Seen, testimony

LOGGED_SECONDS = 10.0  # an event is in the log two seconds after its commit


@dataclass(frozen=True)
class Evidence:
    """What the counts are made of.

    `answers`: the room that settles each violation; `posts`: the messages that name an effect, by
    its id. `log` is what of the log isn't as the record gives it.
    """

    rooms: dict[str, WarRoom]
    rows: dict[str, Any]
    records: dict[str, list[Recorded[Event]]]
    violations: list[Any]
    answers: dict[str, str]
    left: list[Any]
    effects: dict[int, Seen]
    slack: SlackState
    posts: dict[int, list[SlackMessage]]
    pipelines: Pipelines
    acked: list[Acked]
    database_log: str
    absences: list[tuple[float, float]]
    log: list[str]

    @cached_property
    def decisions(self) -> dict[str, list[Decided]]:
        """The decisions on each room's record."""
        return {
            room: [r.event for r in record if isinstance(r.event, Decided)]
            for room, record in self.records.items()
        }

    @cached_property
    def places(self) -> frozenset[tuple[str, str]]:
        """Where Slack has messages: channel and time stamp."""
        return frozenset(
            (channel.id, message.ts)
            for channel in self.slack.channels
            for message in channel.messages
        )


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom to ask."""

    store: Store
    people: People
    pipelines: Pipelines
    acked: list[Acked]


async def gather(
    sources: Sources, database_log: str, absences: list[tuple[float, float]]
) -> Evidence:
    """Read everything."""
    store = sources.store
    rows = store.ask(lambda connection: connection.execute(select(t.rooms)).all())
    records = {row.id: store.record(row.id) for row in rows}
    slack = await sources.people.state()
    with suppress(TimeoutError):  # what is put in no more is found to be wrong
        async with asyncio.timeout(LOGGED_SECONDS):
            while store.ask(is_behind):  # noqa: ASYNC110 - another process puts it in
                await asyncio.sleep(0.1)
    return Evidence(
        rooms={row.id: WarRoom.read(row.document) for row in rows},
        rows={row.id: row for row in rows},
        records=records,
        violations=list(store.ask(lambda c: c.execute(select(t.violations)).all())),
        answers=store.ask(_answers),
        left=list(store.ask(lambda c: c.execute(select(t.effects)).all())),
        effects=store.ask(testimony),
        slack=slack,
        posts=_posts(slack),
        pipelines=sources.pipelines,
        acked=sources.acked,
        database_log=database_log,
        absences=absences,
        log=store.ask(lambda connection: list(wrong(connection))),
    )


def _answers(connection: Connection) -> dict[str, str]:
    """The room of each violation."""
    columns = t.answers.c
    rows = connection.execute(select(columns.violation_id, columns.room_id))
    return {row.violation_id: row.room_id for row in rows}


def _posts(slack: SlackState) -> dict[int, list[SlackMessage]]:
    """A message names the effect that it delivers, or several where it gathers them."""
    posts: dict[int, list[SlackMessage]] = defaultdict(list)
    for channel in slack.channels:
        for message in channel.messages:
            payload = (message.metadata or {}).get("event_payload") or {}
            named = payload.get("effects") or [payload["effect"]] if payload else []
            for effect in named:
                posts[int(effect)].append(message)
    return posts
