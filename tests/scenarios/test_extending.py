"""What docs/extending.md says is so: its very lines are a bot's extension, and each part works."""

import asyncio
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType

import click
import httpx
import pytest
from aiohttp import web
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from mypy import api as mypy
from structlog.testing import capture_logs

from bot.app import create_app
from bot.cli.main import command_line
from bot.integrations.extension import Extension
from bot.local_slack import LocalSlack, People
from tests.build import JUDE, VAL
from tests.metrics.reading import scraped
from tests.serving import serving
from tests.staging.environment import CONFIG, GITHUB_SECRET, ROOT, settings, variables
from tests.staging.stage import Stage, staged

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
PYTHON, YAML = (
    "\n\n".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
    for language in ("python", "yaml")
)
KEY, TICKETS_TOKEN = "key-of-the-scanner", "token-of-the-tickets"
HIT = {
    "id": "S-1",
    "rule": "pii-in-training-set",
    "title": "customers_eu is in the training set",
    "author": "ada@acme.test",
}

GONE = HIT | {"gone": True}
SEVERAL = (HIT, HIT | {"id": "S-2"}, HIT | {"rule": "style"})


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The page's Python, in a file."""
    path = tmp_path / "extending_the_bot.py"
    path.write_text(PYTHON, encoding="utf-8")
    return path


@pytest.fixture
def extending(program: Path) -> Iterator[ModuleType]:
    """The page's Python, run as one module."""
    spec = importlib.util.spec_from_file_location(program.stem, program)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[program.stem] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[program.stem]


@pytest.fixture
async def tickets() -> AsyncIterator[tuple[str, asyncio.Queue[tuple[str, str, object]]]]:
    """A system of tickets: its address, and what it was sent, with the token and the path."""
    sent: asyncio.Queue[tuple[str, str, object]] = asyncio.Queue()

    async def put(request: web.Request) -> web.Response:
        token = request.headers["Authorization"]
        sent.put_nowait((token, request.path, await request.json()))
        return web.Response()

    application = web.Application()
    application.router.add_put("/tickets/{room}", put)
    async with serving(application) as url:
        yield url, sent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The configuration, with the page's lines in sources.yaml."""
    copied = shutil.copytree(CONFIG, tmp_path / "config")
    with (copied / "sources.yaml").open("a", encoding="utf-8") as sources:
        sources.write(YAML)
    return copied


@pytest.fixture
async def extended(
    extending: ModuleType,
    local_slack: LocalSlack,
    people: People,
    database_url: str,
    folder: Path,
    tickets: tuple[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    """The bot with all that the page adds."""
    changes = {
        "WARROOM_CONFIG": folder,
        "WARROOM_GITHUB_SECRET": GITHUB_SECRET,
        "SCANNER_KEY": KEY,
        "TICKETS_URL": tickets[0],
        "TICKETS_TOKEN": TICKETS_TOKEN,
    }
    for name, value in variables(local_slack.api_url, database_url, **changes).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)  # where no .env is
    extensions = [extending.EXTENSION]
    async with staged(
        local_slack, people, database_url, extensions, WARROOM_CONFIG=folder
    ) as stage:
        yield stage


async def _scanned(stage: Stage, *hits: object, key: str = KEY) -> httpx.Response:
    headers = {"X-Scanner-Key": key}
    return await stage.web.post("/webhooks/scanner", json=list(hits), headers=headers)


async def _said(warroom: click.Group, *words: str) -> str:
    """What a command line prints, without what the bot logs beside it."""
    with capture_logs():
        ran = await asyncio.to_thread(CliRunner().invoke, warroom, list(words))
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.mark.either_database
async def test_a_new_source_opens_rooms_within_its_own_limits(extended: Stage) -> None:
    one = await _scanned(extended, HIT)
    assert (one.status_code, one.json()["verdict"]) == (202, "pending")
    stored = extended.app.engine.store.violation(one.json()["violation_id"])
    assert stored
    assert stored.signed_by == "scanner"
    several = await _scanned(extended, *SEVERAL)
    again, other, ignored = several.json()["violations"]
    assert (again["violation_id"], again["duplicate"]) == (one.json()["violation_id"], True)
    assert other["room_id"] != one.json()["room_id"]
    assert ignored == {"status": "ignored", "reason": "no policy is mapped to 'style'"}
    gone = (await _scanned(extended, GONE)).json()
    assert (gone["status"], gone["room_id"]) == ("succeeded", one.json()["room_id"])
    assert (await _scanned(extended, GONE)).json() == gone | {"duplicate": True}
    assert (await _scanned(extended, HIT, key="wrong")).status_code == 401
    wrong = await _scanned(extended, {**HIT, "author": 7})
    assert (wrong.status_code, wrong.json()["detail"][0]["path"]) == (422, "0.author")
    assert (await _scanned(extended, HIT | {"title": "x" * 65_536})).status_code == 413
    assert (await extended.web.get("/webhooks/scanner")).status_code == 405


@pytest.mark.either_database
async def test_a_new_sources_messages_and_answers_are_as_they_are_described(
    extended: Stage,
) -> None:
    """One violation, the same again, several of which one is ignored, none, and what is refused."""
    whole = (await extended.web.get("/openapi.json")).json()
    assert whole["paths"]["/webhooks/scanner"]["post"]["summary"] == "Report the scanner's hits"

    def described_as(*place: str) -> Draft202012Validator:
        """A schema read within the whole, from where what it refers to has to be found."""
        keys = ("paths", "/webhooks/scanner", "post", *place, "content", "application/json")
        pointer = "/".join(key.replace("/", "~1") for key in keys)
        return Draft202012Validator({**whole, "$ref": f"#/{pointer}/schema"})

    wrong = {**HIT, "author": 7}
    body = described_as("requestBody")
    for sent in ([HIT], [*SEVERAL], []):
        body.validate(sent)
    assert not body.is_valid([wrong])
    messages = (
        ((HIT,), KEY, 202), ((HIT,), KEY, 202), (SEVERAL, KEY, 202), ((), KEY, 202),
        ((HIT | {"rule": "style"},), KEY, 202), ((GONE,), KEY, 202),
        ((HIT,), "wrong", 401), ((wrong,), KEY, 422),
        ((HIT | {"title": "x" * 65_536},), KEY, 413),
    )  # fmt: skip
    for hits, key, status in messages:
        answer = await _scanned(extended, *hits, key=key)
        assert answer.status_code == status, answer.text
        described_as("responses", str(status)).validate(answer.json())
    assert (await _scanned(extended)).json() == {"violations": []}


async def test_a_new_verb_decides_and_its_effect_reaches_a_new_destination(
    extended: Stage, tickets: tuple[str, asyncio.Queue[tuple[str, str, object]]]
) -> None:
    """The secret of the destination's own session goes with it."""
    answer = (await _scanned(extended, HIT)).json()
    assert "reject_no_approval" in (await extended.card(answer)).action_ids
    await extended.people.click(
        user=JUDE, channel=extended.channel(answer), action_id="reject_no_approval"
    )
    verdict = await extended.gate(answer["violation_id"])
    assert (verdict["verdict"], verdict["outcome"]) == ("block", "rejected")
    async with asyncio.timeout(20):
        token, path, ticket = await tickets[1].get()
    assert (token, path) == (f"Bearer {TICKETS_TOKEN}", f"/tickets/{answer['room_id']}")
    assert ticket == {"room": answer["room_id"], "reason": verdict["reason"]}


@pytest.mark.either_database
async def test_a_new_subcommand_answers_and_stands_in_the_help(extended: Stage) -> None:
    async def said(words: str) -> str:
        answer = (await _scanned(extended, HIT)).json()
        await extended.card(answer)
        given = await extended.people.command(
            user=VAL, channel=extended.channel(answer), text=words
        )
        found = await extended.people.messages(VAL, given.channel)
        return next(message.words for message in found if message.ts == given.ts)

    assert "pii-fine-tuning" in await said("/warroom policies")
    assert "the policies that are in force" in await said("/warroom help")


async def test_a_new_measure_stands_in_stats_and_metrics_and_a_new_command_runs(
    extended: Stage, extending: ModuleType
) -> None:
    room = (await _scanned(extended, HIT)).json()["room_id"]
    current = json.loads(await _said(extending.warroom, "stats", "--json"))["current"]
    assert current["longest_wait"] > 0
    assert current["by_policy"]["pii-fine-tuning"]["longest_wait"] > 0
    assert "longest wait" in await _said(extending.warroom, "stats")
    exposed = await scraped(extended.web)
    assert exposed.value("warroom_longest_wait_seconds") > 0
    assert (
        await _said(extending.warroom, "open-rooms") == f"{room}  pii-fine-tuning  {HIT['title']}\n"
    )


@pytest.mark.either_database
async def test_a_new_check_is_one_of_the_doctors_whoever_brings_it(
    extended: Stage, extending: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_well = "✓ tickets: TICKETS_TOKEN is set"
    assert set_well in await _said(extending.warroom, "doctor")
    brought = replace(extending.SCANNER, doctor_check=extending.TICKETS_CHECK)
    assert set_well in await _said(command_line([Extension(sources=(brought,))]), "doctor")
    monkeypatch.delenv("TICKETS_TOKEN")
    warned = await _said(extending.warroom, "doctor")
    assert (
        "! tickets: TICKETS_TOKEN is not set: no ticket is opened\n    → Set it in .env.\n"
        in warned
    )


@pytest.mark.either_database
async def test_the_doctor_knows_the_secret_and_the_misses_of_a_new_source(
    extended: Stage, extending: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _scanned(extended, HIT | {"rule": "pii-in-trainning-set"})
    said = await _said(extending.warroom, "doctor")
    assert "✓ secret of The scanner: SCANNER_KEY is set" in said
    assert "! The scanner: 'pii-in-trainning-set' failed and was ignored 1 time" in said
    assert "Did you mean it by 'pii-in-training-set'?" in said
    monkeypatch.setenv("SCANNER_KEY", "")
    assert "! secret of The scanner: SCANNER_KEY is not" in await _said(extending.warroom, "doctor")


async def test_the_same_twice_stops_the_start(
    extending: ModuleType, local_slack: LocalSlack, folder: Path
) -> None:
    chosen = settings(local_slack.api_url, f"sqlite:///{folder}/never.db", WARROOM_CONFIG=folder)
    with pytest.raises(ValueError, match="sources: 2 are called 'scanner'"):
        async with create_app(chosen, [extending.EXTENSION, extending.EXTENSION]):
            pytest.fail("a message would have two readers")


def test_it_shows_all_that_an_extension_may_have(extending: ModuleType) -> None:
    shown = extending.EXTENSION
    assert [part.name for part in fields(shown) if not getattr(shown, part.name)] == []


def test_its_lines_are_of_the_types_that_they_say(program: Path) -> None:
    config = ROOT / "pyproject.toml"
    told, wrong, code = mypy.run(["--config-file", str(config), str(program)])
    assert code == 0, told + wrong


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:bot|docs)/[\w/.]+)`", PAGE))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
