"""What an exception allows comes again and nobody is asked; what lies outside is asked anew."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.domain import commands as c
from bot.domain import exception as x
from bot.domain.aggregate import Step
from bot.domain.exception_life import EXCEPTION
from bot.domain.policy import UnknownInitiator
from bot.domain.refusal import Refusal, Why
from bot.storage.consistency import differences
from bot.storage.exceptions import exception
from bot.storage.store import Store
from tests.answers.asking import gate, sent, settle
from tests.answers.conftest import Started, policy
from tests.build import acting, ada, jude, val, viv
from tests.conftest import HandClock
from tests.sources.conftest import Pipeline

EXPORT = policy("export", "scopes: [run, commit, version, environment]", "varying: [seed]")
RANKER = {"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:7"}
ORIGIN = {"repository": "acme/ranker", "commit": "c1", "environment": "customer-eu"}
VIOLATION: dict[str, Any] = {
    "policy": "export",
    "subject": RANKER,
    "origin": ORIGIN,
    "facts": {"to": "customer-eu", "seed": 1},
}


async def approved(pipeline: Pipeline, scope: str = "", **fields: Any) -> str:  # noqa: ANN401
    stored = await sent(pipeline, "first", **{**VIOLATION, **fields})
    order = c.Approve(reason="Within policy.", scope=scope)
    answer = await pipeline.engine.handle(stored["room_id"], order, acting(val.name))
    assert isinstance(answer, Step)
    return str(stored["room_id"])


async def test_the_same_again_is_waived_at_once_with_the_exception_and_who_allowed_it(
    started: Started,
) -> None:
    async with started(EXPORT) as pipeline:
        room_id = await approved(pipeline, "environment")
        again = {**VIOLATION, "origin": {**ORIGIN, "commit": "c2"}, "facts": {"to": "customer-eu"}}
        stored = await sent(pipeline, "again", **again)
        assert (stored["status"], stored["verdict"], stored["room_id"]) == (
            "cleared",
            "allow",
            None,
        )
        assert (stored["outcome"], stored["reason"]) == ("waived", "Within policy.")
        until = "2026-11-27T09:00:00Z"
        assert stored["exception"] == {"id": room_id, "until": until, "allowed_by": "val"}
        answer = {"policy": "export", "answer": "exception", "verdict": "allow", "room_id": None}
        assert stored["answers"] == [answer]
        verdict = await gate(pipeline, stored)
        assert (verdict["outcome"], verdict["decided_by"]) == ("waived", "val")
        assert verdict["exception"] == stored["exception"]
        assert await sent(pipeline, "again", **again) == {**stored, "duplicate": True}
        record = pipeline.engine.store.stream(EXCEPTION, room_id)
        (waived,) = (each.event for each in record if isinstance(each.event, x.Waived))
        assert waived.violation.id == stored["violation_id"]


OUTSIDE = [
    {"origin": {**ORIGIN, "environment": "production"}},
    {"origin": {**ORIGIN, "environment": None}},
    {"subject": {**RANKER, "name": "other"}},
    {"subject": {**RANKER, "version": "8"}},
    {"facts": {"to": "customer-us"}},
    {"severity": "critical"},
    {"initiator": {"email": "val@acme.test"}},
]


@pytest.mark.parametrize("other", OUTSIDE, ids=str)
@pytest.mark.either_database
async def test_what_lies_outside_is_asked_anew(started: Started, other: dict[str, Any]) -> None:
    """Another place, another thing, another fact, a graver one; and nobody's own, by their word."""
    async with started(EXPORT) as pipeline:
        room_id = await approved(pipeline, "environment")
        stored = await sent(pipeline, "again", **{**VIOLATION, **other})
        assert stored["verdict"] == "pending"
        assert stored["room_id"] not in {None, room_id}


@pytest.mark.either_database
async def test_without_a_chosen_scope_it_is_the_narrowest_and_frees_nothing_more(
    started: Started,
) -> None:
    async with started(policy("export")) as pipeline:
        await approved(pipeline)
        rerun = {**VIOLATION, "origin": {**ORIGIN, "run_url": "https://ci.test/2"}}
        assert (await sent(pipeline, "again", **rerun))["outcome"] == "waived"
        other = {**VIOLATION, "origin": {**ORIGIN, "commit": "c2"}}
        assert (await sent(pipeline, "other", **other))["verdict"] == "pending"


async def test_from_its_end_on_it_allows_nothing_neither_new_nor_old(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        await approved(pipeline, "commit")
        stored = await sent(pipeline, "again", **VIOLATION)
        clock.move(timedelta(days=7) - timedelta(microseconds=1))
        assert (await gate(pipeline, stored))["verdict"] == "allow"
        clock.move(timedelta(microseconds=1))
        assert (await gate(pipeline, stored))["verdict"] == "block"
        assert (await sent(pipeline, "later", **VIOLATION))["verdict"] == "pending"


async def test_a_revocation_takes_effect_at_once_and_pipelines_are_told_anew(
    started: Started,
) -> None:
    async with started(EXPORT) as pipeline:
        hook = "https://ci.test/hook"
        room_id = await approved(pipeline, "commit", callback_url=hook)
        stored = await sent(pipeline, "again", **VIOLATION, callback_url=hook)
        assert stored["verdict"] == "allow"
        store, engine = pipeline.engine.store, pipeline.engine
        before = callbacks(store)
        order = x.Revoke(reason="It was misused.")
        assert isinstance(await engine.exceptions.handle(room_id, order, acting(jude.name)), Step)
        for known in (stored, {"violation_id": store.callbacks_of(room_id)[0]}):
            assert (await gate(pipeline, known))["verdict"] == "block"
        assert callbacks(store) == [*before, "callbacks"]
        assert len(store.callbacks_of(room_id)) == 2
        assert (await sent(pipeline, "later", **VIOLATION))["verdict"] == "pending"


def callbacks(store: Store) -> list[str]:
    with store.database.read.connect() as connection:
        rows = connection.exec_driver_sql("SELECT kind FROM effects ORDER BY id").scalars()
        return [kind for kind in rows if kind.startswith("callback")]


@pytest.mark.either_database
async def test_a_rejection_makes_no_exception(started: Started) -> None:
    async with started(EXPORT) as pipeline:
        stored = await sent(pipeline, "first", **VIOLATION)
        await settle(pipeline, stored["room_id"], "reject")
        assert (await sent(pipeline, "again", **VIOLATION))["verdict"] == "pending"


BANDED = policy(
    "export",
    """\
varying: [confidence]
facts: {confidence: double}
bands:
  - {id: middle, when: facts.confidence >= 0.6, decide: [validator]}
  - {id: low, decide: [adjudicator]}
""",
)


@pytest.mark.either_database
@pytest.mark.parametrize("confidence", [None, "x", True, 0.3])
async def test_what_is_not_known_is_in_no_band_that_an_exception_was_given_for(
    started: Started, confidence: object
) -> None:
    async with started(BANDED) as pipeline:
        facts = {"to": "customer-eu", "confidence": 0.7}
        room_id = await approved(pipeline, "commit", facts=facts)
        near = {**VIOLATION, "facts": {**facts, "confidence": 0.65}}
        assert (await sent(pipeline, "near", **near))["outcome"] == "waived"
        other = {**VIOLATION, "facts": {**facts, "confidence": confidence}}
        stored = await sent(pipeline, "other", **other)
        assert stored["room_id"] not in {None, room_id}


@pytest.mark.either_database
async def test_an_approval_of_what_is_not_known_covers_nothing_else(started: Started) -> None:
    async with started(BANDED) as pipeline:
        facts = {"to": "customer-eu", "confidence": "x"}
        await approved(pipeline, "commit", facts=facts)
        known = {**VIOLATION, "facts": {**facts, "confidence": 0.65}}
        assert (await sent(pipeline, "known", **known))["verdict"] == "pending"


@pytest.mark.either_database
async def test_nobody_renews_what_has_waived_a_change_of_their_own(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        room_id = await approved(pipeline, "environment")
        own = {**VIOLATION, "initiator": {"email": "viv@acme.test"}}
        assert (await sent(pipeline, "own", **own))["outcome"] == "waived"
        clock.move(timedelta(days=1))
        renew = x.Renew(reason="It goes on as before.", validity=timedelta(days=7))
        handle = pipeline.engine.exceptions.handle
        assert not isinstance(await handle(room_id, renew, acting(viv.name)), Step)
        assert isinstance(await handle(room_id, renew, acting(val.name)), Step)


@pytest.mark.either_database
async def test_who_was_not_asked_can_revoke_too(started: Started) -> None:
    async with started(BANDED) as pipeline:
        facts = {"to": "customer-eu", "confidence": 0.7}
        room_id = await approved(pipeline, "commit", facts=facts)
        order = x.Revoke(reason="It was misused.")
        handle = pipeline.engine.exceptions.handle
        assert not isinstance(await handle(room_id, order, acting(ada.name)), Step)
        assert isinstance(await handle(room_id, order, acting(jude.name)), Step)


@pytest.mark.either_database
async def test_nobodys_exception_waives_what_they_may_have_made_as_far_as_is_known(
    started: Started, folder: Path
) -> None:
    """Where Val has an account at GitHub listed, she is not who has another one there."""
    people = (folder / "people.yaml").read_text()
    (folder / "people.yaml").write_text(people.replace(", github: val}", "}"))
    stranger = {**VIOLATION, "initiator": {"github": "val-at-home"}}
    async with started(EXPORT) as pipeline:
        room_id = await approved(pipeline)
        stored = await sent(pipeline, "again", **stranger)
        assert stored["verdict"] == "pending"
        asked = pipeline.engine.store.room(stored["room_id"])
        assert asked
        assert asked.basis
        mend = "val may have made the change: list val's github in people.yaml"
        assert asked.basis.doubts == (f"Exception {room_id} doesn't waive this, since {mend}.",)
    (folder / "people.yaml").write_text(people)
    async with started(EXPORT) as pipeline:
        listed = await sent(pipeline, "listed", **stranger)
        assert listed["outcome"] == "waived"


@pytest.mark.parametrize("by", list(UnknownInitiator))
async def test_nobody_renews_what_has_waived_what_they_may_have_made_as_far_as_is_known(
    started: Started, folder: Path, clock: HandClock, by: UnknownInitiator
) -> None:
    """The policy may let the adjudicator alone. Whose account it is by now has made it."""
    export = f"{EXPORT}    unknown_initiator: {by}\n"
    people = (folder / "people.yaml").read_text()
    people = people.replace("github: val}", "}").replace("github: bea}", "}")
    (folder / "people.yaml").write_text(people)
    renew = x.Renew(reason="It goes on as before.", validity=timedelta(days=7))
    async with started(export) as pipeline:
        stored = await sent(pipeline, "first", **VIOLATION)
        await settle(pipeline, stored["room_id"], "approve")
        for delivery in ("again", "once more"):
            stranger = {**VIOLATION, "initiator": {"github": "stranger"}}
            assert (await sent(pipeline, delivery, **stranger))["outcome"] == "waived"
        clock.move(timedelta(days=1))
        handle, acts = pipeline.engine.exceptions.handle, pipeline.engine.people.acting
        answer = await handle(stored["room_id"], renew, acts("U0VAL"))
        assert isinstance(answer, Refusal)
        assert answer.message.endswith(
            "val may have made the change: list val's github in people.yaml."
        )
        answer = await handle(stored["room_id"], renew, acts("U0BACK"))
        assert isinstance(answer, Step) is (by is UnknownInitiator.ADJUDICATOR)
        clock.move(timedelta(days=1))
        other = renew.but(reason="It goes on for a week.")
        assert isinstance(await handle(stored["room_id"], other, acts("U0VIV")), Step)
    listed = people.replace("val@acme.test", "val@acme.test, github: stranger")
    (folder / "people.yaml").write_text(listed)
    clock.move(timedelta(days=1))
    async with started(export) as pipeline:
        handle, acts = pipeline.engine.exceptions.handle, pipeline.engine.people.acting
        answer = await handle(stored["room_id"], renew, acts("U0VAL"))
        assert isinstance(answer, Refusal)
        assert answer.why is Why.OWN_VIOLATION
        found = pipeline.engine.store.ask(partial(exception, exception_id=stored["room_id"]))
        assert found
        assert [each.accounts for each in found.unknown_makers] == [("github:stranger",)]
        with pipeline.engine.store.database.read.connect() as connection:
            assert set(differences(connection)) == {None}
