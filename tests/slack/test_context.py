"""What a message is made of, where the record holds what this version doesn't know."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain import standing
from bot.domain.aggregate import Step
from bot.domain.person import BY_SYSTEM
from bot.domain.violation import Success
from bot.engine.engine import Engine
from bot.integrations.slack.deliver.context import RoomContext
from bot.integrations.slack.kinds import ANNOUNCE, TELL
from bot.outbox import claim
from bot.outbox.delivery import PassingError
from bot.storage import tables as t
from bot.storage.database import Database
from tests.build import START, acting, ada, report, val
from tests.outgoing import KINDS


async def test_an_event_of_a_newer_version_is_left_to_it_to_tell_of(
    engine: Engine, database: Database
) -> None:
    room = (await engine.report(report(), "violations", "d1")).room
    order = c.RequestInfo(question="Which customers?")
    await engine.handle(room.id, order, acting(val.name))
    await engine.handle(room.id, r.RecordChannel(channel="C1"), BY_SYSTEM)
    with database.write.begin() as connection:
        connection.execute(
            update(t.events).where(t.events.c.kind == "info_requested").values(kind="weighed")
        )
        connection.execute(delete(t.effects).where(t.effects.c.kind != ANNOUNCE.name))
        later = START + timedelta(hours=1)
        lease = timedelta(seconds=1)
        (effect,) = claim.claim(connection, later, lease, 9, KINDS, [ANNOUNCE.name])
    with pytest.raises(PassingError, match="weighed is an event of a newer version"):
        await RoomContext(engine, ()).event(effect, room)


async def test_an_offer_that_rests_on_what_holds_no_more_is_told_to_nobody(
    engine: Engine, database: Database
) -> None:
    """It has failed again before Slack took the message; the channel hears both."""
    room = (await engine.report(report(), "violations", "d1")).room
    success = Success(key=room.key, check="Guardrails", at=START)
    step = await engine.succeeded(room.policy_id, success, "d2")
    assert isinstance(step, Step)
    with database.write.begin() as connection:
        connection.execute(delete(t.effects).where(t.effects.c.kind != TELL.name))
        lease, later = timedelta(seconds=1), START + timedelta(hours=1)
        (effect,) = claim.claim(connection, later, lease, 9, KINDS, [TELL.name])
    told = await RoomContext(engine, ()).event(effect, step.after)
    assert not standing.is_over(told, step.after, ada.name)
    again = (await engine.report(report(), "violations", "d3")).room
    assert standing.is_over(told, again, ada.name)
