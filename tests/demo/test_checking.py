"""The panel's check: the command itself as a process, which waits for what people decide."""

from pathlib import Path

import pytest

from bot.demo import project
from bot.demo.acting import checked, on_card, submit
from bot.demo.checking import TEXT_MOST
from tests.build import JUDE, VAL
from tests.choosing import choose
from tests.demo.conftest import Demo, running

REASON = {"reason": "Sessions hold no personal data."}


async def _begin(demo: Demo, **given: str) -> None:
    answer = await demo.web.post("/pipeline/check", json=given)
    assert (answer.status_code, answer.json()) == (200, {})


async def _waits(demo: Demo) -> tuple[str, str]:
    """What a check wrote once it waits for a room, and the name of the room's channel."""
    said, _ = await checked(demo.stage, lambda said, _: "/app_redirect?" in said)
    room = demo.stage.app.engine.store.open_rooms()[0]
    assert f"war room {room.id}: " in said
    return said, demo.channel({"room_id": room.id})


async def _ends(demo: Demo) -> tuple[str, int | None]:
    return await checked(demo.stage, lambda _, code: code is not None)


async def test_a_check_stops_at_a_finding_and_goes_on_once_it_is_approved(demo: Demo) -> None:
    await _begin(demo, script="reranker")
    said, channel = await _waits(demo)
    assert "reranker/train.py:7:32: medium undeclared (intent)" in said
    await demo.shows(
        "$ warroom check --gate reranker", "Cancel the check", f"#{channel}", "pending"
    )
    await on_card(demo.stage, channel, 'rows = pandas.read_parquet("s3://acme-lake')
    await on_card(demo.stage, channel, "by Ada Byron")
    await on_card(demo.stage, channel, "Pull request #11")
    await submit(demo.stage, VAL, channel, "approve", REASON)
    said, code = await _ends(demo)
    assert (said.splitlines()[-1], code) == (f"allow: approved by val: {REASON['reason']}", 0)
    await demo.shows("exit code 0 The pipeline goes on.", "Approved by Val Osei")
    await demo.stage.people.wait_for_message(
        user=VAL,
        channel=channel,
        holds=lambda message: (
            "Went on: acme/models guardrails run" in message.words.replace(",", "")
        ),
    )


async def test_a_rejection_ends_it_with_a_block(demo: Demo) -> None:
    await _begin(demo, script="ranker")
    said, channel = await _waits(demo)
    assert "6 findings; " in said
    await demo.stage.people.wait_for_message(
        user=JUDE, channel=channel, holds=lambda card: card.pinned and "6 findings" in card.words
    )
    people = demo.stage.people
    await choose(people, user=JUDE, channel=channel, verb="reject")
    modal = await people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    reason = {"reason": "Customers did not agree."}
    await people.submit(user=JUDE, view_id=modal.id, values=reason)
    said, code = await _ends(demo)
    assert (said.splitlines()[-1], code) == ("block: rejected by jude: Customers did not agree.", 1)
    await demo.shows("exit code 1 The pipeline stops here.")


async def test_what_is_declared_passes_and_asks_nobody(demo: Demo) -> None:
    await _begin(demo, script="churn")
    said, code = await _ends(demo)
    assert (said.startswith("no findings; "), code) == (True, 0)
    assert demo.stage.app.engine.store.open_rooms() == []


async def test_a_cancelled_check_leaves_its_room_open_and_the_same_commit_finds_its_verdict(
    demo: Demo,
) -> None:
    await _begin(demo, script="reranker")
    _, channel = await _waits(demo)
    answer = await demo.web.post("/pipeline/cancel", json={})
    assert answer.status_code == 200
    said, code = await _ends(demo)
    assert ("stopped, and the war room stays open\n" in said, code) == (True, 143)
    await demo.shows("exit code 143 The pipeline stops here.")
    await on_card(demo.stage, channel, "reranker/train.py:")
    await submit(demo.stage, VAL, channel, "approve", REASON)
    await demo.shows("Approved by Val Osei")
    await _begin(demo)
    said, code = await _ends(demo)
    assert (said.splitlines()[-1], code) == (f"allow: approved by val: {REASON['reason']}", 0)
    assert demo.stage.app.engine.store.open_rooms() == []


async def test_a_new_commit_supersedes_the_room_of_the_one_before(demo: Demo) -> None:
    await _begin(demo, script="reranker")
    await _waits(demo)
    [before] = demo.stage.app.engine.store.open_rooms()
    await demo.web.post("/pipeline/cancel", json={})
    await _ends(demo)
    await _begin(demo, script="reranker")
    await _waits(demo)
    room = demo.stage.app.engine.store.room(before.id)
    assert room
    assert room.decision
    assert room.decision.outcome == "superseded"


async def test_one_check_runs_at_a_time(demo: Demo) -> None:
    nothing = await demo.web.post("/pipeline/cancel", json={})
    assert (nothing.status_code, nothing.json()) == (409, {"said": "No check runs."})
    nothing = await demo.web.post("/pipeline/check", json={})
    assert (nothing.status_code, nothing.json()) == (400, {"said": "script: None is none"})
    await _begin(demo, script="reranker")
    for order in ({"script": "churn"}, {}):
        second = await demo.web.post("/pipeline/check", json=order)
        assert second.status_code == 409
        assert second.json()["said"].startswith("A check runs already: ")


async def test_the_end_of_the_demo_ends_the_check() -> None:
    async with running() as demo:
        await _begin(demo, script="reranker")
        await _waits(demo)
        check = demo.stage.pipeline.check
    assert check
    assert check.code == 143


async def test_what_a_check_reported_is_listed_once_the_demo_goes_on(tmp_path: Path) -> None:
    async with running(tmp_path) as demo:
        await _begin(demo, script="reranker")
        _, channel = await _waits(demo)
    async with running(tmp_path) as demo:
        await demo.shows("Training code without a declaration", f"#{channel}", "pending")


async def test_nothing_of_the_users_environment_reaches_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = {
        "WARROOM_GATE_TOKEN": "theirs",
        "WARROOM_API_TOKEN": "theirs",
        "WARROOM_PUBLIC_URL": "http://127.0.0.1:1",
        "WARROOM_CATALOGUE": "theirs.yaml",
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "theirs/theirs",
        "GITHUB_ACTOR": "theirs",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "PYTHONPATH": "/theirs",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    async with running() as demo:
        await _begin(demo, script="reranker")
        said, channel = await _waits(demo)
        await on_card(demo.stage, channel, "acme/models:reranker/train.py")
    assert "theirs" not in said


async def test_of_much_that_a_check_writes_the_end_is_shown(demo: Demo) -> None:
    folder = demo.stage.app.settings.warroom_config.with_name("project")
    code = (folder / "reranker" / "train.py").read_text()
    for number in range(100):
        (folder / "ranker" / f"another_{number}.py").write_text(code)
    await _begin(demo, script="ranker")
    said, _ = await _waits(demo)
    assert len(said) == TEXT_MOST
    assert "106 findings; " in said


async def test_a_bot_installed_without_the_repository_offers_no_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(project, "EXAMPLES", tmp_path / "none")
    async with running() as demo:
        assert "Check a script" not in await demo.shows("Time")
