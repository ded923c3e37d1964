"""`POST /answers` foretells what a violation gets that comes in then, whatever answers it."""

from typing import Any

from tests.answers.asking import BEARER, sent, settle
from tests.answers.conftest import Started, policy
from tests.sources.conftest import Pipeline

INTERNAL = """
when: facts.?action.orValue("") == "export"
auto_clear:
  - id: internal
    when: facts.?to.orValue("") == "internal"
    reason: Stays in the house.
    owner: jude
    until: 2027-06-30
"""
POLICIES = policy("export", INTERNAL) + policy("names", "when: has(facts.names)")
INSIDE = {"action": "export", "to": "internal"}
OUTSIDE = {"action": "export", "to": "public"}
ALLOWED, OPEN, NEW = ({"repository": "acme/ranker", "commit": each * 40} for each in "123")


def _body(facts: dict[str, Any], origin: dict[str, Any]) -> dict[str, Any]:
    initiator = {"email": "ada@acme.test"}
    return {"title": "ranker", "initiator": initiator, "facts": facts, "origin": origin}


async def _foretold(pipeline: Pipeline, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await pipeline.web.post("/answers", json={"violations": bodies}, headers=BEARER)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["answers"])


async def test_what_is_foretold_is_what_comes_in_gets(started: Started) -> None:
    async with started(POLICIES) as pipeline:
        allowed = await sent(pipeline, "m1", facts=OUTSIDE, origin=ALLOWED)
        await settle(pipeline, allowed["room_id"], "approve")
        opened = await sent(pipeline, "m2", facts=OUTSIDE, origin=OPEN)
        bodies = [
            _body(facts, origin)
            for facts in (INSIDE, OUTSIDE, {**OUTSIDE, "names": 3}, {**INSIDE, "names": 3})
            for origin in (ALLOWED, OPEN, NEW)
        ]
        bodies.append(_body({"no": "policy"}, NEW))
        told = await _foretold(pipeline, *bodies)
        kinds = (
            ["rule"] * 3 + ["exception", "room", "none"] + ["none", "room", "none"] + ["none"] * 4
        )
        assert [each["answer"] for each in told] == kinds
        assert len(pipeline.engine.store.open_rooms()) == 1
        rule = {"id": "internal", "until": "2027-07-01T00:00:00Z", "url": None, "by": "jude"}
        assert told[0] == {"answer": "rule", "justification": "Stays in the house.", **rule}
        for number, (body, said) in enumerate(zip(bodies[:6], told, strict=False)):
            got = await sent(pipeline, f"n{number}", facts=body["facts"], origin=body["origin"])
            match said["answer"]:
                case "exception":
                    assert got["exception"]["id"] == said["id"] == allowed["room_id"]
                case "rule":
                    assert got["rule"]["id"] == said["id"]
                case "room":
                    assert got["room_id"] == said["id"] == opened["room_id"]
                case _:
                    assert got["room_id"] not in (None, opened["room_id"])


async def test_nobodys_own_rule_is_foretold_to_clear_what_they_made(started: Started) -> None:
    async with started(POLICIES) as pipeline:
        own = _body(INSIDE, NEW) | {"initiator": {"email": "jude@acme.test"}}
        (told,) = await _foretold(pipeline, own)
        assert told["answer"] == "none"
