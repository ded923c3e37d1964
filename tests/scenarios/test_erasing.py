"""A person is erased: everything of theirs is gone, and everything else is as it was."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.exception_life import EXCEPTION
from bot.domain.war_room import Outcome
from bot.engine.loads import who_runs_this
from bot.local_slack import LocalSlack, People
from bot.storage.consistency import differences
from tests.approving import approve
from tests.build import ADA, JUDE, VAL, VIV, acting
from tests.scenarios.erased import command, erasures, folder, holding, numbers, payloads, unlisted
from tests.staging.environment import CONFIG
from tests.staging.stage import Stage, direct, staged

QUESTION = "Which columns of the table does it read?"
ANSWER = "Only the consented ones, I have checked each of them."
REPORTED = {
    "title": "Byron's ranker fine-tuned",
    "initiator": {"email": "Ada+ci@Acme.test", "github": "ada"},
    "dedup_key": "ranker-7",
}


@pytest.fixture
async def stage(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    own = folder(tmp_path, CONFIG)
    async with staged(local_slack, people, database_url, warroom_config=own) as stage:
        yield stage


async def _approved(stage: Stage) -> str:
    """A room in which ada was asked and has answered, and viv has approved."""
    answer = await stage.send(**REPORTED)
    room_id = str(answer["room_id"])
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    engine = stage.app.engine
    asked = await engine.handle(room_id, c.RequestInfo(question=QUESTION), acting("viv"))
    assert isinstance(asked, Step), asked
    told = await engine.handle(room_id, c.Explain(text=ANSWER), acting("ada"))
    assert isinstance(told, Step), told
    await approve(stage.people, user=VIV, channel=stage.channel(answer))
    await stage.readable(answer)
    return room_id


async def _over(stage: Stage, room_id: str) -> None:
    """The exception that the room made has ended, and nothing is owed any more."""

    def ended(_: object) -> bool:
        record = stage.app.engine.store.stream(EXCEPTION, room_id)
        return record[-1].state == "ended"

    await stage.until(ended, timedelta(days=1))
    await asyncio.to_thread(stage.app.engine.store.undelivered, room_id)


async def test_nobody_is_erased_while_something_holds_them_and_it_is_said_what_and_where(
    stage: Stage,
) -> None:
    answer = await stage.send(**REPORTED)
    await stage.card(answer)
    before = payloads(stage)
    refused = await command(stage, "erase", "--person", "ada", "--order", "T-1", "--yes")
    assert refused.exit_code == 1
    assert f"war room {answer['room_id']} is open" in refused.output
    assert "people.yaml lists ada" in refused.output
    await approve(stage.people, user=VAL, channel=stage.channel(answer))
    await unlisted(stage, "ada")
    refused = await command(stage, "erase", "--person", "email:ada@acme.test")
    assert refused.exit_code == 1
    assert f"exception {answer['room_id']} is active" in refused.output
    assert "people.yaml" not in refused.output
    assert "is open" not in refused.output
    assert before.items() <= payloads(stage).items()
    assert holding(stage, "U0ADA", "ada@acme.test")


@pytest.mark.either_database
async def test_an_erasure_wants_an_order_and_somebody_whom_the_record_knows(stage: Stage) -> None:
    without = await command(stage, "erase", "--person", "ada", "--yes")
    assert (without.exit_code, "--order" in without.output) == (2, True)
    nobody = await command(stage, "erase", "--person", "slack:U0NOBODY")
    assert (nobody.exit_code, "the record has nobody" in nobody.output) == (2, True)


async def test_after_an_erasure_nothing_of_them_is_left_and_everything_still_answers(
    stage: Stage,
) -> None:
    room_id = await _approved(stage)
    await _over(stage, room_id)
    await unlisted(stage, "ada")
    kept, before = payloads(stage), await numbers(stage)
    words = ("u0ada", "ada@acme", "ada+ci@", '"ada"', "byron", ANSWER)
    there = holding(stage, *words)
    dry = await command(stage, "erase", "--person", "slack:U0ADA")
    assert dry.exit_code == 0, dry.output
    assert "Would be erased" in dry.output
    assert holding(stage, *words) == there
    told = len(direct(await stage.people.state(), JUDE))
    done = await command(stage, "erase", "--person", "slack:U0ADA", "--order", "DSR-17", "--yes")
    assert done.exit_code == 0, done.output
    assert holding(stage, *words) == []
    after = payloads(stage)
    assert {position: after[position] for position in kept} == kept
    assert await numbers(stage) == before
    store = stage.app.engine.store
    assert set(store.ask(lambda asked: list(differences(asked)))) == {None}
    room = store.room(room_id)
    assert room
    assert room.decision
    assert (room.question, room.answer, room.title) == (QUESTION, "(erased)", "(erased)")
    assert (room.decision.by, room.decision.outcome) == ("viv", Outcome.APPROVED)
    assert room.initiators == (room.answered_by,)
    assert room.initiators[0] not in ("ada", "viv")
    (recorded,) = erasures(stage)
    assert (recorded.event.order, recorded.event.rooms) == ("DSR-17", 1)
    await stage.told(JUDE, told + 1)
    message = direct(await stage.people.state(), JUDE)[-1]
    assert "DSR-17" in message.words
    assert "ada" not in message.words.lower()
    for words_of in ("list", "mine", "stats", "debt", "exceptions", f"status {room_id}"):
        said = await stage.people.command(user=VAL, channel="general", text=f"/warroom {words_of}")
        assert said.refused is None
    for arguments in (("stats",), ("debt", "--json"), ("exceptions", "--all", "--json")):
        assert (await command(stage, *arguments)).exit_code == 0
    assert (await stage.gate(room.violation.id))["outcome"] == "approved"
    await stage.people.open_home(user=VAL)
    explained = await command(stage, "policy", "explain", room_id)
    assert explained.exit_code == 0, explained.output
    assert "approved by viv" in explained.output
    again = await command(stage, "erase", "--person", "slack:U0ADA")
    assert again.exit_code == 2, again.output


async def test_who_decided_is_erased_with_their_reasons_and_nobody_else_is(stage: Stage) -> None:
    room_id = await _approved(stage)
    await _over(stage, room_id)
    await unlisted(stage, "viv")
    done = await command(stage, "erase", "--person", "viv", "--order", "DSR-18", "--yes")
    assert done.exit_code == 0, done.output
    assert holding(stage, "u0viv", "viv@acme", '"viv"', QUESTION, "synthetic, as its card") == []
    room = stage.app.engine.store.room(room_id)
    assert room
    assert room.decision
    assert (room.answer, room.title) == (ANSWER, REPORTED["title"])
    assert room.initiators == ("ada",)
    assert room.decision.by not in (*room.initiators, "viv")
    assert (room.decision.reason, room.decision.account) == ("(erased)", "(erased)")


async def test_whom_a_legal_hold_holds_nobody_erases_until_it_is_lifted(stage: Stage) -> None:
    room_id = await _approved(stage)
    await _over(stage, room_id)
    await unlisted(stage, "ada")
    why = ("--reason", "Case 7 C 12/26")
    by_person = await command(stage, "hold", "add", "--person", "github:ada", *why)
    assert by_person.exit_code == 0, by_person.output
    by_room = await command(stage, "hold", "add", "--room", f"#wr-x-{room_id}", *why)
    assert by_room.exit_code == 0, by_room.output
    ids = [done.output.split()[-1] for done in (by_person, by_room)]
    listed = await command(stage, "hold", "list")
    assert all(each in listed.output for each in (*ids, "Case 7 C 12/26", who_runs_this(), room_id))
    erase = ("erase", "--person", "slack:U0ADA", "--order", "DSR-17", "--yes")
    for hold_id, said in zip(ids, ("holds them", "is under legal hold"), strict=True):
        refused = await command(stage, *erase)
        assert (refused.exit_code, said in refused.output) == (1, True)
        lifted = await command(stage, "hold", "remove", hold_id, "--reason", "It is settled.")
        assert lifted.exit_code == 0, lifted.output
    again = await command(stage, "hold", "remove", ids[0], "--reason", "Once more.")
    assert (again.exit_code, "was lifted before" in again.output) == (1, True)
    assert (await command(stage, *erase)).exit_code == 0
    assert holding(stage, "u0ada", "ada@acme", '"ada"') == []


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "need one of --person and --room"),
        (("--person", "ada", "--room", "x"), "need one of --person and --room"),
        (("--person", "slack:U0NOBODY"), "the record has nobody"),
        (("--room", "nowhere123"), "there is no war room nowhere123"),
    ],
)
async def test_a_hold_wants_one_thing_that_there_is(
    stage: Stage, arguments: tuple[str, ...], said: str
) -> None:
    done = await command(stage, "hold", "add", *arguments, "--reason", "A lawsuit.")
    assert (done.exit_code, said in done.output) == (2, True), done.output
