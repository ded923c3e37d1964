"""The recipes of `config/ci` hold what they say: their own shell, run against a bot that runs."""

import asyncio
import json
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.domain import commands as c
from bot.domain.commands import Command
from bot.domain.war_room import WarRoom
from tests.build import APPROVE, acting, jude, val
from tests.client import recipes
from tests.client.job import SECONDS, Job, ended
from tests.staging.environment import TOKEN
from tests.staging.pipeline import body
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database
COMMIT = "7d3c0f9a4b2e8651"
REJECT = c.Reject(reason="Not with this data.")
RECIPES: dict[str, tuple[Callable[[], Iterator[recipes.Job]], dict[str, str]]] = {
    "github": (
        recipes.github,
        {
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/ranker", "GITHUB_SHA": COMMIT,
            "GITHUB_RUN_ID": "1", "GITHUB_ACTOR": "ada", "GITHUB_REF": "refs/pull/42/merge",
        },
    ),
    "gitlab": (
        recipes.gitlab,
        {
            "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/ranker", "CI_COMMIT_SHA": COMMIT,
            "GITLAB_USER_EMAIL": "ada@acme.test",
        },
    ),
    "jenkins": (
        recipes.jenkins,
        {
            "JENKINS_URL": "https://ci.acme.test/", "GIT_COMMIT": COMMIT,
            "GIT_URL": "https://git.acme.test/acme/ranker.git",
            "CHANGE_AUTHOR_EMAIL": "ada@acme.test",
        },
    ),
    "airflow": (recipes.airflow, {"COMMIT": COMMIT}),
}  # fmt: skip


class Runner:
    """Carries a recipe out in a folder; `make` writes down what it was asked to make."""

    def __init__(self, folder: Path, stage: Stage, sees: dict[str, str]) -> None:
        tools = folder / "tools"
        tools.mkdir()
        (tools / "make").write_text(f'#!/bin/sh\necho "$1" >> {folder}/made\n')
        (tools / "make").chmod(0o755)
        self._folder, self._tools, self._stage = folder, tools, stage
        self._job, self._sees = Job(folder, stage.here.url), sees
        self._values: dict[str, str] = {}
        self.log = ""

    @property
    def made(self) -> list[str]:
        """What was made."""
        path = self._folder / "made"
        return path.read_text().split() if path.exists() else []

    async def run(self, jobs: Iterator[recipes.Job], pin: str = "") -> list[str]:
        """The jobs that failed; `pin` is the digest unless the bot's own is."""
        digest = pin or (await self._stage.web.get("/client/warroom.pyz.sha256")).text.split()[0]
        self._sees = {**self._sees, "WARROOM_SHA256": digest}
        self._values = {
            "vars.WARROOM_PUBLIC_URL": self._stage.here.url,
            "vars.WARROOM_SHA256": digest,
            "secrets.WARROOM_GATE_TOKEN": TOKEN,
        }
        failed: list[str] = []
        for job in jobs:
            if (job.always or not failed) and not await self._succeeds(job):
                failed.append(job.name)
        return failed

    async def _succeeds(self, job: recipes.Job) -> bool:
        for step in job.steps:
            path = self._folder / f"{job.name}{step.id}.output".replace("'", "")
            sees = {
                "PATH": f"{self._tools}:{self._job.sees()['PATH']}",
                "RUNNER_TEMP": str(self._folder),
                "GITHUB_OUTPUT": str(path),
                **self._sees,
                **{name: recipes.filled(text, self._values) for name, text in step.sees.items()},
                **_dotenv(self._folder / "warroom.env"),
            }
            words = (*step.shell, step.script)
            done = await ended(await self._job.start(*words, stdin=DEVNULL, stderr=STDOUT, **sees))
            self.log += done.out
            for name, value in _dotenv(path).items():
                self._values[f"needs.{job.name}.outputs.{name}"] = value
            if done.code:
                return False
        return True


def _dotenv(path: Path) -> dict[str, str]:
    """The variables in a file, a line each."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines)


async def _opened(stage: Stage, waiting: Callable[[], object]) -> WarRoom:
    """The one room, once it is there."""
    async with asyncio.timeout(SECONDS):
        while not (rooms := await asyncio.to_thread(stage.app.engine.store.open_rooms)):
            assert waiting(), "it has ended before there was a room"
            await stage.app.engine.wakeups.room_changed("any", 0.05)
    (room,) = rooms
    return room


async def _decide(stage: Stage, command: Command, who: str, waiting: Callable[[], object]) -> None:
    """Decide on the one room, once it is there."""
    room = await _opened(stage, waiting)
    assert room.violation.report.origin.commit == COMMIT
    await stage.app.engine.handle(room.id, command, acting(who))


@pytest.mark.parametrize("name", RECIPES)
async def test_what_is_allowed_goes_on(stage: Stage, tmp_path: Path, name: str) -> None:
    jobs, sees = RECIPES[name]
    runner = Runner(tmp_path, stage, sees)
    running = asyncio.create_task(runner.run(jobs()))
    await _decide(stage, APPROVE, val.name, lambda: not running.done())
    assert (await running, runner.made) == ([], ["train", "publish"]), runner.log


async def test_a_commit_that_somebody_has_given_adds_nothing_to_a_report(
    stage: Stage, tmp_path: Path
) -> None:
    """It is a value, whatever stands in it."""
    commit = 'x", "environment": "staging'
    runner = Runner(tmp_path, stage, {"COMMIT": commit})
    running = asyncio.create_task(runner.run(iter([next(recipes.airflow())])))
    room = await _opened(stage, lambda: not running.done())
    origin = room.violation.report.origin
    assert (origin.commit, origin.environment) == (commit, None)
    await stage.app.engine.handle(room.id, REJECT, acting(jude.name))
    assert await running == ["'gate'"]


@pytest.mark.parametrize("name", RECIPES)
async def test_what_fails_stays_failed(stage: Stage, tmp_path: Path, name: str) -> None:
    """Nothing is made behind a block, not even by what runs in any case."""
    jobs, sees = RECIPES[name]
    runner = Runner(tmp_path, stage, sees)
    running = asyncio.create_task(runner.run(jobs()))
    await _decide(stage, REJECT, jude.name, lambda: not running.done())
    failed = await running
    assert (len(failed), runner.made) == (2, []), runner.log
    assert "block: rejected by jude: Not with this data." in runner.log


@pytest.mark.parametrize("name", RECIPES)
async def test_what_was_fetched_is_not_run_unless_it_is_what_was_pinned(
    stage: Stage, tmp_path: Path, name: str
) -> None:
    jobs, sees = RECIPES[name]
    runner = Runner(tmp_path, stage, sees)
    first = next(jobs())
    assert await runner.run(iter([first]), pin="0" * 64) == [first.name]
    assert "warroom.pyz: FAILED" in runner.log
    assert stage.app.engine.store.open_rooms() == []


@pytest.mark.parametrize(
    ("command", "who", "code", "said"),
    [
        (APPROVE, val.name, 0, "allow: "),
        (REJECT, jude.name, 1, "block: Not with this data."),
    ],
    ids=["allow", "block"],
)
async def test_curl_alone_waits_for_the_verdict(
    stage: Stage, tmp_path: Path, command: Command, who: str, code: int, said: str
) -> None:
    (tmp_path / "violation.json").write_bytes(body(origin={"commit": COMMIT}))
    job = Job(tmp_path, stage.here.url)
    script = ("sh", str(recipes.CI / "gate.sh"), "violation.json")
    step = await job.start(*script)
    await _decide(stage, command, who, lambda: step.returncode is None)
    done = await ended(step)
    assert done.code == code, done
    assert said in done.lines[-1]
    again = await ended(await job.start(*script))
    assert (again.code, again.lines[-1]) == (code, done.lines[-1])


async def test_curl_alone_knows_nothing_where_nobody_answers(tmp_path: Path) -> None:
    (tmp_path / "violation.json").write_text(json.dumps({}))
    away = Job(tmp_path, "http://127.0.0.1:1")
    script = ("sh", str(recipes.CI / "gate.sh"), "violation.json")
    done = await ended(await away.start(*script, WARROOM_TRIES="1", WARROOM_PAUSE="0"))
    assert (done.code, "not known: http://127.0.0.1:1 doesn't answer" in done.err) == (3, True)
