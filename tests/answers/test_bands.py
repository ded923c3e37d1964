"""Bands: by its facts a violation passes, or asks those who decide on it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom
from tests.answers.asking import sent
from tests.answers.conftest import Started, policy
from tests.build import acting, ada, jude, val
from tests.sources.conftest import Pipeline

ANSWERS = policy(
    "answers",
    """\
when: facts.?kind.orValue("") == "answer"
severity: high
bands:
  - {id: sure, when: 'facts.confidence >= 0.9', then: allow, reason: It is sure.}
  - {id: middle, when: 'facts.confidence >= 0.6', decide: validator, severity: medium, window: 8h}
  - {id: low, decide: [adjudicator], severity: high, window: 2h,
     ladder: [{at: 50%, do: last_call}]}
""",
)


async def banded(pipeline: Pipeline, delivery: str, **fields: Any) -> WarRoom | None:  # noqa: ANN401
    facts = {"kind": "answer", **fields.pop("facts", {})}
    stored = await sent(pipeline, delivery, facts=facts, **{"dedup_key": delivery, **fields})
    if stored["room_id"] is None:
        assert stored["verdict"] == "allow"
        return None
    return pipeline.engine.store.room(stored["room_id"])


async def test_a_band_allows_with_its_reason_and_is_cited_as_the_rule(started: Started) -> None:
    async with started(ANSWERS) as pipeline:
        stored = await sent(pipeline, facts={"kind": "answer", "confidence": 0.95})
        assert (stored["outcome"], stored["reason"]) == ("auto_cleared", "It is sure.")
        assert stored["rule"]["id"] == "sure"


@pytest.mark.parametrize(
    ("confidence", "band", "severity", "hours", "on_duty"),
    [
        (0.7, "middle", "medium", 8, (ada.name, val.name)),
        (0.3, "low", "high", 2, (ada.name, jude.name)),
    ],
)
async def test_a_band_says_who_decides_how_severe_it_is_and_within_which_time(
    started: Started, confidence: float, band: str, severity: str, hours: int, on_duty: object
) -> None:
    async with started(ANSWERS) as pipeline:
        room = await banded(pipeline, "m1", facts={"confidence": confidence})
        assert room
        assert room.basis
        assert room.basis.band == band
        assert room.severity == severity
        assert room.expires_at - room.opened_at == timedelta(hours=hours)
        assert room.on_duty == on_duty


async def test_an_unknown_value_counts_for_no_band_that_allows_and_for_the_first_that_asks(
    started: Started,
) -> None:
    async with started(ANSWERS) as pipeline:
        room = await banded(pipeline, "m1")
        assert room
        assert room.basis
        assert room.basis.band == "middle"
        assert {each.value for each in room.basis.conditions} == {"yes", "unknown"}


async def decided(pipeline: Pipeline, room: WarRoom, command: c.Command, name: str) -> bool:
    answer = await pipeline.engine.handle(room.id, command, acting(name))
    return isinstance(answer, Step) and answer.after.decision is not None


async def test_only_who_the_band_names_decides_and_a_validator_alone_can_reject_too(
    started: Started,
) -> None:
    approve, reject = c.Approve(reason="Within policy."), c.Reject(reason="Not like this.")
    async with started(ANSWERS) as pipeline:
        middle = await banded(pipeline, "m1", facts={"confidence": 0.7})
        low = await banded(pipeline, "m2", facts={"confidence": 0.3})
        again = await banded(pipeline, "m3", facts={"confidence": 0.7})
        assert middle
        assert low
        assert again
        assert not await decided(pipeline, middle, approve, jude.name)
        assert not await decided(pipeline, low, approve, val.name)
        assert await decided(pipeline, middle, approve, val.name)
        assert await decided(pipeline, low, approve, jude.name)
        assert await decided(pipeline, again, reject, val.name)


async def test_what_joins_under_a_graver_band_makes_the_room_graver(started: Started) -> None:
    """Else whoever may decide on the lesser would settle the graver with it."""
    async with started(ANSWERS) as pipeline:
        opened = await banded(pipeline, "m1", facts={"confidence": 0.7}, dedup_key="k")
        room = await banded(pipeline, "m2", facts={"confidence": 0.3}, dedup_key="k")
        assert opened
        assert room
        assert room.id == opened.id
        assert (room.severity, room.decide) == ("high", (Role.ADJUDICATOR,))
        assert room.expires_at == room.opened_at + timedelta(hours=2)
        assert room.on_duty == (ada.name, jude.name)
        approve = c.Approve(reason="Within policy.", shown_count=2)
        assert not await decided(pipeline, room, approve, val.name)
        lesser = await banded(pipeline, "m3", facts={"confidence": 0.8}, dedup_key="k")
        assert lesser
        assert (lesser.severity, lesser.decide) == ("high", (Role.ADJUDICATOR,))


async def test_what_was_proposed_on_less_is_no_word_on_what_became_graver(
    started: Started,
) -> None:
    """By somebody unknown it takes two, and both have to be shown the same."""
    stranger = {"initiator": {"name": "somebody"}, "dedup_key": "k"}
    approve = c.Approve(reason="Within policy.")
    plain = ANSWERS.replace("decide: validator, ", "").replace("decide: [adjudicator], ", "")
    async with started(plain) as pipeline:
        room = await banded(pipeline, "m1", facts={"confidence": 0.7}, **stranger)
        assert room
        assert not await decided(pipeline, room, approve, val.name)
        await banded(pipeline, "m2", facts={"confidence": 0.3}, **stranger)
        both = approve.but(shown_count=2)
        assert not await decided(pipeline, room, both, jude.name)
        assert await decided(pipeline, room, both.but(reason="Seen both."), val.name)


@pytest.mark.parametrize(("reported", "severity"), [("low", "medium"), ("critical", "critical")])
async def test_a_report_raises_the_severity_and_never_lowers_it(
    started: Started, reported: str, severity: str
) -> None:
    async with started(ANSWERS) as pipeline:
        room = await banded(pipeline, "m1", facts={"confidence": 0.7}, severity=reported)
        assert room
        assert room.severity == severity


async def test_a_bands_ladder_is_the_rooms(started: Started) -> None:
    async with started(ANSWERS) as pipeline:
        low = await banded(pipeline, "m1", facts={"confidence": 0.3})
        assert low
        due = pipeline.engine.store.next_due(pipeline.engine.now())
        assert due
        assert (due.name, due.due_at) == ("last_call", low.opened_at + timedelta(hours=1))
