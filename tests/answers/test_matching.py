"""Which policies a violation breaks, and what it gets from each of them."""

import pytest

from tests.answers.asking import gate, policies, sent, settle
from tests.answers.conftest import Started, policy

EXPORT = policy("export", 'when: facts.?action.orValue("") == "export"', "severity: high")
PII = policy("pii", 'when: facts.?pii.orValue("") == "present"', "severity: critical")
NAMED = policy("named")


async def test_a_violation_that_names_no_policy_gets_an_answer_from_each_whose_when_says_yes(
    started: Started,
) -> None:
    async with started(EXPORT + PII + NAMED) as pipeline:
        stored = await sent(pipeline, facts={"action": "export", "pii": "present"})
        assert policies(stored) == ["export", "pii"]
        rooms = {answer["room_id"] for answer in stored["answers"]}
        assert len(rooms) == 2
        gravest = pipeline.engine.store.room(stored["room_id"])
        assert gravest
        assert gravest.policy_id == "pii"
        assert policies(await sent(pipeline, "m2", facts={"action": "export"})) == ["export"]


async def test_a_named_policy_is_asked_besides_and_not_instead(started: Started) -> None:
    async with started(EXPORT + PII + NAMED) as pipeline:
        stored = await sent(pipeline, policy="named", facts={"action": "export"})
        assert policies(stored) == ["export", "named"]
        # Its own `when` says no: whoever names it is taken at their word all the same.
        assert policies(await sent(pipeline, "m2", policy="pii", facts={})) == ["pii"]


async def test_what_no_policy_answers_to_is_refused_with_the_nearest_and_what_was_missing(
    started: Started,
) -> None:
    narrow = policy(
        "narrow",
        "when: subject.kind == 'model' && facts.?action.orValue('') == 'export'",
    )
    async with started(PII + narrow) as pipeline:
        answer = await pipeline.send(policy=None, subject={"kind": "model"}, facts={"pii": "none"})
        assert answer.status_code == 422
        (detail,) = answer.json()["detail"]
        assert detail["path"] == "policy"
        assert "'narrow', 1 of 2 parts of it hold" in detail["message"]
        assert "facts.?action.orValue('') == 'export'" in detail["message"]
        assert "policies.yaml:" in detail["message"]


async def test_only_where_none_says_yes_do_those_count_that_are_not_known_and_then_the_gravest(
    started: Started,
) -> None:
    bare = policy("bare", "when: facts.score > 3", "severity: critical")
    other = policy("other", "when: facts.score > 5", "severity: low")
    async with started(bare + other + EXPORT) as pipeline:
        assert policies(await sent(pipeline, facts={"action": "export"})) == ["export"]
        stored = await sent(pipeline, "m2", facts={"action": "train"})
        assert policies(stored) == ["bare"]
        room = pipeline.engine.store.room(stored["room_id"])
        assert room
        assert room.basis
        assert [each.value for each in room.basis.conditions] == ["unknown", "unknown"]


@pytest.mark.parametrize("decided", ["approve", "reject"])
async def test_the_verdict_is_allow_only_when_all_allow_and_block_as_soon_as_one_blocks(
    started: Started, decided: str
) -> None:
    async with started(EXPORT + PII) as pipeline:
        stored = await sent(pipeline, facts={"action": "export", "pii": "present"})
        first, second = (answer["room_id"] for answer in stored["answers"])
        await settle(pipeline, first, "approve" if decided == "approve" else "reject")
        one = await gate(pipeline, stored)
        assert one["verdict"] == ("pending" if decided == "approve" else "block")
        await settle(pipeline, second, "approve")
        both = await gate(pipeline, stored)
        assert both["verdict"] == ("allow" if decided == "approve" else "block")


async def test_the_same_delivery_gets_the_same_answers_whatever_is_loaded_by_then(
    started: Started,
) -> None:
    for number, (before, after) in enumerate(((EXPORT + PII, NAMED), (NAMED, PII))):
        fields = {"policy": "named" if number else None, "facts": {"action": "export"}}
        async with started(before) as pipeline:
            first = await sent(pipeline, f"m{number}", **fields)
        async with started(after) as pipeline:
            again = await sent(pipeline, f"m{number}", **fields)
            assert again == {**first, "duplicate": True}
            assert (await pipeline.send("new", **fields)).status_code == 422


async def test_the_order_of_the_policies_in_the_file_changes_nothing(started: Started) -> None:
    facts = {"action": "export", "pii": "present"}
    answers = []
    for number, text in enumerate((EXPORT + PII, PII + EXPORT)):
        async with started(text) as pipeline:
            stored = await sent(pipeline, f"m{number}", dedup_key=f"k{number}", facts=facts)
            rooms = [pipeline.engine.store.room(each["room_id"]) for each in stored["answers"]]
            answers.append([(room.policy_id, room.severity) for room in rooms if room])
    assert answers[0] == answers[1]
