"""Processes of their own: the local Slack, and bots that are killed, frozen, started again.

Rules
- Each is `python -m bot …`, or another module, with its own port and its own log in the folder
  that it runs in.
- A process that ends without having been killed stops the run: a supervisor would hide that.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.staging.environment import ROOT

START_SECONDS = 60.0


class EndedError(RuntimeError):
    """A process ended by itself."""


@dataclass
class Part:
    """One process: its command, its address, and whether it is running at present."""

    name: str
    command: tuple[str, ...]
    url: str
    environment: dict[str, str]
    log: Path
    killed: list[float] = field(default_factory=list)
    hears: bool = True
    module: str = "bot"
    up: bool = False
    start_seconds: float = 0.0
    _process: Process | None = None

    async def start(self) -> None:
        """Start it, and go on once it says that it is ready; EndedError where it ends instead."""
        began = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", self.module, *self.command),
                env=os.environ | {"PYTHONPATH": str(ROOT)} | self.environment,
                cwd=self.log.parent,
                stdout=log,
                stderr=log,
            )
        await self._ready()
        self.start_seconds = time.perf_counter() - began
        self.up = True

    async def kill(self) -> None:
        """With -9: it gets to finish nothing. Raises EndedError where it had ended by itself."""
        self.check()
        self.up = False
        self.killed.append(time.time())
        process = self._there()
        process.send_signal(signal.SIGKILL)
        await process.wait()

    def freeze(self) -> None:
        """Stand still from here on, holding whatever it holds."""
        self._there().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on as if nothing had been."""
        self._there().send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it, in whatever state it is."""
        if self._process and self._process.returncode is None:
            self.up = False
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                async with asyncio.timeout(10):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._there().pid

    def check(self) -> None:
        """Raises EndedError."""
        if self.up and self._there().returncode is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise EndedError(f"{self.name} ended by itself: {tail}")

    def _there(self) -> Process:
        if self._process is None:
            raise EndedError(f"{self.name} was never started")
        return self._process

    async def _ready(self) -> None:
        path = "/control/latency" if self.name == "slack" else "/healthz"
        async with aiohttp.ClientSession() as session, asyncio.timeout(START_SECONDS):
            while self._there().returncode is None:
                try:
                    async with session.get(self.url + path) as answer:
                        if answer.ok:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.01)
        raise EndedError(f"{self.name} ended at its start: {self.log.read_text()[-2000:]}")


def slack(folder: Path, config: Path) -> Part:
    """The local Slack."""
    url = f"http://127.0.0.1:{free_port()}"
    command = ("sandbox", "--config", str(config), "--port", url.rpartition(":")[2])
    return Part("slack", command, url, {}, folder / "slack.log")


def bot(name: str, command: str, folder: Path, told: dict[str, str]) -> Part:
    """A bot, or the part of it that the command is, which is told this of its surroundings."""
    port, hears = str(free_port()), command != "worker"
    # A worker hears nothing, and says on a port for operators whether it is well.
    listens = {"HOST": "127.0.0.1", "PORT" if hears else "WARROOM_METRICS_PORT": port}
    url, log = f"http://127.0.0.1:{port}", folder / f"{name}.log"
    return Part(name, (command,), url, told | listens, log, hears=hears)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
