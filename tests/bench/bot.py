"""The bot under measurement: `warroom serve` as its own process, with a local Slack in another."""

import asyncio
import json
import os
import secrets
import socket
import sys
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import aiohttp

from tests.bench.firm import local_slack_config

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "config"
SIGNING_SECRET = "local-signing-secret"
UNLIMITED = 1_000.0  # as good as none, where the local Slack has no limits either
MINUTE = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Slack:
    """How the local Slack is: seconds a call, and a minute of its limits (None: no limits)."""

    seconds: float = 0.0
    minute: float | None = None


class Bot:
    """Both processes, for as long as the `async with` lasts.

    `database` is its address, an empty SQLite file unless given; `config` its folder.
    """

    def __init__(
        self, config: Path = EXAMPLES, database: str | None = None, slack: Slack | None = None
    ) -> None:
        self.secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
        self.start_seconds = 0.0
        self._slack = slack or Slack()
        self._config = config
        self._temporary = TemporaryDirectory(prefix="warroom-bench-")
        self.folder = Path(self._temporary.name)
        self.database = database or f"sqlite:///{self.folder}/warroom.db"
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.slack_url = f"http://127.0.0.1:{_free_port()}"
        self._processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    def memory_mb(self) -> float:
        """The bot's resident memory."""
        status = Path(f"/proc/{self._processes[-1].pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """The processor time that the bot has used."""
        stat = Path(f"/proc/{self._processes[-1].pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    async def _begin(self) -> None:
        config = self.folder / "workspace.yaml"
        config.write_text(json.dumps(local_slack_config(self._slack.minute)))
        command = (sys.executable, "-m", "bot", "sandbox", "--config", config)
        await self._start(*command, "--port", _port(self.slack_url))
        await self._answers(f"{self.slack_url}/control/state?messages=0")
        async with aiohttp.ClientSession() as session:
            body = {"seconds": self._slack.seconds}
            await session.post(f"{self.slack_url}/control/latency", json=body)
        began = time.perf_counter()
        await self._start(sys.executable, "-m", "bot", "serve", environment=self.environment())
        await self._answers(f"{self.url}/healthz")
        self.start_seconds = time.perf_counter() - began

    async def _end(self) -> None:
        for process in reversed(self._processes):
            if process.returncode is None:
                process.terminate()
            await process.wait()
        self._temporary.cleanup()

    async def _start(self, *command: object, environment: dict[str, str] | None = None) -> None:
        with (self.folder / f"log{len(self._processes)}").open("wb") as log:
            self._processes.append(
                await asyncio.create_subprocess_exec(
                    *map(str, command),
                    env=os.environ | (environment or {}),
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                )
            )

    async def _answers(self, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            while self._processes[-1].returncode is None:
                try:
                    async with session.get(url) as answer:
                        if answer.ok:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.01)
        log = self.folder / f"log{len(self._processes) - 1}"
        raise RuntimeError(f"it ended at its start: {log.read_text()}")

    def environment(self) -> dict[str, str]:
        """What the bot's process is started with."""
        minute = self._slack.minute
        return {
            "SLACK_BOT_TOKEN": "xoxb-local",
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_APP_TOKEN": "",
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "SLACK_BUDGET": str(MINUTE / minute if minute else UNLIMITED),
            "DATABASE_URL": self.database,
            "WARROOM_CONFIG": str(self._config),
            "WARROOM_WEBHOOK_SECRET": self.secret,
            "WARROOM_API_TOKEN": "bench",
            "WARROOM_PUBLIC_URL": self.url,
            "HOST": "127.0.0.1",
            "PORT": _port(self.url),
        }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _port(url: str) -> str:
    return url.rpartition(":")[2]
