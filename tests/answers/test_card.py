"""What the card says of how people came to be asked."""

from typing import Any

import pytest

from bot.integrations.slack.show import cards, details
from bot.integrations.slack.show.about import about
from bot.integrations.slack.verbs.registry import VERBS
from tests.answers.asking import sent
from tests.answers.conftest import Started, policy
from tests.answers.test_bands import ANSWERS
from tests.slack.reading import buttons, words
from tests.sources.conftest import Pipeline

pytestmark = pytest.mark.either_database

UNSURE = policy("unsure", "when: facts.score > 3")


async def card(pipeline: Pipeline, **facts: Any) -> tuple[str, list[str]]:  # noqa: ANN401
    stored = await sent(pipeline, facts=facts)
    room = pipeline.engine.store.room(stored["room_id"])
    assert room
    told = about(pipeline.engine, room)
    shown = cards.card(told, VERBS).blocks
    assert "policies.yaml" in words(details.view(told)["blocks"])
    return words(shown), buttons(shown)


async def test_the_card_says_which_band_with_the_value_beside_the_bound_and_who_decides(
    started: Started,
) -> None:
    async with started(ANSWERS) as pipeline:
        text, offered = await card(pipeline, kind="answer", confidence=0.7)
    assert "Band middle, decided by the validator: facts.confidence >= 0.6" in text
    assert "confidence 0.7" in text
    assert "Validator" in text
    assert "Adjudicator" not in text
    assert "override" not in offered


async def test_the_last_band_without_a_condition_is_named_too(started: Started) -> None:
    async with started(ANSWERS) as pipeline:
        text, offered = await card(pipeline, kind="answer", confidence=0.1)
    assert "Band low, decided by the adjudicator: no other band holds" in text
    assert "Validator" not in text
    assert "override" in offered


async def test_the_card_says_which_condition_could_not_be_known_and_why(started: Started) -> None:
    async with started(UNSURE) as pipeline:
        text, _ = await card(pipeline, other=1)
    assert "Not known: facts.score is missing" in text
    assert "facts.score > 3 (policies.yaml:" in text


async def test_the_rooms_of_one_violation_are_linked(
    started: Started,
) -> None:
    other = policy("other", 'when: facts.?kind.orValue("") == "answer"')
    async with started(ANSWERS + other) as pipeline:
        stored = await sent(pipeline, facts={"kind": "answer", "confidence": 0.7})
        engine = pipeline.engine
        first, second = (engine.store.room(each["room_id"]) for each in stored["answers"])
        assert first
        assert second
        text = words(cards.card(about(engine, first), VERBS).blocks)
        assert f"Also breaks other: war room {second.id}" in text
        cleared = await sent(
            pipeline, "m2", dedup_key="k2", facts={"kind": "answer", "confidence": 0.95}
        )
        room = engine.store.room(cleared["room_id"])
        assert room
        text = words(cards.card(about(engine, room), VERBS).blocks)
        assert "Also breaks answers: allowed by its rule sure" in text
