"""No secret is ever in a log, an answer, a `repr`, Slack or the database: a whole story, with each
thing in it going wrong, by a process of its own whose every word is read."""

import asyncio
import hmac
import json
import os
import shutil
import sqlite3
import sys
import time
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from click.testing import CliRunner
from pydantic import SecretStr

from bot.app import App
from bot.cli.main import main
from bot.http.application import Web
from bot.http.webhooks import Intake
from bot.integrations.registry import with_built_in
from bot.integrations.source import Surroundings
from bot.local_slack import LocalSlack, People
from bot.metrics.meters import Meters
from bot.policies.load import load
from bot.settings import Settings
from bot.signatures import Secret
from tests.approving import approve
from tests.build import JUDE, VAL
from tests.choosing import is_settled
from tests.serving import serving
from tests.staging.environment import CONFIG
from tests.staging.pipeline import body, channel, signed
from tests.staging.stage import client, local_slack_config

KEYS = (b"canary-key-one-of-the-webhooks", b"canary-key-two-of-the-webhooks")
WEBHOOK = tuple("whsec_" + b64encode(key).decode() for key in KEYS)
API_TOKEN = "canary-of-the-gate"
GITHUB = "canary-of-github"
SIGNING = "0123456789abcdef0123456789canary"
BOT, APP = "xoxb-canary-of-the-bot", "xapp-canary-of-the-app"
PASSWORD = "canary-of-the-database"
SECRETS = (
    *WEBHOOK,
    *(b64encode(key).decode() for key in KEYS),
    *(key.decode() for key in KEYS),
    API_TOKEN,
    GITHUB,
    SIGNING,
    BOT,
    APP,
    PASSWORD,
)


def _without_secrets(text: str | bytes, where: str) -> None:
    found = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    for secret in SECRETS:
        assert secret not in found, f"{where}: {secret}"


class Process:
    """`warroom` with an environment of its own, and everything that it says."""

    def __init__(self, folder: Path, **variables: str) -> None:
        root = str(Path(__file__).parents[2])
        self.folder = folder
        self.said = bytearray()
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": root,
            "SLACK_BOT_TOKEN": BOT,
            "SLACK_SIGNING_SECRET": SIGNING,
            "WARROOM_WEBHOOK_SECRET": " ".join(WEBHOOK),
            "WARROOM_API_TOKEN": API_TOKEN,
            "WARROOM_GITHUB_SECRET": GITHUB,
            "WARROOM_CONFIG": str(folder / "config"),
            "DATABASE_URL": f"sqlite:///{folder / 'warroom.db'}",
            "PORT": "0",
            **variables,
        }

    async def ended(self, *arguments: str) -> str:
        """Run to its end; what it said."""
        process = await self._start(*arguments)
        async with asyncio.timeout(30):
            said, _ = await process.communicate()
        return said.decode()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve until the block ends; where."""
        process = await self._start("serve")
        assert process.stdout
        stdout = process.stdout
        started: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def listen() -> None:
            while line := await stdout.readline():
                self.said += line
                if b"warroom.started" in line and not started.done():
                    started.set_result(json.loads(line)["web"])

        listening = asyncio.create_task(listen())
        try:
            async with asyncio.timeout(20):
                url = await started
            yield url
        finally:
            process.terminate()
            await process.wait()
            await listening

    async def _start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments,
            cwd=self.folder, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip


class Outside:
    """The pipeline: it sends, asks and is called back; each answer is looked at."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.called_back: asyncio.Queue[int] = asyncio.Queue()
        self._statuses = [500, 200]

    async def violation(self, expected: int, secret: str = WEBHOOK[0], **fields: Any) -> Any:  # noqa: ANN401
        content = body(**fields)
        headers = signed(content, f"msg_{time.monotonic_ns()}", time.time(), secret)
        return await self.ask("POST", "/webhooks/violations", expected, headers, content)

    async def ask(
        self,
        method: str,
        path: str,
        expected: int,
        headers: dict[str, str] | None = None,
        content: bytes = b"",
    ) -> Any:  # noqa: ANN401
        answer = await self._http.request(method, path, headers=headers, content=content)
        assert answer.status_code == expected, answer.text
        _without_secrets(f"{answer.headers}{answer.text}", path)
        return answer.json() if answer.content else None

    async def take(self, request: web.Request) -> web.Response:
        _without_secrets(f"{request.headers}{await request.text()}", "callback")
        status = self._statuses.pop(0)
        await self.called_back.put(status)
        return web.Response(status=status)


@asynccontextmanager
async def _receiving(outside: Outside) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/verdicts", outside.take)
    async with serving(app) as url:
        yield f"{url}/verdicts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = shutil.copytree(CONFIG, tmp_path / "config")
    with (copied / "sources.yaml").open("a") as sources:
        sources.write("callbacks: {allow: [127.0.0.1]}\n")
    return tmp_path


async def test_a_story_in_which_everything_goes_wrong_tells_no_secret(folder: Path) -> None:
    made = local_slack_config(bot_token=BOT, app_token=APP, signing_secret=SIGNING)
    async with LocalSlack(made) as slack, People(slack.url) as people:
        process = Process(folder, SLACK_API_URL=slack.api_url)
        _without_secrets(await process.ended("doctor"), "doctor")
        async with (
            process.serving() as url,
            client(url) as http,
        ):
            slack.set_request_url(f"{url}/slack/events")
            await _story(Outside(http), people, folder)
        _without_secrets(bytes(process.said), "log")
        for expected in (b"effect.put_off", b"webhook.refused", b"Traceback", b"effect.delivered"):
            assert expected in process.said, expected  # what went wrong was logged
        for call in await people.calls():
            _without_secrets(json.dumps([call.arguments, call.answer]), call.method)
    _database_without_secrets(folder)


def _database_without_secrets(folder: Path) -> None:
    files = list(folder.glob("warroom.db*"))
    assert files
    for path in files:
        _without_secrets(path.read_bytes(), path.name)


async def _story(outside: Outside, people: People, folder: Path) -> None:
    await people.fault("error", "conversations.create", error="internal_error", times=1)
    await people.fault("http", "chat.postMessage", status=500, times=1)
    await people.fault("reset", "conversations.invite", times=1)
    async with _receiving(outside) as callback:
        answer = await outside.violation(202, callback_url=callback)
        await outside.violation(202, WEBHOOK[1], dedup_key="other")
        await people.wait_for_message(
            user=VAL, channel=channel(answer), holds=lambda message: message.pinned
        )
        await _wrong_signatures(outside)
        await people.click(user=JUDE, channel=channel(answer), action_id="override")
        await approve(people, user=VAL, channel=channel(answer))
        statuses = [await outside.called_back.get() for _ in range(2)]
    assert statuses == [500, 200]
    gate, bearer = f"/gate/{answer['violation_id']}", {"authorization": f"Bearer {API_TOKEN}"}
    await outside.ask("GET", gate, 200, bearer)
    await people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and is_settled(message),
    )
    with sqlite3.connect(folder / "warroom.db", isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        await outside.violation(503)
        database.execute("ROLLBACK")
        database.execute("UPDATE rooms SET document = '{' WHERE id = ?", (answer["room_id"],))
    await outside.ask("GET", gate, 503, bearer)  # what nobody expected, with its trace
    database.close()


async def _wrong_signatures(outside: Outside) -> None:
    other = "whsec_" + b64encode(b"another secret").decode()
    await outside.violation(401, other)
    await outside.violation(422, policy="unknown")
    wrong = {"x-github-event": "workflow_run", "x-hub-signature-256": "sha256=00"}
    await outside.ask("POST", "/webhooks/github", 401, wrong, b"{}")
    digest = hmac.new(GITHUB.encode(), b"[]", "sha256").hexdigest()
    signed = wrong | {"x-hub-signature-256": f"sha256={digest}"}
    await outside.ask("POST", "/webhooks/github", 400, signed, b"[]")
    stamp = {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": "v0=00"}
    await outside.ask("POST", "/slack/events", 401, stamp, b"payload={}")
    for token in ("wrong", BOT):
        await outside.ask("GET", "/gate/x", 401, {"authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DATABASE_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/x"}, "DATABASE_URL"),
        ({"DATABASE_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:port/x"}, "percent-encoded"),
        ({"DATABASE_URL": f"postgresql://u:a@{PASSWORD}:b@127.0.0.1/x"}, "percent-encoded"),
        ({"DATABASE_URL": f"postgresql://127.0.0.1:1/x?password={PASSWORD}"}, "behind `?`"),
        ({"DATABASE_URL": f"mysql://u:{PASSWORD}@h/x"}, "found mysql:…"),
        ({"DATABASE_URL": BOT}, "found no address"),
        ({"WARROOM_PUBLIC_URL": WEBHOOK[0]}, "found a secret"),
        ({"SLACK_API_URL": f"//u:{PASSWORD}@slack"}, "found a secret"),
        ({"PORT": APP}, "PORT"),
    ],
)
def test_what_can_not_be_started_says_why_and_no_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    monkeypatch.chdir(folder)
    given = Process(folder, **{"SLACK_API_URL": "http://127.0.0.1:1/api", **variables}).environment
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    for command in ("serve", "doctor"):
        done = CliRunner().invoke(main, command)
        _without_secrets(done.output, command)
        assert isinstance(done.exception, SystemExit)
        assert said in done.output or command == "doctor", done.output
        _without_secrets("".join(traceback.format_exception(done.exception)), "traceback")


def test_no_value_that_holds_secrets_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        slack_bot_token=SecretStr(BOT),
        slack_signing_secret=SecretStr(SIGNING),
        slack_app_token=SecretStr(APP),
        database_url=f"postgresql://u:{PASSWORD}@h/x",
        warroom_webhook_secret=SecretStr(" ".join(WEBHOOK)),
        warroom_api_token=SecretStr(API_TOKEN),
    )
    nothing: Any = None
    parts = with_built_in()
    config = load(CONFIG, parts.sections)
    webhook = tuple(map(Secret, WEBHOOK))
    known = {"violations": webhook, "github": (Secret(GITHUB),)}
    intake = Intake(nothing, config, known, "", lambda _: None)
    around = Surroundings(config, None, webhook, lambda _: None, nothing)
    shown = [settings, intake, around]
    shown.append(Web(nothing, (), intake, None, nothing, SIGNING))
    shown.append(App(settings, parts, nothing, nothing, nothing, Meters(), nothing))
    for each in shown:
        _without_secrets(f"{each!r} {each!s}", type(each).__name__)
