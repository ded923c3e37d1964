"""Files that change while the bot runs: taken up whole or not at all, by every process."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from bot.cli.main import main
from bot.domain.configuration import CONFIGURATION, STREAM_ID, ConfigurationLoaded
from bot.engine.engine import Engine
from bot.engine.people import refresh
from bot.engine.reloading import Reloading
from bot.engine.wakeups import Wakeups
from bot.integrations.registry import with_built_in
from bot.local_slack import LocalSlack, People
from bot.policies.load import load
from bot.policies.matching import NoPolicyError
from bot.storage.database import Database
from tests.build import report
from tests.outgoing import FOLLOWING
from tests.staging.environment import CONFIG, variables
from tests.staging.pipeline import body
from tests.staging.stage import Stage, staged

SECTIONS = with_built_in().sections


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WARROOM_GITHUB_SECRET", "a secret of the tests")
    return shutil.copytree(CONFIG, tmp_path / "config")


def change(folder: Path, old: str, new: str, file: str = "policies.yaml") -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
async def stage(
    local_slack: LocalSlack, people: People, database_url: str, folder: Path
) -> AsyncIterator[Stage]:
    async with staged(local_slack, people, database_url, warroom_config=folder) as stage:
        yield stage


def window(stage: Stage, answer: dict[str, str]) -> float:
    room = stage.app.engine.store.room(answer["room_id"])
    assert room
    return room.window.total_seconds()


@pytest.mark.either_database
async def test_what_comes_after_a_reload_is_under_the_new_files_and_open_rooms_keep_theirs(
    stage: Stage, folder: Path
) -> None:
    before = await stage.send(policy="model-export", dedup_key="a")
    change(folder, "window: 2h", "window: 3h")
    change(folder, "id: production-drift", "id: drift")
    change(folder, "production-drift", "drift", "sources.yaml")
    change(folder, "[val, viv]", "[viv, val]", "people.yaml")
    await stage.app.reloading.reload()
    after = await stage.send(policy="model-export", dedup_key="b")
    assert (window(stage, before), window(stage, after)) == (2 * 3600, 3 * 3600)
    engine, store = stage.app.engine, stage.app.engine.store
    rooms = [store.room(answer["room_id"]) for answer in (before, after)]
    old, new = (engine.rules_of(room).policy for room in rooms if room)
    assert (old.window.total_seconds(), new.window.total_seconds()) == (7200, 10800)
    # The webhook checks what a body names by the new files as well.
    drift = await stage.send(policy="drift")
    assert drift["room_id"]
    gone = {"policy": "production-drift", "title": "t", "initiator": {"slack": "U0ADA"}}
    answer = await stage.post(json.dumps(gone).encode())
    assert (answer.status_code, "no policy 'production-drift'" in answer.text) == (422, True)
    loads = [
        each.event
        for each in store.stream(CONFIGURATION, STREAM_ID)
        if isinstance(each.event, ConfigurationLoaded)
    ]
    assert set(loads[-1].policies) >= {"model-export", "drift"}
    assert loads[-1].removed == ("production-drift",)
    assert new.digest == loads[-1].policies["model-export"]


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("old", "new", "file", "said"),
    [
        ("window: 2h", "windw: 2h", "policies.yaml", "did you mean 'window'?"),
        ("jude:", "judas:", "people.yaml", "found the unknown"),
        ("policies:", "policies: [", "sources.yaml", "no valid YAML"),
    ],
)
async def test_files_that_cannot_be_used_change_nothing_and_are_told(
    stage: Stage, folder: Path, old: str, new: str, file: str, said: str
) -> None:
    engine = stage.app.engine
    config = engine.config
    change(folder, old, new, file)
    with capture_logs() as logs:
        await stage.app.reloading.reload()
    (refused,) = [each for each in logs if each["event"] == "configuration.refused"]
    assert any(said in each for each in refused["problems"])
    assert engine.config is config
    assert (await stage.send(policy="model-export"))["room_id"]
    assert not await refresh(engine)


@pytest.mark.either_database
async def test_a_source_that_is_new_is_heard_and_a_host_that_is_allowed_is_called_at_once(
    stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ping = {"x-github-event": "ping", "x-hub-signature-256": "sha256=00"}
    path = folder / "sources.yaml"
    text = path.read_text()
    called_back = body(callback_url="http://127.0.0.1:9/")
    assert "127.0.0.1" in (await stage.post(called_back)).text
    path.write_text("callbacks: {allow: [127.0.0.1]}\n")
    await stage.app.reloading.reload()
    assert (await stage.web.post("/webhooks/github", headers=ping)).status_code == 404
    assert (await stage.post(called_back)).status_code == 202
    path.write_text(text)
    await stage.app.reloading.reload()
    assert (await stage.web.post("/webhooks/github", headers=ping)).status_code == 401
    assert (await stage.post(called_back)).status_code == 422


@pytest.mark.either_database
async def test_an_import_that_is_new_is_run_at_once(stage: Stage, folder: Path) -> None:
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\n")
    people = folder / "people.yaml"
    people.write_text(f"{people.read_text()}import: [{{csv: staff.csv}}]\n")
    engine = stage.app.engine
    assert not engine.people.owners("github:ada-gh")
    await stage.app.reloading.reload()
    async with asyncio.timeout(20):
        while not engine.people.owners("github:ada-gh"):
            await engine.wakeups.room_changed(STREAM_ID, 0.2)


@asynccontextmanager
async def process(database: Database, folder: Path) -> AsyncIterator[tuple[Engine, Reloading]]:
    """A process with files of its own."""
    read = partial(load, folder, SECTIONS)
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, read(), lambda: datetime.now(UTC), wakeups, FOLLOWING)
    await engine.start(folder.name)
    try:
        yield engine, Reloading(engine, read, folder.name)
    finally:
        await asyncio.to_thread(engine.stop)


async def test_a_policy_that_is_loaded_no_more_answers_to_no_violation(
    database: Database, folder: Path
) -> None:
    async with process(database, folder) as (engine, _):
        with pytest.raises(NoPolicyError):
            await engine.report(report(policy="gone"), "violations", "d1")


def hours(engine: Engine) -> float:
    return engine.config.policies["model-export"].window.total_seconds() / 3600


async def test_who_asks_one_process_has_asked_all_whose_files_say_the_same(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(folder, tmp_path / "other")
    async with (
        process(database, folder) as (first, reloading),
        process(database, folder) as (second, second_reloading),
        process(database, other) as (third, third_reloading),
    ):
        change(folder, "window: 2h", "window: 3h")
        await reloading.reload()
        for engine, follows in ((second, second_reloading), (third, third_reloading)):
            assert await refresh(engine)
            assert engine.is_outdated
            await follows.follow()
        assert [hours(each) for each in (first, second, third)] == [3, 3, 2]
        assert first.configuration == second.configuration
        assert [each.is_outdated for each in (first, second, third)] == [False, False, True]
        # What none of them records again goes to and fro between none of them.
        assert not await refresh(first)
        change(other, "window: 2h", "window: 3h")
        await third_reloading.follow()
        assert (hours(third), third.is_outdated) == (3, False)
        assert not await refresh(first)


async def test_the_command_has_what_runs_go_on_with_the_files(
    database: Database, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def command() -> tuple[int, str]:
        done = CliRunner().invoke(main, ["policy", "reload"])
        return done.exit_code, done.output

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))
    async with process(database, folder) as (engine, reloading):
        code, said = await asyncio.to_thread(command)
        assert (code, "nothing has changed" in said) == (0, True), said
        assert not await refresh(engine)
        change(folder, "window: 2h", "windw: 2h")
        code, said = await asyncio.to_thread(command)
        assert code == 1
        assert "policies.yaml:" in said
        assert "did you mean 'window'?" in said
        assert "Nothing has changed" in said
        assert not await refresh(engine)
        change(folder, "windw: 2h", "window: 3h")
        code, said = await asyncio.to_thread(command)
        assert (code, "is on record" in said) == (0, True), said
        assert await refresh(engine)
        await reloading.follow()
        assert hours(engine) == 3


def test_a_hangup_has_the_files_read_anew_and_ends_nothing(tmp_path: Path, folder: Path) -> None:
    environment = os.environ | variables(
        "http://127.0.0.1:1/api/", f"sqlite:///{tmp_path}/warroom.db", WARROOM_CONFIG=folder
    )
    command = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as bot:
        assert bot.stderr

        def said(event: str) -> str:
            assert bot.stderr
            return next(line for line in bot.stderr if event in line)

        assert said("warroom.started")
        change(folder, "window: 2h", "windw: 2h")
        bot.send_signal(signal.SIGHUP)
        assert "did you mean 'window'?" in said("configuration.refused")
        change(folder, "windw: 2h", "window: 3h")
        bot.send_signal(signal.SIGHUP)
        assert said("configuration.reloaded")
        bot.send_signal(signal.SIGTERM)
        assert "Traceback" not in bot.stderr.read()
    assert bot.returncode == 0
