"""On SQLite one process does all; a second one on the same file says so and does not start."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.storage.single_process import InUseError, alone
from tests.staging.environment import ROOT, variables

NO_SLACK = "http://127.0.0.1:1/api/"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of the test's own, and the one environment of all commands in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name, value in variables(NO_SLACK, "sqlite:///warroom.db").items():
        monkeypatch.setenv(name, value)


def _done(*arguments: str, file: str = "warroom.db") -> tuple[int, str]:
    """What the command ends with and says."""
    runner = CliRunner(env={"DATABASE_URL": f"sqlite:///{file}"})
    done = runner.invoke(main, arguments)
    return done.exit_code, done.output


@contextmanager
def _serving() -> Iterator[subprocess.Popen[str]]:
    """A bot that has started, by the time this is entered."""
    command = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            assert "warroom.started" in (first := process.stderr.readline()), first
            yield process
        finally:
            process.kill()


def test_a_second_one_on_the_same_file_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "warroom.db")
    with _serving() as first:
        for file in ("warroom.db", "other.db"):
            code, said = _done("serve", file=file)
            assert code == 2, said
            assert f"in use by process {first.pid}" in said
            assert "Traceback" not in said
        code, said = _done("import", "-")
        assert code == 2, said
    assert _done("stats")[0] == 0


def test_who_only_looks_is_not_refused(tmp_path: Path) -> None:
    with _serving():
        assert _done("stats")[0] == 0
        code, said = _done("outbox", "list", "--json")
        assert (code, json.loads(said)["parked"]) == (0, [])
        assert _done("export", "out.jsonl")[0] == 0


def test_what_kill_9_leaves_behind_keeps_nobody_out(tmp_path: Path) -> None:
    with _serving() as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
    with _serving():
        assert _done("serve")[0] == 2


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_part_alone_needs_postgresql(tmp_path: Path, part: str) -> None:
    code, said = _done(part)
    assert code == 2
    assert "warroom serve" in said
    assert "postgresql://" in said
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    code, said = _done("serve", file="nowhere/warroom.db")
    assert code == 3
    assert "nowhere/warroom.db.lock" in said


def test_the_lock_is_one_a_file_and_none_in_memory(tmp_path: Path) -> None:
    one, two = tmp_path / "one.db", tmp_path / "two.db"
    held = pytest.raises(InUseError, match=f"process {os.getpid()}")
    with alone(one), alone(two), alone(None), alone(None), held, alone(one):
        pass
    with alone(one):
        pass
