"""`warroom demo` and `warroom sandbox`, as a user types them."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.demo import browser, show


def _warroom(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@contextmanager
def _started(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and the one address that it prints."""
    without = {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"}
    inherited = {name: value for name, value in os.environ.items() if name not in without}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        said = ""
        try:
            while (found := re.search(r"http://\S+", said)) is None:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield process, found[0]
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_prints_an_address_that_answers_and_stops_cleanly(number: signal.Signals) -> None:
    with _started("demo", "--no-browser", SLACK_BOT_TOKEN="xoxb-theirs", PORT="many") as (
        process,
        address,
    ):
        state = httpx.get(f"{address}control/state", trust_env=False)
        assert state.status_code == 200
        names = {person["name"] for person in state.json()["people"]}
        assert names >= {"ada", "val", "jude", "bea"}
        process.send_signal(number)
        assert process.stdout
        rest = process.stdout.read()
        assert process.wait() == 0, rest
    assert rest.endswith("Stopped; nothing was kept.\n")
    assert "Traceback" not in rest
    assert "http://" not in rest


def test_demo_goes_on_where_it_was_kept(tmp_path: Path) -> None:
    keep = str(tmp_path / "kept")
    for _ in range(2):
        with _started("demo", "--no-browser", "--keep", keep) as (process, _address):
            process.send_signal(signal.SIGINT)
            assert process.stdout
            rest = process.stdout.read()
            assert process.wait() == 0, rest
        assert f"it was kept in {keep}" in rest


def test_a_closed_terminal_leaves_nothing_behind(tmp_path: Path) -> None:
    """The shell and the system may both say that it is closed, and nobody reads any more."""
    with _started("demo", "--no-browser", TMPDIR=str(tmp_path)) as (process, _address):
        assert list(tmp_path.iterdir())
        assert process.stdout
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        assert process.wait() == 0
    assert not list(tmp_path.iterdir())


async def test_what_is_stopped_while_it_starts_opens_no_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, said = list[str](), list[str]()
    monkeypatch.setattr(browser, "available", lambda *_: True)
    monkeypatch.setattr(browser, "open_in_browser", lambda url, _: opened.append(url))

    def echo(line: str) -> None:
        said.append(line)
        if line.startswith("Starting the bot"):
            signal.raise_signal(signal.SIGINT)

    await show.run(0, None, echo, with_browser=True)
    assert not opened
    assert said[-1] == "Stopped; nothing was kept."
    assert not [line for line in said if "http://" in line]


INTERRUPTED = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
from bot.cli.main import main
main(["demo", "--no-browser"])
"""


@pytest.mark.parametrize("module", ["bot.storage.store", "bot.demo.show", "bot.demo.stage"])
def test_ctrl_c_while_it_is_loaded_ends_it_quietly(module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED, module]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (130, "Stopped."), done.stdout


def test_demo_opens_the_browser_with_its_address(tmp_path: Path) -> None:
    """A browser that stays, and that nobody can see, is no reason to wait or to fail."""
    pipe, opener = tmp_path / "opened", tmp_path / "browser"
    os.mkfifo(pipe)
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {pipe}\n')
    opener.chmod(0o755)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with _started("demo", BROWSER=str(opener)) as (process, address):
        assert select.select([reader], [], [], 30)[0]
        assert os.read(reader, 1000).decode() == address
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    os.close(reader)


def test_a_browser_that_fails_is_no_reason_to_stop() -> None:
    with _started("demo", BROWSER="/nowhere/browser") as (process, address):
        assert httpx.get(f"{address}control/state", trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0


def test_two_demos_run_beside_each_other() -> None:
    with _started("demo", "--no-browser") as (_, one), _started("demo", "--no-browser") as (_, two):
        assert one != two


def test_demo_says_what_it_cannot_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = _warroom("demo", "--no-browser", "--port", port)
    assert done.exit_code == 2
    assert f"--port: can't listen at 127.0.0.1:{port}: Address already in use" in done.output
    (tmp_path / "file").touch()
    done = _warroom("demo", "--no-browser", "--keep", str(tmp_path / "file" / "x"))
    assert (done.exit_code, "--keep: can't write to" in done.output) == (2, True)
    done = _warroom("demo", "--headless-story", "--port", "3000")
    assert (done.exit_code, "--headless-story" in done.output) == (2, True)


def test_demo_tells_its_story_without_a_browser() -> None:
    done = _warroom("demo", "--headless-story")
    assert done.exit_code == 0, done.output
    steps = (
        "allow, cleared by internal-copies (policies.yaml:",
        "Allowed at once on ",
        "allow: approved by Val",
        "Allowed: approved by val as validator",
        "allow, waived until ",
        "Allowed: waived by exception ",
        "$ warroom check --gate reranker",
        "reranker/train.py:7:32: medium undeclared",
        "allow: approved by val",
        "exit code   0: the pipeline goes on",
        "override",
        "held back",
        "approve     by Val: it waits for a second person",
        "allow: approved by Jude, whom Val had asked to",
        "reminder",
        "backup",
        "last call",
        "block: expired by the clock",
        "hears that it has ended",
        "block: what they allowed is blocked again",
        "Blocked again: waived by exception ",
        "the same export once more: people are asked",
    )
    told = 0
    for step in steps:
        told = done.output.find(step, told)
        assert told >= 0, step


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_sandbox_says_what_a_bot_needs(tmp_path: Path, number: signal.Signals) -> None:
    config = tmp_path / "workspace.yaml"
    config.write_text("bot_token: xoxb-mine\nsigning_secret: hush\n")
    with _started("sandbox", "--port", "0", "--config", str(config)) as (process, address):
        assert process.stdout
        said = "".join(iter(process.stdout.readline, "\n"))
        for _ in range(4):
            said += process.stdout.readline()
        for line in (
            f"SLACK_API_URL={address}api/",
            "SLACK_BOT_TOKEN=xoxb-mine",
            "SLACK_APP_TOKEN=xapp-local",
            "SLACK_SIGNING_SECRET=hush",
        ):
            assert f"{line}\n" in said
        assert httpx.get(f"{address}control/state", trust_env=False).status_code == 200
        process.send_signal(number)
        assert process.wait() == 0


def test_sandbox_names_what_is_wrong(tmp_path: Path) -> None:
    config = tmp_path / "workspace.yaml"
    config.write_text("colour: red\n")
    done = _warroom("sandbox", "--config", str(config))
    assert (done.exit_code, "colour" in done.output) == (1, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = _warroom("sandbox", "--port", str(taken.getsockname()[1]))
    assert (done.exit_code, "can't listen at" in done.output) == (1, True)
