"""A violation is sent, its verdict asked for, and its rooms are settled."""

from datetime import timedelta
from typing import Any

from bot.domain import commands as c
from bot.domain.war_room import Category
from tests.build import JUSTIFICATION, acting, jude
from tests.sources.conftest import Pipeline
from tests.staging.environment import TOKEN

BEARER = {"authorization": f"Bearer {TOKEN}"}


async def sent(pipeline: Pipeline, delivery: str = "m1", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = await pipeline.send(delivery, **{"policy": None, **fields})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def gate(pipeline: Pipeline, stored: dict[str, Any]) -> dict[str, Any]:
    answer = await pipeline.web.get(f"/gate/{stored['violation_id']}", headers=BEARER)
    return dict(answer.json())


def policies(stored: dict[str, Any]) -> list[str]:
    return [answer["policy"] for answer in stored["answers"]]


async def settle(pipeline: Pipeline, room_id: str, how: str) -> None:

    orders: dict[str, c.Command] = {
        "approve": c.Approve(reason="Within policy."),
        "reject": c.Reject(reason="No way."),
        "dismiss": c.Dismiss(reason="Nothing is wrong."),
        "override": c.Override(
            justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
        ),
    }
    await pipeline.engine.handle(room_id, orders[how], acting(jude.name))
