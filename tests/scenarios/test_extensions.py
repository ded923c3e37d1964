"""What is handed to the composition root works like what is built in."""

import json
import shutil
from pathlib import Path

import httpx
import pytest

from bot.app import create_app, running
from bot.cli.doctor import examine
from bot.domain.violation import Report
from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.extension import Extension
from bot.integrations.finding import warning
from bot.integrations.registry import with_built_in
from bot.integrations.source import (
    Description,
    Ignored,
    Message,
    Reported,
    Source,
    Surroundings,
    in_section,
)
from bot.local_slack import LocalSlack
from bot.policies.sources import SourceSection
from bot.signatures import SignatureError
from tests.staging.environment import CONFIG, settings

KEY = "key-of-the-scanner"


def _verify(message: Message, around: Surroundings[SourceSection]) -> None:
    if message.headers.get("x-key") != around.secrets[0]:
        raise SignatureError("X-Key: is not ours")


def _read(message: Message, around: Surroundings[SourceSection]) -> tuple[Reported | Ignored, ...]:
    return tuple(_one(number, rule, around) for number, rule in json.loads(message.body).items())


def _one(number: str, rule: str, around: Surroundings[SourceSection]) -> Reported | Ignored:
    policy = around.section.policies.get(rule)
    if policy is None:
        return Ignored(f"no policy is mapped to {rule!r}")
    who = {"email": "ada@acme.test"}
    found = {"policy": policy, "title": rule, "initiator": who, "dedup_key": number}
    return Reported(Report.model_validate(found), delivery=number)


SCANNER = Source(
    name="scanner",
    title="The scanner",
    settings=in_section(SourceSection),
    verify=_verify,
    read=_read,
    description=Description("The scanner", ("X-Key",), {"application/json": {}}, (401, 404, 413)),
    body_limit=1024,
    doctor_check=DoctorCheck("scanner", lambda *_: [warning("scanner", "is slow", "Wait.")]),
)
EXTENSION = Extension(sources=(SCANNER,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = shutil.copytree(CONFIG, tmp_path / "config")
    with (copied / "sources.yaml").open("a") as sources:
        sources.write("scanner: {secret_env: SCANNER_KEY, policies: {leak: pii-fine-tuning}}\n")
    return copied


@pytest.mark.either_database
async def test_a_source_that_is_added_opens_rooms_within_its_own_limits(
    local_slack: LocalSlack, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANNER_KEY", KEY)
    chosen = settings(local_slack.api_url, database_url, WARROOM_CONFIG=folder)
    async with (
        create_app(chosen, [EXTENSION]) as app,
        running(app, web=True, worker=False) as here,
        httpx.AsyncClient(base_url=here.url) as web,
    ):

        async def post(body: object, key: str = KEY) -> httpx.Response:
            return await web.post("/webhooks/scanner", json=body, headers={"X-Key": key})

        one = await post({"1": "leak"})
        assert (one.status_code, one.json()["verdict"]) == (202, "pending")
        several = (await post({"1": "leak", "2": "leak", "3": "style"})).json()["violations"]
        assert several[0] == one.json() | {"duplicate": True}
        assert several[1]["room_id"] != one.json()["room_id"]
        assert several[2] == {"status": "ignored", "reason": "no policy is mapped to 'style'"}
        assert (await post({"1": "leak"}, "wrong")).status_code == 401
        assert (await post({"1": "x" * 1024})).status_code == 413
        assert (await web.get("/webhooks/scanner")).status_code == 405
        described = (await web.get("/openapi.json")).json()["paths"]["/webhooks/scanner"]["post"]
    assert described["summary"] == "The scanner"
    assert "413" in described["responses"]


async def test_its_check_is_one_of_the_doctors(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"WARROOM_CONFIG": str(folder), "SLACK_BOT_TOKEN": ""}.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    await examine(said.append, [EXTENSION], as_json=False)
    assert "! scanner: is slow" in said
    assert "    → Wait." in said


def test_two_of_a_kind_have_two_names() -> None:
    with pytest.raises(ValueError, match="sources: 2 are called 'scanner'"):
        with_built_in([EXTENSION, EXTENSION])
