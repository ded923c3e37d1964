"""Approvals given beforehand: what they clear is on record, and asks nobody."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.clearance import CLEARANCE, AutoCleared, stream_id
from bot.integrations.slack.show import cards
from bot.integrations.slack.show.about import about
from bot.integrations.slack.verbs.registry import VERBS
from tests.answers.asking import gate, sent
from tests.answers.conftest import Started, policy
from tests.build import START
from tests.conftest import HandClock
from tests.slack.reading import words

INTERNAL = """\
when: facts.?action.orValue("") == "export"
never_clear: facts.?pii.orValue("unknown") != "none"
auto_clear:
  - {id: internal, when: 'facts.?to.orValue("") == "internal"', reason: Stays in the house.,
     owner: jude, until: 2026-11-21}
"""
EXPORT = policy("export", INTERNAL)
CLEAN = {"action": "export", "to": "internal", "pii": "none"}


async def test_what_a_rule_clears_is_allowed_at_once_and_by_whom_is_on_record(
    started: Started,
) -> None:
    async with started(EXPORT) as pipeline:
        stored = await sent(pipeline, facts=CLEAN)
        assert stored["room_id"] is None
        assert (stored["status"], stored["verdict"]) == ("cleared", "allow")
        assert (stored["outcome"], stored["reason"]) == ("auto_cleared", "Stays in the house.")
        digest = pipeline.engine.config.policies["export"].digest
        rule = {"id": "internal", "file": "policies.yaml", "line": 12, "digest": digest}
        assert stored["rule"] == rule
        answer = {"policy": "export", "answer": "rule", "verdict": "allow", "room_id": None}
        assert stored["answers"] == [answer]
        verdict = await gate(pipeline, stored)
        assert verdict["verdict"] == "allow"
        assert verdict["decided_by"] == "rule:internal"
        assert verdict["rule"] == rule
        clearance = stream_id(stored["violation_id"], "export")
        (recorded,) = pipeline.engine.store.stream(CLEARANCE, clearance)
        assert isinstance(recorded.event, AutoCleared)
        assert recorded.actor == "rule:internal"
        assert recorded.event.owner == "jude"
        assert recorded.event.violation.report.facts == CLEAN
        values = {each.text: each.value for each in recorded.event.basis.conditions}
        assert values['facts.?to.orValue("") == "internal"'] == "yes"
        assert values['facts.?pii.orValue("unknown") != "none"'] == "no"
        assert not pipeline.engine.store.open_rooms()


async def test_the_same_delivery_is_cleared_once(started: Started) -> None:
    async with started(EXPORT) as pipeline:
        first = await sent(pipeline, facts=CLEAN)
        assert await sent(pipeline, facts=CLEAN) == {**first, "duplicate": True}


@pytest.mark.parametrize("pii", ["present", None, 7])
async def test_what_never_clears_or_is_not_known_goes_to_people(
    started: Started, pii: object
) -> None:
    facts = {key: value for key, value in {**CLEAN, "pii": pii}.items() if value is not None}
    async with started(EXPORT) as pipeline:
        stored = await sent(pipeline, facts=facts)
        assert (stored["status"], stored["verdict"]) == ("open", "pending")


async def test_a_rule_that_is_not_known_to_hold_clears_nothing(started: Started) -> None:
    bare = policy("bare", INTERNAL.replace('facts.?to.orValue("")', "facts.to"))
    async with started(bare) as pipeline:
        stored = await sent(pipeline, facts={"action": "export", "pii": "none"})
        assert stored["verdict"] == "pending"


async def test_an_ended_rule_never_matches(started: Started, clock: HandClock) -> None:
    """Its day is its last: it ends with it, in UTC."""
    async with started(EXPORT) as pipeline:
        clock.move(START.replace(hour=0, minute=0, second=0, microsecond=0) - START)
        clock.move(timedelta(days=2) - timedelta(microseconds=1))
        assert (await sent(pipeline, "m1", facts=CLEAN))["verdict"] == "allow"
        clock.move(timedelta(microseconds=1))
        assert (await sent(pipeline, "m2", facts=CLEAN))["verdict"] == "pending"


async def test_nobodys_own_rule_clears_what_they_made(started: Started) -> None:
    async with started(EXPORT) as pipeline:
        own = await sent(pipeline, facts=CLEAN, initiator={"email": "jude@acme.test"})
        assert own["verdict"] == "pending"


async def test_while_it_is_not_known_of_another_policy_whether_it_is_broken_nothing_clears(
    started: Started,
) -> None:
    unsure = policy("unsure", "when: facts.score > 3")
    async with started(EXPORT + unsure) as pipeline:
        stored = await sent(pipeline, facts=CLEAN)
        assert [each["policy"] for each in stored["answers"]] == ["export"]
        assert stored["verdict"] == "pending"
        assert (await sent(pipeline, "m2", facts={**CLEAN, "score": 1}))["verdict"] == "allow"


async def test_a_rule_clears_its_own_policy_alone(started: Started) -> None:
    other = policy("other", 'when: facts.?to.orValue("") == "internal"')
    async with started(EXPORT + other) as pipeline:
        stored = await sent(pipeline, facts=CLEAN)
        kinds = {each["policy"]: each["answer"] for each in stored["answers"]}
        assert kinds == {"export": "rule", "other": "room"}
        assert (stored["verdict"], stored["status"]) == ("pending", "open")
        assert "rule" not in stored


JUDE = "jude: {slack: U0JUDE, email: jude@acme.test, team: legal, github: jude}"
WITHOUT_GITHUB = JUDE.replace(", github: jude", "")
STRANGER = {"github": "jude-at-home"}


async def test_who_may_be_the_owner_as_far_as_is_known_is_not_cleared_by_their_rule(
    started: Started, folder: Path
) -> None:
    """Jude's rule, and somebody at GitHub, where no account of Jude's is listed: what would tell
    is on the card and in the record, and where it is listed the rule clears."""
    people = (folder / "people.yaml").read_text()
    (folder / "people.yaml").write_text(people.replace(JUDE, WITHOUT_GITHUB))
    told = (
        "Rule internal doesn't clear this, since jude may have made the change: "
        "list jude's github in people.yaml."
    )
    async with started(EXPORT) as pipeline:
        stored = await sent(pipeline, "m1", facts=CLEAN, initiator=STRANGER)
        assert stored["verdict"] == "pending"
        room = pipeline.engine.store.room(stored["room_id"])
        assert room
        assert room.basis
        assert room.basis.doubts == (told,)
        assert told in words(cards.card(about(pipeline.engine, room), VERBS).blocks)
        sure = {**STRANGER, "email": "stranger@acme.test"}
        other = await sent(pipeline, "m2", facts=CLEAN, initiator=sure, dedup_key="other")
        assert other["verdict"] == "allow"
        bot = await sent(pipeline, "m3", facts=CLEAN, initiator={"github": "dependabot[bot]"})
        assert bot["verdict"] == "allow"
    (folder / "people.yaml").write_text(people)
    async with started(EXPORT) as pipeline:
        listed = await sent(pipeline, "m4", facts=CLEAN, initiator=STRANGER)
        assert listed["verdict"] == "allow"
