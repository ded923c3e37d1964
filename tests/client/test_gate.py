"""`warroom gate` as a pipeline runs it: what it waits for, what it says, and how it ends."""

import asyncio
import os
import pty
import re
import select
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.client.live import Live
from bot.domain import commands as c
from bot.local_slack import LocalSlack, People
from tests.approving import approve
from tests.build import APPROVE, VAL, WITHIN_POLICY, acting, jude, val
from tests.client.job import WARROOM, Job, ended, said
from tests.staging.processes import free_port
from tests.staging.stage import Stage, staged

pytestmark = pytest.mark.either_database
LINK = r"war room {}: http://127\.0\.0\.1:\d+/app_redirect\?channel=C\w+"


@pytest.fixture
def job(stage: Stage, tmp_path: Path) -> Job:
    return Job(tmp_path, stage.here.url)


async def test_pending_is_no_block(stage: Stage, job: Job) -> None:
    answer = await stage.send()
    await stage.card(answer)
    for words in (("--no-wait",), ("--timeout", "0"), ("--wait", "0")):
        done = await job.gate(answer["violation_id"], *words)
        assert done.code == 4, done
        room, verdict, last = done.lines
        assert re.fullmatch(LINK.format(answer["room_id"]), room)
        assert verdict.startswith("pending: to be decided by ")
        assert last == "the war room stays open"


async def test_it_waits_until_somebody_has_decided(stage: Stage, job: Job) -> None:
    """The link comes first, before there is anything to wait for; the exit code is the verdict."""
    answer = await stage.send()
    step = await job.start(*WARROOM, "gate", answer["room_id"])
    assert re.search(LINK.format(answer["room_id"]), await said(step, "/app_redirect"))
    await stage.card(answer)
    await approve(stage.people, user=VAL, channel=stage.channel(answer))
    done = await ended(step)
    assert (done.code, done.out) == (0, f"allow: approved by val: {WITHIN_POLICY}\n")


async def test_a_rejection_blocks_and_is_found_again_at_once(stage: Stage, job: Job) -> None:
    answer = await stage.send()
    reject = c.Reject(reason="Not with this data.")
    await stage.app.engine.handle(answer["room_id"], reject, acting(jude.name))
    done = await job.gate(answer["violation_id"])
    assert (done.code, done.lines[-1]) == (1, "block: rejected by jude: Not with this data.")


async def test_of_several_violations_each_has_to_be_asked_for(stage: Stage, job: Job) -> None:
    several = [await stage.send(dedup_key="several") for _ in range(2)]
    done = await job.gate(several[0]["room_id"], "--no-wait")
    assert (done.code, done.out) == (2, "")
    assert "holds 2 violations, ask for one of them" in done.err
    assert all(each["violation_id"] in done.err for each in several)


async def test_a_wait_for_a_room_is_for_its_violation_whatever_joins_meanwhile(
    stage: Stage, job: Job
) -> None:
    first = await stage.send(dedup_key="several")
    await stage.card(first)
    step = await job.start(*WARROOM, "gate", first["room_id"], "--json")
    assert step.stderr
    await step.stderr.readline()  # the room's link: it has asked once
    second = await stage.send(dedup_key="several")
    assert second["room_id"] == first["room_id"]
    await stage.app.engine.handle(first["room_id"], APPROVE, acting(val.name))
    done = await ended(step)
    assert done.code == 0, done
    assert f'"violation_id": "{first["violation_id"]}"' in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "there is no violation, and no war room, 'nothing'"),
        (("../readyz",), "answered 404"),
        ((), "need either an ID to ask about, or --title or --file to report"),
        (("x", "--title", "y"), "need either an ID"),
        (("x", "--timeout", "soon"), "'soon' is not a valid integer"),
    ],
)
async def test_a_question_that_is_wrong_is_no_verdict(
    stage: Stage, job: Job, words: tuple[str, ...], said: str
) -> None:
    done = await job.gate(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


async def test_a_wrong_token_is_no_verdict(stage: Stage, job: Job) -> None:
    answer = await stage.send()
    done = await job.gate(answer["violation_id"], WARROOM_GATE_TOKEN="wrong")
    assert (done.code, "answered 401" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "means"),
    [
        ((), 3, "blocked: what is not known is not allowed, unless --on-unreachable allow"),
        (("--on-unreachable", "allow"), 0, "allowed all the same, by --on-unreachable allow"),
    ],
)
async def test_where_nobody_answers_it_is_said_what_that_means(
    tmp_path: Path, words: tuple[str, ...], code: int, means: str
) -> None:
    """It blocks, unless it was written otherwise."""
    away = Job(tmp_path, f"http://127.0.0.1:{free_port()}")
    done = await away.gate("x", "--no-wait", *words)
    assert done.code == code, done
    assert done.lines[0].startswith("not known: http://127.0.0.1:")
    assert done.lines[1] == means


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
async def test_a_cancelled_job_leaves_the_room_open_and_says_so(
    stage: Stage, job: Job, number: signal.Signals, code: int
) -> None:
    answer = await stage.send()
    await stage.card(answer)
    step = await job.start(*WARROOM, "gate", answer["violation_id"])
    await said(step, "/app_redirect")
    step.send_signal(number)
    done = await ended(step)
    assert (done.code, done.out) == (code, "")
    assert "stopped, and the war room stays open" in done.err
    assert f"war room {answer['room_id']}: http://" in done.err
    assert f"`warroom gate {answer['violation_id']}` goes on waiting" in done.err
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"


async def test_a_restart_of_the_bot_is_no_verdict(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    job = Job(tmp_path, f"http://127.0.0.1:{port}")
    async with staged(local_slack, people, database_url, PORT=port) as before:
        answer = await before.send()
        await before.card(answer)
        step = await job.start(*WARROOM, "gate", answer["violation_id"])
        await said(step, "/app_redirect")
    assert step.stderr
    async with asyncio.timeout(20):
        while b"asking again" not in await step.stderr.readline():
            pass
    async with staged(local_slack, people, database_url, PORT=port) as after:
        await approve(after.people, user=VAL, channel=after.channel(answer))
        done = await ended(step)
    assert (done.code, done.lines) == (0, [f"allow: approved by val: {WITHIN_POLICY}"])


async def test_on_a_terminal_one_line_is_written_over(stage: Stage, job: Job) -> None:
    answer = await stage.send()
    await stage.paged(VAL)
    await stage.card(answer)
    ours, theirs = pty.openpty()
    step = await job.start(*WARROOM, "gate", answer["violation_id"], stderr=theirs, COLUMNS="200")
    os.close(theirs)
    shown = await asyncio.to_thread(_read_until, ours, "left")
    await stage.app.engine.handle(answer["room_id"], APPROVE, acting(val.name))
    done = await ended(step)
    os.close(ours)
    assert done.code == 0
    assert re.search(
        r"\r\x1b\[Kpaged .*val \(validator, not seen yet\).*; (4 h|3 h 59 min) left", shown
    )
    assert "\n" not in shown


def _read_until(terminal: int, text: str) -> str:
    shown, end = "", time.monotonic() + 20
    while text not in shown and time.monotonic() < end:
        shown += os.read(terminal, 1000).decode()
    return shown


async def test_without_a_terminal_a_plain_line_says_how_it_goes(stage: Stage, job: Job) -> None:
    stage.move(timedelta(hours=9))  # what is left is counted by the bot's clock
    answer = await stage.send()
    await stage.paged(VAL)
    await stage.card(answer)
    await stage.app.engine.handle(answer["room_id"], c.Acknowledge(), acting(val.name))
    step = await job.start(*WARROOM, "gate", answer["violation_id"])
    assert step.stderr
    async with asyncio.timeout(20):
        line = (await step.stderr.readline()).decode()
    seen = r"val \(validator, seen \d\d:\d\d UTC\)"
    assert re.fullmatch(rf"paged .*{seen}.*; (4 h|3 h 59 min) left\n", line)
    await stage.app.engine.handle(answer["room_id"], APPROVE, acting(val.name))
    assert (await ended(step)).err == ""


def test_the_plain_line_comes_once_where_it_was_known_before_the_wait() -> None:
    """What begins it finds that it has begun."""
    read, write = os.pipe()
    with (
        os.fdopen(read, encoding="utf-8") as reader,
        os.fdopen(write, "w", encoding="utf-8") as log,
        Live(log, lambda: "paged val") as live,
    ):
        assert reader.readline() == "paged val\n"
        live.begin()
        assert not select.select([reader], [], [], 0.3)[0]


def test_the_plain_line_comes_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each minute, and nothing in it is for a terminal."""
    read, write = os.pipe()
    monkeypatch.setattr("bot.client.live.PLAIN_SECONDS", 0.01)
    with (
        os.fdopen(read, encoding="utf-8") as reader,
        os.fdopen(write, "w", encoding="utf-8") as log,
        Live(log, lambda: "paged val"),
    ):
        assert [reader.readline() for _ in range(3)] == ["paged val\n"] * 3
