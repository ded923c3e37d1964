"""Several processes of one command hear at one port, and none runs on without the others."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from tests.staging.environment import ROOT, variables

NO_SLACK = "http://127.0.0.1:1/api/"
Said = dict[str, Any]


@dataclass
class Several:
    """A parent that runs: what it and the others have said up to now, by their logs."""

    parent: subprocess.Popen[str]
    said: list[Said] = field(default_factory=list)

    def read(self, event: str, count: int) -> list[Said]:
        """So many lines of this event, which are waited for."""
        assert self.parent.stderr
        while len(found := [each for each in self.said if each["event"] == event]) < count:
            line = self.parent.stderr.readline()
            assert line, self.said
            self.said.append(json.loads(line))
        return found

    def rest(self) -> int:
        """Read on until nobody is left who could write, and give the parent's exit code."""
        assert self.parent.stderr
        self.said += map(json.loads, self.parent.stderr)
        return self.parent.wait(timeout=20)


@pytest.fixture
def url(postgres_url: str, emptying: Callable[[], object]) -> str:
    emptying()
    return postgres_url


@contextmanager
def _running(url: str, folder: Path, command: str, parts: int) -> Iterator[Several]:
    told = variables(NO_SLACK, url, WARROOM_METRICS_PORT=0)
    with subprocess.Popen(
        [sys.executable, "-m", "bot", command, "--processes", "2"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | told,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        several = Several(parent)
        try:
            several.read("warroom.started", parts)
            yield several
        finally:
            parent.kill()


def _processes(said: list[Said]) -> set[int]:
    return {each["process"] for each in said}


def _figures(address: str) -> set[str]:
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        return {line.decode().partition("{")[0].split()[0] for line in answer}


def _unsigned(address: str) -> None:
    """A webhook on a connection of its own, which each process refuses and logs."""
    with pytest.raises(HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/webhooks/violations", data=b"{}")


def test_two_hear_at_one_port_hear_what_the_parent_is_told_and_end_with_it(
    url: str, tmp_path: Path
) -> None:
    with _running(url, tmp_path, "web", 2) as several:
        started = several.read("warroom.started", 2)
        (address,) = {each["web"] for each in started}
        for _ in range(30):  # connections, of which each has one chance in two
            _unsigned(address)
        heard = Counter(each["process"] for each in several.read("webhook.refused", 30))
        assert len(heard) == 2, heard
        own, both = {"warroom_commit_orders_count"}, {"warroom_rooms", "warroom_build_info"}
        assert not own & _figures(address), "whose would they be?"
        assert both <= _figures(address)
        for each in started:
            assert own | both <= _figures(each["figures"])
        several.parent.send_signal(signal.SIGHUP)
        assert _processes(several.read("configuration.reloaded", 2)) == set(heard)
        several.parent.terminate()
        assert several.rest() == 0
        assert _processes(several.read("warroom.stopping", 2)) == set(heard)


def test_where_one_ends_all_do_and_the_exit_code_says_so(url: str, tmp_path: Path) -> None:
    with _running(url, tmp_path, "serve", 3) as several:
        started = several.read("warroom.started", 3)
        assert "library.logged" not in {each["event"] for each in several.said}, several.said
        (worker,) = (each["process"] for each in started if each["worker"])
        os.kill(worker, signal.SIGKILL)
        assert several.rest() == 128 + signal.SIGKILL
        assert _processes(several.read("warroom.stopping", 2)) == _processes(started) - {worker}


def test_where_the_parent_has_gone_the_others_end(url: str, tmp_path: Path) -> None:
    with _running(url, tmp_path, "web", 2) as several:
        several.parent.kill()
        several.rest()
        assert len(several.read("warroom.stopping", 2)) == 2


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """What a command that does not start says."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **changes: object) -> str:
        told = variables(NO_SLACK, "postgresql://warroom@127.0.0.1:1/warroom")
        given = told | {name: str(value) for name, value in changes.items()}
        done = CliRunner(env=given).invoke(main, arguments)
        assert done.exit_code == 2, done.output
        return done.output

    return run


@pytest.mark.parametrize("command", ["serve", "web"])
def test_several_need_postgresql(refused: Callable[..., str], command: str) -> None:
    sqlite = {"DATABASE_URL": "sqlite:///warroom.db"}
    for said in (
        refused(command, "--processes", "2", **sqlite),
        refused(command, WARROOM_PROCESSES=2, **sqlite),
    ):
        assert "needs PostgreSQL: an SQLite file is one process's" in said
        assert "warroom export" in said


def test_slack_takes_ten_sockets(refused: Callable[..., str]) -> None:
    said = refused("web", "--processes", "11", SLACK_APP_TOKEN="xapp-1")
    assert "found 11, need 10 at most with SLACK_APP_TOKEN" in said


def test_a_port_that_others_share_is_not_joined(refused: Callable[..., str]) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        assert "can't listen at" in refused("web", "--processes", "2", PORT=port)


@pytest.mark.parametrize("first", [65_535, "PORT"])
def test_each_has_a_port_for_its_figures(refused: Callable[..., str], first: int | str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = port - 1 if first == "PORT" else first
    said = refused("web", "--processes", "2", PORT=port, WARROOM_METRICS_PORT=first)
    assert f"WARROOM_METRICS_PORT: found {first}, need 2 ports" in said
