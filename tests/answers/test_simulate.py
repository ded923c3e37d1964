"""`warroom policy simulate`: what was recorded, tried on other policies."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from bot.cli.main import main
from tests.answers.asking import sent, settle
from tests.answers.conftest import HEAD, Started, policy
from tests.build import START
from tests.conftest import HandClock

EXPORT = policy("export", 'when: facts.?action.orValue("") == "export"')
RULE = """\
auto_clear:
  - {id: internal, when: 'source == "violations" && facts.?to.orValue("") == "internal"',
     reason: Stays in the house., owner: jude, until: 2027-06-30}
"""
CLEARING = policy("export", 'when: facts.?action.orValue("") == "export"', RULE)
OUT = {"action": "export", "to": "eu"}
INTERNAL = {"action": "export", "to": "internal"}

Simulated = Callable[..., Result]


@pytest.fixture
def simulated(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Simulated:
    """Runs the command on these policies, the recorded people beside them."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))

    CliRunner().invoke(main, ["policy", "simulate", "--help"])  # loads it before time stands still

    def run(policies: str | None, *options: str) -> Result:
        arguments = ["policy", "simulate", *options]
        if policies is not None:
            other = tmp_path / "other"
            other.mkdir(exist_ok=True)
            (other / "people.yaml").write_text((folder / "people.yaml").read_text())
            (other / "policies.yaml").write_text(HEAD + policies)
            arguments += ["--config", str(other)]
        with freeze_time(START + timedelta(days=1)):
            return CliRunner().invoke(main, arguments)

    return run


def found(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


async def test_a_rule_that_would_have_cleared_saves_its_rooms_and_is_told_by_violation(
    started: Started, simulated: Simulated, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        one = await sent(pipeline, "m1", facts=INTERNAL, dedup_key="a")
        clock.move(timedelta(seconds=1))
        again = await sent(pipeline, "m2", facts=INTERNAL, dedup_key="a")
        await sent(pipeline, "m3", facts=OUT, dedup_key="b")
        await settle(pipeline, one["room_id"], "reject")  # later, and no verdict of a policy
    assert found(simulated(CLEARING, "--json")) == {
        "violations": 3,
        "rooms": {"before": 2, "after": 1},
        "people": {"before": 4, "after": 2},
        "changed": [
            {"violation_id": each["violation_id"], "before": "block", "after": "allow"}
            for each in (one, again)
        ],
        "block_to_allow": 2,
        "allow_to_block": 0,
    }
    said = simulated(CLEARING).output
    assert "3 violations, 1 room saved" in said
    assert "block→allow: 2" in said
    assert f"{one['violation_id']}  ranker fine-tuned on customers_eu  export: internal" in said


async def test_the_same_policies_change_nothing_whatever_became_of_the_rooms(
    started: Started, simulated: Simulated, clock: HandClock
) -> None:
    async with started(CLEARING) as pipeline:
        await sent(pipeline, "m1", facts=INTERNAL)
        first = await sent(pipeline, "m2", facts=OUT)
        await settle(pipeline, first["room_id"], "approve")
        await sent(pipeline, "m3", facts=OUT)
        clock.move(timedelta(minutes=1))
        await sent(pipeline, "m4", facts=OUT)
    said = found(simulated(None, "--json"))
    assert said["rooms"] == {"before": 2, "after": 2}
    assert said["people"] == {"before": 4, "after": 4}
    assert said["changed"] == []


async def test_what_a_rule_had_cleared_is_blocked_without_it_in_one_room_a_key_and_window(
    started: Started, simulated: Simulated, clock: HandClock
) -> None:
    async with started(CLEARING) as pipeline:
        for number in range(3):  # two within a window of 4 h, the third after it
            await sent(pipeline, f"m{number}", facts=INTERNAL, dedup_key="a")
            clock.move(timedelta(hours=3))
    said = found(simulated(EXPORT, "--json"))
    assert (said["block_to_allow"], said["allow_to_block"]) == (0, 3)
    assert said["rooms"] == {"before": 0, "after": 2}


async def test_each_is_tried_at_its_time_and_as_whoever_signed_it(
    started: Started, simulated: Simulated, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        early = await sent(pipeline, "m1", facts=INTERNAL, dedup_key="a")
        clock.move(timedelta(hours=20))
        await sent(pipeline, "m2", facts=INTERNAL, dedup_key="b")
    ended = CLEARING.replace("2027-06-30", "2026-11-20")
    changed = found(simulated(ended, "--json"))["changed"]
    assert [each["violation_id"] for each in changed] == [early["violation_id"]]
    other = CLEARING.replace('"violations"', '"export-ci"')
    assert found(simulated(other, "--json"))["changed"] == []


async def test_an_exception_that_covered_a_violation_then_covers_it_again(
    started: Started, simulated: Simulated
) -> None:
    origin = {"repository": "acme/ranker", "commit": "c1"}
    async with started(EXPORT) as pipeline:
        first = await sent(pipeline, "m1", facts=OUT, origin=origin)
        await settle(pipeline, first["room_id"], "approve")
        assert (await sent(pipeline, "m2", facts=OUT, origin=origin))["outcome"] == "waived"
    said = found(simulated(None, "--json"))
    assert (said["changed"], said["rooms"]) == ([], {"before": 1, "after": 1})


async def test_what_no_policy_answers_any_more_is_listed_as_refused_and_counted_in_neither(
    started: Started, simulated: Simulated
) -> None:
    async with started(EXPORT + policy("named")) as pipeline:
        named = await sent(pipeline, "m1", policy="named", facts={})
        unnamed = await sent(pipeline, "m2", facts=OUT)
    said = found(simulated(policy("other"), "--json"))
    refused = {named["violation_id"]: "refused", unnamed["violation_id"]: "refused"}
    assert {each["violation_id"]: each["after"] for each in said["changed"]} == refused
    assert (said["block_to_allow"], said["allow_to_block"]) == (0, 0)
    assert "the policy named is not there" in simulated(policy("other")).output


async def test_more_changes_to_allow_than_are_taken_fail_the_check(
    started: Started, simulated: Simulated
) -> None:
    async with started(EXPORT) as pipeline:
        await sent(pipeline, "m1", facts=INTERNAL, dedup_key="a")
        await sent(pipeline, "m2", facts=INTERNAL, dedup_key="b")
    assert simulated(CLEARING, "--max-block-to-allow", "2").exit_code == 0
    done = simulated(CLEARING, "--max-block-to-allow", "1", "--json")
    assert done.exit_code == 1
    assert "found 2 changes from block to allow, need 1 at most" in done.stderr
    assert json.loads(done.stdout)["block_to_allow"] == 2


async def test_what_came_before_is_left_out(
    started: Started, simulated: Simulated, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        await sent(pipeline, "m1", facts=OUT, dedup_key="a")
        clock.move(timedelta(hours=20))
        await sent(pipeline, "m2", facts=OUT, dedup_key="b")
    assert found(simulated(None, "--json", "--since", "10h"))["violations"] == 1
    assert simulated(None, "--since", "lately").exit_code == 2
