"""What was kept for as long as its risk class says loses what is personal, and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.erasure import ErasedFor
from bot.domain.war_room import Outcome
from bot.local_slack import LocalSlack, People
from bot.storage.consistency import differences
from tests.approving import approve
from tests.build import VAL
from tests.scenarios.erased import command, erasures, folder, holding, numbers, payloads
from tests.staging.environment import CONFIG
from tests.staging.stage import Stage, staged

DAY = timedelta(days=1)
WORDS = ("u0ada", "acme.test", "u0val", "customers_eu")


@pytest.fixture
async def stage(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    own = folder(tmp_path, CONFIG)
    policies = own / "policies.yaml"
    kept = "  retention: {high: 183d, limited: 7d}\n\npolicies:\n"
    policies.write_text(policies.read_text().replace("\npolicies:\n", kept, 1))
    async with staged(local_slack, people, database_url, warroom_config=own) as stage:
        yield stage


async def _approved(stage: Stage, key: str) -> str:
    answer = await stage.send(dedup_key=key)
    await stage.card(answer)
    await approve(stage.people, user=VAL, channel=stage.channel(answer))
    await stage.readable(answer)
    return str(answer["room_id"])


async def test_after_its_period_a_room_has_nothing_personal_and_counts_as_before(
    stage: Stage,
) -> None:
    held, free = await _approved(stage, "one"), await _approved(stage, "two")
    why = ("--reason", "Case 7 C 12/26")
    hold = await command(stage, "hold", "add", "--room", held, *why)
    assert hold.exit_code == 0, hold.output
    stage.move(182 * DAY)
    before, kept = await numbers(stage), payloads(stage)
    await stage.until(lambda _: erasures(stage), timedelta(hours=6))
    (recorded,) = erasures(stage)
    assert (recorded.event.erased_for, recorded.event.rooms) == (ErasedFor.RETENTION, 1)
    assert (recorded.event.violations, recorded.event.order) == (1, "kept for 183 days")
    store = stage.app.engine.store
    room = store.room(free)
    assert room
    assert room.decision
    assert (room.title, room.initiators) == ("(erased)", ("p1",))
    assert recorded.at - room.decision.at >= 183 * DAY
    assert room.decision.outcome is Outcome.APPROVED
    assert room.decision.by.startswith("p")
    violation = store.violation(room.violation.id)
    assert violation
    assert (violation.report.title, violation.report.facts) == ("(erased)", {})
    assert set(store.ask(lambda asked: list(differences(asked)))) == {None}
    after = payloads(stage)
    assert {position: after[position] for position in kept} == kept
    assert await numbers(stage) == before
    still = store.room(held)
    assert still
    assert still.title == "ranker fine-tuned on customers_eu"
    hold_id = hold.output.split()[-1]
    assert (await command(stage, "hold", "remove", hold_id, *why)).exit_code == 0
    await stage.until(lambda _: len(erasures(stage)) == 2, timedelta(hours=6))
    room = store.room(held)
    assert room
    assert room.title == "(erased)"
    assert not [each for each in holding(stage, *WORDS) if "customers_eu" in each]
