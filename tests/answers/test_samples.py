"""Samples: a share of what a rule clears is looked at afterwards, and no pipeline waits for it."""

from datetime import timedelta

from bot.domain.follow_up import FollowUpKind, sampled
from bot.storage.follow_ups import open_follow_ups
from tests.answers.asking import gate, sent
from tests.answers.conftest import Started, policy
from tests.answers.test_rules import CLEAN, INTERNAL
from tests.build import START, val, viv


def export(share: str) -> str:
    until = "until: 2026-11-21"
    return policy("export", INTERNAL.replace(until, f"{until}, review_sample: {share}"))


async def test_what_is_drawn_is_owed_by_the_validator_and_allowed_at_once(
    started: Started,
) -> None:
    async with started(export("100%")) as pipeline:
        stored = await sent(pipeline, facts=CLEAN, team="search")
        assert (await gate(pipeline, stored))["verdict"] == "allow"
        (owed,) = open_follow_ups(pipeline.engine.store)
    assert (owed.kind, owed.owner, owed.others) == (FollowUpKind.SAMPLE, val.name, (viv.name,))
    assert (owed.violation_id, owed.room_id) == (stored["violation_id"], None)
    assert (owed.policy_id, owed.team) == ("export", "search")
    assert owed.until == START + timedelta(days=7)
    assert owed.because == "the rule internal (policies.yaml:12): Stays in the house."


async def test_a_validators_own_change_is_looked_at_by_another(started: Started) -> None:
    async with started(export("100%")) as pipeline:
        await sent(pipeline, facts=CLEAN, initiator={"email": "val@acme.test"})
        (owed,) = open_follow_ups(pipeline.engine.store)
    assert (owed.owner, owed.others, owed.initiators) == (viv.name, (), (val.name,))


async def test_those_are_drawn_whose_id_says_so_each_delivery_once(started: Started) -> None:
    async with started(export("50%")) as pipeline:
        ids = [
            (await sent(pipeline, f"m{number % 8}", facts=CLEAN))["violation_id"]
            for number in range(16)
        ]
        owed = open_follow_ups(pipeline.engine.store)
    assert sorted(each.violation_id or "" for each in owed) == sorted(
        each for each in set(ids) if sampled(each, 0.5)
    )


async def test_what_people_are_asked_about_and_a_rule_without_a_share_owe_nobody_a_look(
    started: Started,
) -> None:
    async with started(export("100%")) as pipeline:
        await sent(pipeline, "m1", facts={**CLEAN, "pii": "present"})
        assert open_follow_ups(pipeline.engine.store) == []
    async with started(policy("export", INTERNAL)) as pipeline:
        await sent(pipeline, "m2", facts=CLEAN)
        assert open_follow_ups(pipeline.engine.store) == []
