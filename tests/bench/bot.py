"""The bot under measurement: `warroom serve` as its own process, with a local Slack in another."""

import asyncio
import json
import os
import secrets
import socket
import sys
import time
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import aiohttp

ROOT = Path(__file__).parents[2]


class Bot:
    """Both processes, for as long as the `async with` lasts."""

    def __init__(self, slack_seconds: float = 0.0) -> None:
        self.secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
        self.start_seconds = 0.0
        self._slack_seconds = slack_seconds
        self._temporary = TemporaryDirectory(prefix="warroom-bench-")
        self.folder = Path(self._temporary.name)
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.slack_url = f"http://127.0.0.1:{_free_port()}"
        self._processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        config = self.folder / "workspace.yaml"
        config.write_text(json.dumps(_workspace()))
        command = (sys.executable, "-m", "bot", "sandbox", "--config", config)
        await self._start(*command, "--port", _port(self.slack_url))
        await self._answers(f"{self.slack_url}/control/state?messages=0")
        async with aiohttp.ClientSession() as session:
            body = {"seconds": self._slack_seconds}
            await session.post(f"{self.slack_url}/control/latency", json=body)
        began = time.perf_counter()
        await self._start(sys.executable, "-m", "bot", "serve", environment=self._environment())
        await self._answers(f"{self.url}/healthz")
        self.start_seconds = time.perf_counter() - began
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            await process.wait()
        self._temporary.cleanup()

    def memory_mb(self) -> float:
        """The bot's resident memory."""
        status = Path(f"/proc/{self._processes[-1].pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

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

    def _environment(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": "xoxb-local",
            "SLACK_SIGNING_SECRET": "local-signing-secret",
            "SLACK_APP_TOKEN": "",
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "DATABASE_URL": f"sqlite:///{self.folder}/warroom.db",
            "WARROOM_CONFIG": str(ROOT / "config"),
            "WARROOM_WEBHOOK_SECRET": self.secret,
            "WARROOM_API_TOKEN": "bench",
            "WARROOM_PUBLIC_URL": self.url,
            "HOST": "127.0.0.1",
            "PORT": _port(self.url),
        }


def _workspace() -> dict[str, object]:
    people = [("U0ADA", "ada"), ("U0VAL", "val"), ("U0VIV", "viv"), ("U0JUDE", "jude")]
    people.append(("U0BACK", "bea"))
    return {
        "rate_limits": False,
        "people": [{"id": key, "name": name, "email": f"{name}@acme.test"} for key, name in people],
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _port(url: str) -> str:
    return url.rpartition(":")[2]
