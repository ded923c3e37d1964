"""`warroom check` beside a running bot: what is allowed already, and `--gate`."""

import asyncio
import json
import re
import signal
import subprocess
from asyncio.subprocess import Process
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain import commands as c
from bot.domain.exception import Revoke
from bot.domain.refusal import Refusal
from bot.domain.war_room import Category, WarRoom
from tests.build import APPROVE, JUSTIFICATION, acting, jude, val
from tests.check.declared import CATALOGUE, CODE, block
from tests.client.job import SECONDS, WARROOM, Done, Job, ended, said
from tests.staging.processes import free_port
from tests.staging.stage import Stage

MEDIUM = block(owner="nobody")  # one finding, which the validator decides
GRAVE = block(export="none")  # one finding, which the adjudicator decides


@pytest.fixture
def job(stage: Stage, tmp_path: Path) -> Job:
    """A commit of a sound project, in which a test breaks something."""
    tree = tmp_path / "tree"
    (tree / "config").mkdir(parents=True)
    (tree / "config" / "catalogue.yaml").write_text(CATALOGUE)
    git(tree, "init", "-q", "-b", "main")
    git(tree, "remote", "add", "origin", "git@git.acme.test:acme/ranker.git")
    return Job(tree, stage.here.url)


def git(folder: Path, *words: str) -> str:
    """What git says; whatever is made here, ada made."""
    ada = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.test")
    done = subprocess.run(
        ("git", "-C", str(folder), *ada, *words), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(job: Job, code: str) -> str:
    """Commit this as the script; gives the commit."""
    (job.folder / "train.py").write_text(code)
    git(job.folder, "add", ".")
    git(job.folder, "commit", "-qm", "Train on more")
    return git(job.folder, "rev-parse", "HEAD")


async def check(job: Job, *words: str) -> Done:
    return await ended(await job.start(*WARROOM, "check", *words))


def rooms(stage: Stage) -> list[WarRoom]:
    return sorted(stage.app.engine.store.open_rooms(), key=lambda room: room.title)


async def decide(stage: Stage, room: WarRoom, command: c.Command, who: str) -> None:
    done = await stage.app.engine.handle(room.id, command, acting(who))
    assert not isinstance(done, Refusal), done


REJECT = c.Reject(reason="Not with this data.")


async def test_a_finding_is_reported_with_what_it_is_and_where_it_stands(
    stage: Stage, job: Job
) -> None:
    """Who made it and in which commit git says, where no CI does."""
    made = commit(job, GRAVE + CODE)
    done = await check(job, "--gate", "--no-wait")
    assert done.code == 4, done
    (room,) = rooms(stage)
    assert f"war room {room.id}: " in done.out
    violation = stage.app.engine.store.violation(room.violation.id)
    assert violation
    told = violation.report
    assert (told.initiator.email, told.severity) == ("ada@acme.test", "critical")
    assert (told.subject.kind, told.subject.name) == ("code", "acme/ranker:train.py")
    assert (told.origin.commit, told.origin.repository) == (made, "acme/ranker")
    assert told.facts["finding"] == {
        "rule": "export-mismatch", "leak": "consequence", "severity": "critical",
        "path": "train.py", "declared": "export: none",
        "found": "acme/ranker (internal, literal)",
        "message": "The result goes to 'acme/ranker', which is internal; declared is export: none.",
    }  # fmt: skip
    assert told.dedup_key
    assert told.dedup_key.startswith("check:")


async def two_waiting(stage: Stage, job: Job) -> tuple[Process, WarRoom, WarRoom]:
    """A check that waits for two rooms, and both, the lesser first."""
    commit(job, block(owner="nobody", export="none") + CODE)
    step = await job.start(*WARROOM, "check", "--gate")
    assert step.stderr
    async with asyncio.timeout(SECONDS):
        while b"2 to be decided" not in await step.stderr.readline():
            pass
    known, export = sorted(rooms(stage), key=lambda room: room.severity.rank)
    return step, known, export


async def test_the_links_are_said_first_and_the_gravest_verdict_counts(
    stage: Stage, job: Job
) -> None:
    step, known, export = await two_waiting(stage, job)
    await decide(stage, known, APPROVE, val.name)
    await decide(stage, export, REJECT, jude.name)
    for done in (await ended(step), await check(job, "--gate")):
        assert done.code == 1, done
        assert all(f"war room {each.id}: " in done.out for each in (known, export))
        assert done.lines[-1].endswith(": block: rejected by jude: Not with this data.")
    assert ": allow: approved by val" in done.lines[-2]


async def test_a_block_is_heard_while_another_room_is_still_open(stage: Stage, job: Job) -> None:
    step, known, export = await two_waiting(stage, job)
    await decide(stage, export, REJECT, jude.name)
    assert (await ended(step)).code == 1
    assert [room.id for room in rooms(stage)] == [known.id]


async def test_what_is_allowed_lets_the_same_commit_go_on_at_once(stage: Stage, job: Job) -> None:
    commit(job, MEDIUM + CODE)
    assert (await check(job, "--gate", "--no-wait")).code == 4
    await decide(stage, rooms(stage)[0], APPROVE, val.name)
    done = await check(job, "--gate")
    assert (done.code, rooms(stage)) == (0, [])
    assert "allow: approved by val" in done.lines[-1]


async def test_all_is_asked_once_more_before_it_is_allowed(stage: Stage, job: Job) -> None:
    """What allowed the first may have been revoked while the last was waited for."""
    commit(job, block(owner="nobody", export="none") + CODE)
    await check(job, "--gate", "--no-wait")
    known, export = sorted(rooms(stage), key=lambda room: room.severity.rank)
    await decide(stage, known, APPROVE, val.name)
    step = await job.start(*WARROOM, "check", "--gate")
    assert step.stderr
    async with asyncio.timeout(SECONDS):
        while b"left" not in await step.stderr.readline():
            pass  # it has heard both, and waits for the other one
    revoke = Revoke(reason="It was misused.")
    await stage.app.engine.exceptions.handle(known.id, revoke, acting(val.name))
    override = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    await decide(stage, export, override, jude.name)
    done = await ended(step)
    assert (done.code, ": block: " in done.lines[-1]) == (1, True), done


async def test_a_verdict_answers_for_no_other_commit(stage: Stage, job: Job) -> None:
    commit(job, GRAVE + CODE)
    await check(job, "--gate", "--no-wait")
    await decide(stage, rooms(stage)[0], REJECT, jude.name)
    assert (await check(job, "--gate")).code == 1
    commit(job, GRAVE + CODE + "\n")
    assert (await check(job, "--gate", "--no-wait")).code == 4


async def test_one_violation_for_all_is_allowed_only_as_a_whole(stage: Stage, job: Job) -> None:
    commit(job, block(owner="nobody", export="none") + CODE)
    done = await check(job, "--gate", "--one", "--no-wait")
    assert done.code == 4, done
    (room,) = rooms(stage)
    assert room.title == "2 findings, first export-mismatch: train.py"
    violation = stage.app.engine.store.violation(room.violation.id)
    assert violation
    facts = violation.report.facts
    assert [each["rule"] for each in facts["findings"]] == ["owner-unknown", "export-mismatch"]
    assert "finding" not in facts


@pytest.mark.parametrize("form", ["json", "sarif"])
async def test_what_a_machine_reads_stands_alone_and_holds_the_verdict(
    stage: Stage, job: Job, form: str
) -> None:
    commit(job, MEDIUM + CODE)
    done = await check(job, "--gate", "--no-wait", "--format", form)
    (room,) = rooms(stage)
    assert done.code == 4
    assert json.loads(done.out)
    assert f"war room {room.id}: " in done.err
    (suppressed,) = _suppressions(done.out)
    assert suppressed == ("underReview", room.id)
    await decide(stage, room, APPROVE, val.name)
    done = await check(job, "--gate", "--format", form)
    assert (done.code, _suppressions(done.out)) == (0, [("accepted", room.id)])


async def test_a_file_holds_what_the_gate_said_and_people_read_the_link(
    stage: Stage, job: Job
) -> None:
    commit(job, MEDIUM + CODE)
    file = job.folder.parent / "warroom.sarif"
    done = await check(job, "--gate", "--no-wait", "--format", "sarif", "--output", str(file))
    (room,) = rooms(stage)
    assert done.code == 4
    assert done.out.index("medium owner-unknown") < done.out.index(f"war room {room.id}: ")
    assert _suppressions(file.read_text()) == [("underReview", room.id)]


def _suppressions(out: str) -> list[tuple[str, str]]:
    """Status and id of what is suppressed in either form."""
    said = json.loads(out)
    if "runs" in said:
        results = said["runs"][0]["results"]
        found = [each for result in results for each in result.get("suppressions", ())]
        return [(each["status"], each["properties"]["id"]) for each in found]
    found = [each["suppressed"] for each in said["findings"] if "suppressed" in each]
    return [(each["status"], each["id"]) for each in found]


async def test_open_rooms_and_exceptions_are_asked_for_where_a_token_is_named(
    stage: Stage, job: Job
) -> None:
    """Nothing is reported by it; what is allowed needs nobody any more."""
    commit(job, MEDIUM + CODE)
    done = await check(job)
    assert (done.code, rooms(stage)) == (1, [])
    await check(job, "--gate", "--no-wait")
    (room,) = rooms(stage)
    done = await check(job)
    assert done.code == 1
    assert f"war room {room.id} is open on it" in done.out
    assert _suppressions((await check(job, "--format", "sarif")).out) == [("underReview", room.id)]
    await decide(stage, room, APPROVE, val.name)
    done = await check(job)
    assert done.code == 0, done
    assert re.search(rf"allowed by {room.id} until [\d-]+ [\d:]+ UTC: ", done.out)
    done = await check(job, "--format", "sarif")
    (result,) = json.loads(done.out)["runs"][0]["results"]
    (suppression,) = result["suppressions"]
    assert suppression["status"] == "accepted"
    assert re.search(r" Until [\d-]{10} [\d:]{8} UTC\.$", suppression["justification"])
    assert (await check(job, "--offline")).code == 1


async def test_a_bot_that_is_away_allows_nothing_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    away = Job(tmp_path, f"http://127.0.0.1:{free_port()}")
    for form in ("text", "json", "sarif", "github"):
        done = await check(away, "--format", form, "--initiator-email", "ada@acme.test")
        assert done.code == 1
        assert "Nothing counts as allowed, since the bot isn't there" in done.out
    assert "isn't there" not in (await check(away, "--offline")).out


@pytest.mark.parametrize(
    ("words", "code", "means"),
    [
        ((), 3, "blocked: what is not known is not allowed, unless --on-unreachable allow"),
        (("--on-unreachable", "allow"), 0, "allowed all the same, by --on-unreachable allow"),
    ],
)
async def test_where_nobody_answers_the_gate_blocks_unless_it_was_written_otherwise(
    tmp_path: Path, words: tuple[str, ...], code: int, means: str
) -> None:
    (tmp_path / "train.py").write_text(CODE)
    away = Job(tmp_path, f"http://127.0.0.1:{free_port()}")
    who = ("--initiator-email", "ada@acme.test")
    done = await check(away, "--gate", "--no-wait", *who, *words)
    assert (done.code, done.lines[-1]) == (code, means), done


async def test_a_cancelled_job_leaves_its_rooms_open(stage: Stage, job: Job) -> None:
    commit(job, MEDIUM + CODE)
    step = await job.start(*WARROOM, "check", "--gate")
    await said(step, "war room ")
    step.send_signal(signal.SIGTERM)
    done = await ended(step)
    assert done.code == 143
    assert "the war room stays open" in done.err
    assert len(rooms(stage)) == 1


async def test_what_isnt_committed_is_of_no_commit_and_of_whoever_commits_here(
    stage: Stage, job: Job
) -> None:
    commit(job, block() + CODE)
    git(job.folder, "config", "user.email", "viv@acme.test")
    (job.folder / "train.py").write_text(MEDIUM + CODE)
    assert (await check(job, "--gate", "--no-wait")).code == 4
    violation = stage.app.engine.store.violation(rooms(stage)[0].violation.id)
    assert violation
    assert violation.report.origin.commit is None
    assert violation.report.initiator.email == "viv@acme.test"


async def test_a_cancelled_wait_of_no_commit_says_how_to_go_on(stage: Stage, job: Job) -> None:
    """What was reported of no commit is found by its id alone."""
    commit(job, block() + CODE)
    (job.folder / "train.py").write_text(MEDIUM + CODE)
    step = await job.start(*WARROOM, "check", "--gate")
    await said(step, "war room ")
    step.send_signal(signal.SIGINT)
    done = await ended(step)
    violation = rooms(stage)[0].violation.id
    assert f"`warroom gate {violation}` goes on waiting" in done.err
    assert "run again" not in done.err


async def test_the_real_command_starts_once_it_is_allowed(stage: Stage, job: Job) -> None:
    code = "import sys\nprint('started')\nsys.exit(7)\n"
    commit(job, MEDIUM + code + CODE)
    command = ("--", "python3", "train.py")
    done = await check(job, "--gate", "--no-wait", *command)
    assert (done.code, "started" in done.out) == (4, False)
    await decide(stage, rooms(stage)[0], APPROVE, val.name)
    done = await check(job, "--gate", *command)
    assert done.code == 7, done
    assert done.lines[-1] == "started"


@pytest.mark.parametrize(
    ("words", "need"),
    [
        (("--gate", "--offline"), "need one of them"),
        (("--one",), "--one needs --gate"),
        (("--no-wait",), "--no-wait needs --gate"),
        (("--timeout", "5"), "--timeout needs --gate"),
        (("train.py", "--", "python3", "train.py"), "need either PATHS to check"),
        (("--gate",), "need one of --initiator-email"),
    ],
)
async def test_a_question_that_is_wrong_says_what_is_needed(
    tmp_path: Path, words: tuple[str, ...], need: str
) -> None:
    (tmp_path / "train.py").write_text(CODE)
    done = await check(Job(tmp_path, "http://127.0.0.1:1"), *words)
    assert (done.code, need in done.err) == (2, True), done


async def test_a_checked_trees_own_settings_name_no_bot(stage: Stage, job: Job) -> None:
    """A `.env` beside the code would have whoever writes it judge the code."""
    commit(job, MEDIUM + CODE)
    await check(job, "--gate", "--no-wait")
    named = f"WARROOM_PUBLIC_URL={job.url}\nWARROOM_GATE_TOKEN={job.token}\n"
    (job.folder / ".env").write_text(named)
    seen = {name: value for name, value in job.sees().items() if "WARROOM" not in name}
    process = await asyncio.create_subprocess_exec(
        *WARROOM, "check", cwd=job.folder, env=seen, stdout=-1, stderr=-1
    )
    done = await ended(process)
    assert (done.code, "war room" in done.out) == (1, False)
