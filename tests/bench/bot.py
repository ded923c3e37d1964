"""The bot under measurement: `warroom serve` as its own process, with a local Slack in another."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import aiohttp

from tests.bench.firm import local_slack_config
from tests.bench.machine import cpu_seconds
from tests.staging import processes
from tests.staging.environment import CONFIG, variables

UNLIMITED = 1_000.0  # as good as none, where the local Slack has no limits either
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Slack:
    """How the local Slack is: seconds a call, and a minute of its limits (None: no limits)."""

    seconds: float = 0.0
    minute: float | None = None


class Bot:
    """Both processes, for as long as the `async with` lasts.

    `database` is its address, an empty SQLite file unless given; `config` its folder. With
    `web_alone` nothing is delivered. `words` are its command, and `beside`, where there is one, is
    that of another process of it.
    """

    def __init__(
        self,
        config: Path = CONFIG,
        database: str | None = None,
        slack: Slack | None = None,
        *,
        web_alone: bool = False,
        words: tuple[str, ...] = ("serve",),
        beside: str = "",
    ) -> None:
        self._slack = slack or Slack()
        self._temporary = TemporaryDirectory(prefix="warroom-bench-")
        folder = Path(self._temporary.name)
        self.database = database or f"sqlite:///{folder}/warroom.db"
        firm = folder / "workspace.yaml"
        firm.write_text(json.dumps(local_slack_config(self._slack.minute)))
        self._local_slack = processes.slack(folder, firm)
        self.slack_url = self._local_slack.url
        minute = self._slack.minute
        told = variables(
            f"{self.slack_url}/api/",
            self.database,
            SLACK_BUDGET=MINUTE / minute if minute else UNLIMITED,
            WARROOM_CONFIG=config,
            PYTHONDONTWRITEBYTECODE="",  # as whoever has installed it has it compiled
        )
        self._bot = processes.bot("bot", words[0], folder, told)
        self._bot.command = words
        self._beside = processes.bot("beside", beside, folder, told) if beside else None
        if web_alone:
            self._bot.module, self._bot.command = "tests.bench.web_alone", ()
        self.url = self._bot.url

    async def __aenter__(self) -> Self:
        try:
            await self._local_slack.start()
            async with aiohttp.ClientSession() as session:
                body = {"seconds": self._slack.seconds}
                await session.post(f"{self.slack_url}/control/latency", json=body)
            await self._bot.start()
            if self._beside:
                await self._beside.start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    @property
    def start_seconds(self) -> float:
        """From the command to the first 200."""
        return self._bot.start_seconds

    @property
    def pid(self) -> int:
        """The bot's process."""
        return self._bot.pid

    def memory_mb(self) -> float:
        """The bot's resident memory."""
        status = Path(f"/proc/{self._bot.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """The processor time that the bot has used."""
        return cpu_seconds(self._bot.pid)

    async def _end(self) -> None:
        if self._beside:
            await self._beside.stop()
        await self._bot.stop()
        await self._local_slack.stop()
        self._temporary.cleanup()
