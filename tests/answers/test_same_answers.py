"""The same files and the same violations give the same answers, byte by byte."""

import json
from typing import Any

import pytest

from bot.domain.conditions import Truth
from tests.answers.asking import sent
from tests.answers.conftest import Started, policy
from tests.answers.test_bands import ANSWERS
from tests.answers.test_rules import CLEAN, EXPORT

UNSURE = policy("unsure", "when: facts.score > 3")
VIOLATIONS: tuple[dict[str, Any], ...] = (
    {"facts": CLEAN},
    {"facts": {**CLEAN, "pii": "present"}},
    {"facts": {"kind": "answer", "confidence": 0.7, "score": 1}},
    {"facts": {"kind": "answer", "confidence": "high", "score": 9.5}},
    {"facts": {"score": 4}, "severity": "critical"},
)


async def answers(started: Started, policies: str, environment: str) -> list[str]:
    """All that is answered and what it rests on, without the ids, which are made by chance."""
    told = []
    async with started(policies) as pipeline:
        for number, violation in enumerate(VIOLATIONS):
            delivery = f"{environment} {number}"
            stored = await sent(pipeline, delivery, dedup_key=delivery, **violation)
            kept = pipeline.engine.store.answers(stored["violation_id"]) or ()
            for each, said in zip(kept, stored["answers"], strict=True):
                rests = each.room.basis if each.room else each.clearance and each.clearance.basis
                assert rests
                told.append(rests.model_dump_json(exclude={"configuration"}))
                told.append(json.dumps({**said, "room_id": bool(said["room_id"])}))
            told.append(f"{stored['verdict']} {stored.get('rule')} {stored.get('reason')}")
    return told


async def test_two_environments_with_the_same_files_give_the_same_answers(started: Started) -> None:
    whole = EXPORT + ANSWERS + UNSURE
    first = await answers(started, whole, "one")
    assert await answers(started, whole, "other") == first
    assert any(Truth.UNKNOWN in each for each in first)


@pytest.mark.either_database
async def test_the_order_of_the_policies_is_no_part_of_an_answer_but_for_the_lines(
    started: Started,
) -> None:
    def without_places(told: list[str]) -> list[str]:
        return [each for each in told if "policies.yaml" not in each]

    first = await answers(started, EXPORT + ANSWERS + UNSURE, "one")
    other = await answers(started, UNSURE + ANSWERS + EXPORT, "other")
    assert without_places(first) == without_places(other)
