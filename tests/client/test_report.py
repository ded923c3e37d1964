"""`warroom gate` reports: what it has from its CI, and for what a verdict is found again."""

import asyncio
import json
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot.client import report
from bot.client.bot import Bot
from bot.client.ci.system import Run
from bot.client.ci.systems import run
from bot.client.gate import Gate, Manner
from bot.domain import commands as c
from bot.domain.violation import Initiator, Origin, Report, Violation
from bot.domain.war_room import Category
from bot.errors import UsageError
from tests.build import APPROVE, JUSTIFICATION, acting, jude, val
from tests.client.job import WARROOM, Done, Job, ended, said
from tests.staging.environment import TOKEN
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database
COMMIT = "7d3c0f9a4b2e8651"
WORDS = ("--title", "ranker is fine-tuned", "--policy", "pii-fine-tuning", "--subject", "model:r@7")
CI = {
    "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/ranker", "CI_COMMIT_SHA": COMMIT,
    "GITLAB_USER_EMAIL": "ada@acme.test", "CI_MERGE_REQUEST_IID": "42",
    "CI_JOB_URL": "https://git.acme.test/acme/ranker/-/jobs/1", "CI_PIPELINE_ID": "9",
    "CI_JOB_NAME": "gate", "CI_COMMIT_MESSAGE": "Train on more\n", "CI_ENVIRONMENT_NAME": "prod",
    "CI_COMMIT_AUTHOR": "Ada <ada@acme.test>",
}  # fmt: skip
REJECT = c.Reject(reason="Not with this data.")


@pytest.fixture
def job(stage: Stage, tmp_path: Path) -> Job:
    return Job(tmp_path, stage.here.url)


async def _reported(
    stage: Stage, job: Job, *words: str, given: str = "", **variables: str
) -> tuple[Done, Violation]:
    """What a report gives that doesn't wait, and the violation that it was."""
    done = await job.gate(*words, "--no-wait", "--json", given=given, **{**CI, **variables})
    assert done.out, done.err
    violation = stage.app.engine.store.violation(json.loads(done.out)["violation_id"])
    assert violation
    return done, violation


async def test_a_report_is_made_of_flags_and_of_what_the_ci_says(stage: Stage, job: Job) -> None:
    facts = (
        "--fact",
        "dataset.name=customers_eu",
        "--fact",
        "rows=1200",
        "--fact",
        "dataset.eu=true",
    )
    more = ("--severity", "critical", "--digest", "sha256:ab", "--dedup-key", "k")
    done, violation = await _reported(stage, job, *WORDS, *facts, *more)
    assert done.code == 4
    assert f"war room {json.loads(done.out)['room_id']}" in done.err
    told = violation.report
    assert told.facts == {"dataset": {"name": "customers_eu", "eu": True}, "rows": 1200}
    assert (told.severity, told.dedup_key, told.initiator.email) == (
        "critical",
        "k",
        "ada@acme.test",
    )
    assert told.subject.model_dump(exclude_none=True) == {
        "kind": "model", "name": "r", "version": "7", "digest": "sha256:ab",
    }  # fmt: skip
    assert told.origin.model_dump(mode="json", exclude_defaults=True) == {
        "system": "gitlab-ci", "repository": "acme/ranker", "commit": COMMIT, "pull_request": 42,
        "run_url": CI["CI_JOB_URL"], "environment": "prod", "run_id": "9", "job": "gate",
        "commit_message": "Train on more", "author": "Ada <ada@acme.test>",
    }  # fmt: skip


async def test_a_report_is_read_from_a_file_or_standard_input(
    stage: Stage, job: Job, tmp_path: Path
) -> None:
    """What it says itself counts, the CI fills in what it doesn't."""
    body = json.dumps(
        {"policy": "pii-fine-tuning", "title": "ä", "initiator": {"github": "viv"},
         "origin": {"commit": "1" * 40}}
    )  # fmt: skip
    (tmp_path / "v.json").write_text(body)
    _, one = await _reported(stage, job, "--file", "v.json")
    _, same = await _reported(stage, job, "--file", "-", given=body)
    assert same.id == one.id
    assert (one.report.title, one.report.initiator.label) == ("ä", "viv")
    assert (one.report.origin.commit, one.report.origin.repository) == ("1" * 40, "acme/ranker")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--policy", "p"), "--title is needed"),
        (("--title", "t", "--subject", "ranker"), "--subject: found 'ranker', need KIND:NAME"),
        (("--title", "t", "--fact", "a"), "--fact: found 'a', need NAME=VALUE"),
        (("--title", "t", "--fact", "a=1", "--fact", "a.b=1"), "--fact: found 'a.b=1'"),
        (("--file", "none.json"), "No such file or directory"),
        (("--file", "-"), "<stdin> is empty, need a report in JSON"),
        (("--file", ""), "found no name, need a file's, or `-` for standard input"),
        (("--file", "empty.json"), "empty.json is empty, need a report in JSON"),
        (("--file", "bare.json"), "found an object without keys, need a title at least"),
        (("--file", "text.json"), "is not JSON"),
        (("--title", "t"), "need one of --initiator-email, --initiator-github, --initiator-slack"),
        (("--title", "t", "--initiator-email", "a@b.test", "--policy", "pii"), "answered 422"),
    ],
)
async def test_what_can_not_be_reported_is_said(
    stage: Stage, job: Job, words: tuple[str, ...], said: str
) -> None:
    for name, content in (("empty", "\n"), ("bare", "{}"), ("text", "title: x")):
        (job.folder / f"{name}.json").write_text(content)
    done = await job.gate(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert stage.app.engine.store.open_rooms() == []


@pytest.mark.parametrize(
    ("command", "who", "code"),
    [(APPROVE, val.name, 0), (REJECT, jude.name, 1)],
    ids=["allow", "block"],
)
async def test_the_same_commit_run_again_finds_its_verdict_at_once(
    stage: Stage, job: Job, command: c.Command, who: str, code: int
) -> None:
    _, first = await _reported(stage, job, *WORDS)
    (room,) = stage.app.engine.store.open_rooms()
    await stage.app.engine.handle(room.id, command, acting(who))
    done, again = await _reported(
        stage, job, *WORDS, CI_PIPELINE_ID="10", CI_JOB_URL="https://x.y/2"
    )
    assert (done.code, again.id) == (code, first.id)


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ((), {"CI_COMMIT_SHA": "1" * 16}),
        ((), {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "1" * 16}),
        (("--digest", "sha256:other"), {}),
        (("--fact", "rows=1"), {}),
    ],
    ids=str,
)
async def test_a_block_is_the_verdict_on_nothing_else(
    stage: Stage, job: Job, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    """Not on another commit, digest or fact: what was rejected is asked about anew."""
    await _reported(stage, job, *WORDS)
    (room,) = stage.app.engine.store.open_rooms()
    await stage.app.engine.handle(room.id, REJECT, acting(jude.name))
    done, _ = await _reported(stage, job, *WORDS, *words, **variables)
    assert (done.code, json.loads(done.out)["verdict"]) == (4, "pending")


async def test_a_new_commit_ends_the_wait_for_the_older_one(stage: Stage, job: Job) -> None:
    older = await job.start(*WARROOM, "gate", *WORDS, stdin=DEVNULL, stderr=PIPE, **CI)
    await said(older, "war room ")
    done, _ = await _reported(stage, job, *WORDS, CI_COMMIT_SHA="1" * 16)
    assert json.loads(done.out)["verdict"] == "pending"
    ended_as = await ended(older)
    assert ended_as.code == 1
    assert ended_as.lines[-1].startswith("block: superseded by a newer commit")


async def test_what_was_allowed_until_an_end_that_has_passed_is_asked_anew(
    stage: Stage, job: Job
) -> None:
    await _reported(stage, job, *WORDS)
    (room,) = stage.app.engine.store.open_rooms()
    order = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    await stage.app.engine.handle(room.id, order, acting(jude.name))
    assert (await _reported(stage, job, *WORDS))[0].code == 0
    stage.move(timedelta(days=8))
    done, once = await _reported(stage, job, *WORDS)
    assert (done.code, "it was allowed until" in done.err) == (4, True)
    _, twice = await _reported(stage, job, *WORDS)
    assert once.id == twice.id


async def test_of_several_reports_the_gravest_verdict_counts(stage: Stage) -> None:
    """All are reported before one is waited for, and who blocks one blocks them all."""
    said: list[str] = []

    async def code() -> int:
        bodies = (
            {"policy": "pii-fine-tuning", "title": name, "initiator": {"github": "ada"},
             "subject": {"name": name}, "origin": {"commit": COMMIT}}
            for name in ("ranker", "reader", "writer")
        )  # fmt: skip
        bot, manner = Bot(stage.here.url, TOKEN), Manner(seconds=0)
        gate = Gate(bot, manner, said.append, said.append, StringIO())
        return await asyncio.to_thread(gate.report, *bodies)

    assert await code() == 4
    rooms = sorted(stage.app.engine.store.open_rooms(), key=lambda room: room.title)
    assert [room.title for room in rooms] == ["ranker", "reader", "writer"]
    await stage.app.engine.handle(rooms[0].id, APPROVE, acting(val.name))
    assert await code() == 4
    await stage.app.engine.handle(rooms[1].id, REJECT, acting(jude.name))
    assert await code() == 1
    assert "block: rejected by jude: Not with this data." in said[-1]
    assert len(stage.app.engine.store.open_rooms()) == 1


def test_without_a_commit_or_a_digest_no_report_is_the_same() -> None:
    known = {"origin": {"commit": COMMIT}}
    assert report.key({}, "t") != report.key({}, "t")
    assert report.key(known, "t") == report.key(known, "t")
    assert (
        len({report.key(known, "t"), report.key(known, "u"), report.key(known, "t", "2026")}) == 3
    )
    with pytest.raises(UsageError, match="who made the change is not known"):
        report.body(Run(), {"title": "t"})


async def test_the_verdict_is_told_to_github(stage: Stage, job: Job, tmp_path: Path) -> None:
    """By an annotation, the step's outputs and its summary; what people wrote commands nothing."""
    answer = await stage.send()
    await stage.card(answer)
    refused = c.Reject(reason="No.\n::error::[x](y) 100%")
    await stage.app.engine.handle(answer["room_id"], refused, acting(jude.name))
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    done = await job.gate(answer["violation_id"], "--output", "github", **files)
    room = (await stage.gate(answer["violation_id"]))["room_url"]
    said = "block: rejected by jude: No. ::error::[x](y) 100%"
    assert done.code == 1
    assert done.lines[-1] == f"::error title=War room%3A block::{said}25 {room}"
    outputs = dict(
        line.split("=", 1) for line in (tmp_path / "GITHUB_OUTPUT").read_text().splitlines()
    )
    assert outputs == {
        "verdict": "block", "outcome": "rejected", "decided_by": "jude", "room_url": room,
        "reason": "No. ::error::[x](y) 100%", "violation_id": answer["violation_id"],
        "room_id": answer["room_id"],
    }  # fmt: skip
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert summary.startswith("### War room: block\n\n")
    assert f"[The war room]({room})" in summary
    assert "\\[x\\]\\(y\\)" in summary


async def test_the_verdict_is_a_dotenv_report_for_gitlab(
    stage: Stage, job: Job, tmp_path: Path
) -> None:
    answer = await stage.send()
    done = await job.gate(answer["violation_id"], "--no-wait", "--json", "--output", "gitlab")
    assert json.loads(done.out)["verdict"] == "pending"
    told = (tmp_path / "warroom.env").read_text().splitlines()
    assert told[0] == "WARROOM_VERDICT=pending"
    assert f"WARROOM_VIOLATION_ID={answer['violation_id']}" in told


async def test_where_nobody_answers_the_ci_is_told_that_it_is_unknown(tmp_path: Path) -> None:
    away = Job(tmp_path, "http://127.0.0.1:1")
    done = await away.gate("x", "--no-wait", "--output", "gitlab")
    assert done.code == 3
    assert (tmp_path / "warroom.env").read_text().startswith("WARROOM_VERDICT=unknown\n")


def _event(folder: Path, event: dict[str, Any]) -> dict[str, str]:
    (folder / "event.json").write_text(json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/ranker", "GITHUB_SHA": "f" * 40,
        "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "gate",
        "GITHUB_ACTOR": "ada", "GITHUB_EVENT_PATH": str(folder / "event.json"),
    }  # fmt: skip


def test_of_a_pull_request_on_github_its_head_and_who_opened_it(tmp_path: Path) -> None:
    """What is checked out there is a merge that nobody wrote; a bot stands for nobody."""
    head = {"number": 42, "head": {"sha": COMMIT}, "user": {"login": "viv"}}
    found = run(_event(tmp_path, {"pull_request": head}))
    assert found.initiator == {"github": "viv"}
    assert found.origin == {
        "system": "github-actions", "repository": "acme/ranker", "commit": COMMIT,
        "pull_request": 42, "run_id": "7", "job": "gate",
        "run_url": "https://github.com/acme/ranker/actions/runs/7/attempts/2",
    }  # fmt: skip
    bots = {"pull_request": {**head, "user": {"login": "dependabot[bot]"}}}
    assert run(_event(tmp_path, bots)).initiator == {"github": "ada"}


def test_of_a_push_on_github_what_its_event_says(tmp_path: Path) -> None:
    author = {"name": "Ada", "email": "ada@acme.test", "username": "ada"}
    pushed = {"head_commit": {"message": "Train on more", "author": author}}
    found = run(_event(tmp_path, pushed))
    assert (found.origin["commit"], found.origin["commit_message"]) == ("f" * 40, "Train on more")
    assert found.initiator == {"github": "ada", "email": "ada@acme.test"}
    for broken in ("{", "[]", None):
        path = tmp_path / "event.json"
        path.write_text(broken) if broken else path.unlink()
        assert run({**_event(tmp_path, {}), "GITHUB_EVENT_PATH": str(path)}).origin["commit"]


def test_of_what_people_write_as_much_is_sent_as_a_violation_holds() -> None:
    """And nothing that is no text: a variable may be of any bytes."""
    said = "ä\udcff" * 5000
    long = {"CI_COMMIT_MESSAGE": said, "CI_COMMIT_AUTHOR": said, "CI_JOB_NAME": said}
    origin = run({**CI, **long}).origin
    Report(title="t", initiator=Initiator(name="Ada"), origin=Origin(**origin))
    assert origin["commit_message"] == "ä?" * 1000


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://user:secret@git.acme.test/acme/ranker.git", "acme/ranker"),
        ("git@git.acme.test:acme/search/ranker.git", "acme/search/ranker"),
        ("ssh://git@git.acme.test:2222/acme/ranker/", "acme/ranker"),
        ("/srv/git/ranker", None),
    ],
)
def test_of_a_repository_in_jenkins_its_path_and_no_password(url: str, name: str | None) -> None:
    assert run({"JENKINS_URL": "x", "GIT_URL": url}).origin.get("repository") == name


def test_of_a_build_in_jenkins_what_git_knows_of_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.test")
    (tmp_path / "train.py").write_text("")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "First"), ("rev-parse", "HEAD")):
        done = subprocess.run(("git", *author, *words), check=True, capture_output=True, text=True)
    (tmp_path / "bün.py").write_text("")
    for words in (("add", "."), ("commit", "-qm", "Train\n\non more"), ("rev-parse", "HEAD")):
        done = subprocess.run(("git", *author, *words), check=True, capture_output=True, text=True)
    commit = done.stdout.strip()
    found = run(
        {"JENKINS_URL": "https://ci.acme.test/", "GIT_COMMIT": commit, "BUILD_NUMBER": "5",
         "GIT_URL": "https://user:secret@git.acme.test/acme/ranker.git", "CHANGE_ID": "42"}
    )  # fmt: skip
    assert found.initiator == {"email": "ada@acme.test"}
    assert found.origin == {
        "system": "jenkins", "repository": "acme/ranker", "commit": commit, "pull_request": 42,
        "run_id": "5", "author": "Ada <ada@acme.test>", "commit_message": "Train\n\non more",
        "changed_files": ["bün.py"],
    }  # fmt: skip
    assert run({"JENKINS_URL": "x", "GIT_COMMIT": "0" * 40}).initiator == {}
