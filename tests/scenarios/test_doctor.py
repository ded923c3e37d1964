"""`warroom doctor` and `send` against a real set-up, and broken ones."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli import doctor
from bot.cli.sending import send_body
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.integrations.slack.scopes import SCOPES
from bot.local_slack import LocalSlack, Member, Usergroup
from bot.settings import load_settings
from bot.storage import migrations
from bot.storage.database import Database
from tests.approving import approve
from tests.build import ADA, BEA, JUDE, POLICY, VAL, VIV, config, report
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING
from tests.staging.environment import CONFIG, SECRET, variables
from tests.staging.pipeline import body, channel
from tests.staging.stage import Stage, local_slack_config

Examine = Callable[[str, tuple[str, ...], tuple[str, ...]], Awaitable[tuple[int, str]]]


class Patient:
    """A set-up, as its environment says it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slack: LocalSlack) -> None:
        monkeypatch.chdir(tmp_path)
        self._patch = monkeypatch
        given = variables(slack.api_url, f"sqlite:///{tmp_path}/warroom.db")
        self.set(**given | {"SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef"})

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._patch.setenv(name, value)

    async def examined(self) -> tuple[int, str]:
        lines: list[str] = []
        code = await doctor.examine(lines.append, as_json=False)
        return code, "\n".join(lines)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, local_slack: LocalSlack) -> Patient:
    return Patient(monkeypatch, tmp_path, local_slack)


async def test_a_good_set_up_is_ready(patient: Patient) -> None:
    code, said = await patient.examined()
    assert code == 0, said
    assert "Ready to serve" in said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "invalid_auth"),
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN: not set"),
        ({"SLACK_SIGNING_SECRET": ""}, "Signing Secret into SLACK_SIGNING_SECRET"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "App-Level Tokens"),
        ({"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "Check the network"),
        ({"WARROOM_WEBHOOK_SECRET": "whsec_***"}, "can't be used"),
        ({"WARROOM_CONFIG": "nowhere"}, "no such folder"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/nothing"}, "Check DATABASE_URL"),
        ({"PORT": "many"}, "PORT"),
    ],
)
async def test_what_is_wrong_is_said_with_how_to_mend_it(
    patient: Patient, variables: dict[str, str], said: str
) -> None:
    patient.set(**variables)
    code, all_said = await patient.examined()
    assert code == 1, all_said
    assert said in all_said
    assert "→" in all_said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"WARROOM_GITHUB_SECRET": '"quoted"'},
            "✗ secret of GitHub: WARROOM_GITHUB_SECRET is in q",
        ),
        ({"WARROOM_GITHUB_SECRET": "'quoted'"}, "is in quotes, which count as a part of it"),
        (
            {"WARROOM_GITHUB_SECRET": "long word\n"},
            "has a blank or line break at an end, which counts",
        ),
        (
            {"WARROOM_GITHUB_SECRET": ""},
            "! secret of GitHub: WARROOM_GITHUB_SECRET is not set, or e",
        ),
        (
            {"WARROOM_GITHUB_SECRET": "a 'good' one"},
            "✓ secret of GitHub: WARROOM_GITHUB_SECRET is s",
        ),
        ({"WARROOM_WEBHOOK_SECRET": f'"{SECRET}"'}, "WARROOM_WEBHOOK_SECRET is in quotes"),
        (
            {"WARROOM_WEBHOOK_SECRET": ""},
            "! secret of Standard Webhooks: WARROOM_WEBHOOK_SECRET is",
        ),
        ({"WARROOM_WEBHOOK_SECRET": "whsec_c2hvcnQ="}, "WARROOM_WEBHOOK_SECRET is short: 5 bytes"),
        (
            {"WARROOM_WEBHOOK_SECRET": f"{SECRET} whsec_***"},
            "✗ secret of Standard Webhooks: WARROOM_WEBHOOK_SECRET: number 2 can't be used",
        ),
        (
            {"WARROOM_WEBHOOK_SECRET": f"{SECRET} export-ci=whsec_c2hvcnQ="},
            "! secret of Standard Webhooks: WARROOM_WEBHOOK_SECRET: number 2 (export-ci) is short",
        ),
        (
            {"WARROOM_WEBHOOK_SECRET": f"training={SECRET}"},
            "✓ secret of Standard Webhooks: WARROOM_WEBHOOK_SECRET: number 1 (training) is set",
        ),
    ],
    ids=str,
)
async def test_the_secret_of_each_source_is_looked_at(
    patient: Patient, variables: dict[str, str], said: str
) -> None:
    patient.set(**{"WARROOM_GITHUB_SECRET": "github"} | variables)
    code, all_said = await patient.examined()
    assert said in all_said
    assert code == ("✗" in all_said)
    for value in filter(None, variables.values()):
        assert value.strip() not in all_said


async def test_the_secret_of_a_source_that_is_not_configured_is_not_spoken_of(
    patient: Patient, tmp_path: Path
) -> None:
    folder = tmp_path / "without"
    shutil.copytree(CONFIG, folder)
    (folder / "sources.yaml").unlink()
    patient.set(WARROOM_CONFIG=str(folder), WARROOM_GITHUB_SECRET="")
    code, said = await patient.examined()
    assert code == 0
    assert "GitHub" not in said


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("kind = 'page'", "3 effects were given up"),
        ("id = (SELECT min(id) FROM effects WHERE kind = 'page')", "1 effect was given up"),
    ],
)
async def test_work_that_nobody_does_and_work_that_was_given_up_is_said(
    patient: Patient, tmp_path: Path, which: str, said: str
) -> None:
    database = Database(f"sqlite:///{tmp_path}/warroom.db")
    migrations.upgrade(database)
    before = HandClock(datetime.now(UTC) - timedelta(hours=2))
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), before, wakeups, FOLLOWING)
    await engine.start("tests")
    await engine.report(report(), "violations", "d1")
    await asyncio.to_thread(engine.stop)
    with database.write.begin() as connection:
        connection.execute(text(f"UPDATE effects SET state = 'parked' WHERE {which}"))
    database.dispose()
    code, told = await patient.examined()
    assert code == 0, "the set-up is well all the same"
    assert "an effect of urgency page has been due for 72" in told
    assert "a timer has been due for 36" in told
    assert f"! delivery: {said}\n" in told
    assert "warroom outbox list" in told


async def test_people_that_slack_does_not_know_and_missing_scopes_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "groups:write")
    people = (
        Member(id=ADA, name="ada", email="ada@acme.test"),
        Member(id=VAL, name="val", deactivated=True),
        Member(id=JUDE, name="jude", guest=True),
        Member(id=VIV, name="viv", bot=True),
    )
    async with LocalSlack(local_slack_config(scopes=scopes, people=people, usergroups=())) as slack:
        code, said = await Patient(monkeypatch, tmp_path, slack).examined()
    assert code == 1
    assert "groups:write is missing" in said
    assert "person bea: U0BACK: Slack says user_not_found" in said
    assert "U0VAL is deactivated" in said
    assert "U0JUDE is a guest" in said
    assert "person viv: U0VIV is a bot, which stands for nobody" in said


async def test_an_app_that_cannot_find_out_which_it_is_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "users:read")
    async with LocalSlack(local_slack_config(scopes=scopes)) as slack:
        code, said = await Patient(monkeypatch, tmp_path, slack).examined()
    assert code == 1
    assert "app: Slack says missing_scope of bots.info: nothing that people do is taken" in said


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Examine:
    """What is said with this adjudicator, these in the user group, and these who are gone."""

    async def examined(
        adjudicator: str, users: tuple[str, ...], gone: tuple[str, ...]
    ) -> tuple[int, str]:
        folder = tmp_path / "rules"
        folder.mkdir()
        for path in CONFIG.glob("*.yaml"):
            text = path.read_text().replace("{from: jude, backup: bea}", adjudicator)
            (folder / path.name).write_text(text)
        members = tuple(
            member.model_copy(update={"deactivated": member.id in gone})
            for member in local_slack_config().people
        )
        groups = (Usergroup(id="S0LEGAL", handle="legal", users=users),)
        async with LocalSlack(local_slack_config(people=members, usergroups=groups)) as slack:
            patient = Patient(monkeypatch, tmp_path, slack)
            patient.set(WARROOM_CONFIG=str(folder))
            return await patient.examined()

    return examined


async def test_a_policy_that_one_person_alone_can_decide_is_wrong(examine: Examine) -> None:
    """Slack's group and who is gone leave one: the file names more."""
    code, said = await examine("{from: S0LEGAL}", (VAL,), (VIV,))
    assert code == 1
    assert "policy pii-fine-tuning: only val can decide: nobody could on a violation" in said
    assert "or allow what somebody unknown made" in said
    assert "`unknown_initiator: adjudicator`" in said


@pytest.mark.parametrize(
    ("adjudicator", "users", "gone", "nobody"),
    [
        ("{from: jude, backup: bea}", (), (JUDE, BEA), True),
        ("{from: jude, backup: bea}", (), (JUDE,), False),
        ("{from: S0LEGAL}", (), (), True),
        ("{from: S0LEGAL}", (JUDE, BEA), (JUDE, BEA), True),
        ("{from: S0LEGAL}", (JUDE, BEA), (JUDE,), False),
        ("{from: S0LEGAL, backup: bea}", (), (), False),
        ("{from: S0OTHER}", (), (), True),
    ],
)
async def test_a_policy_with_nobody_to_decide_is_wrong_once_slack_was_asked(
    examine: Examine,
    adjudicator: str,
    users: tuple[str, ...],
    gone: tuple[str, ...],
    *,
    nobody: bool,
) -> None:
    code, said = await examine(adjudicator, users, gone)
    assert "can decide" not in said
    named = adjudicator.strip("{}").replace("from: ", "").replace("backup: ", "")
    told = f"policy pii-fine-tuning: nobody can be adjudicator ({named}): no room"
    assert (told in said) is nobody, said
    assert code == (1 if nobody or gone else 0), said
    assert "nobody can be validator" not in said


async def test_send_signs_and_sends_and_gives_the_verdict_as_an_exit_code(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, local_slack: LocalSlack
) -> None:
    Patient(monkeypatch, tmp_path, local_slack)
    lines: list[str] = []
    settings, url = load_settings(), stage.here.url

    def send(wait: int | None, *, as_json: bool = False) -> int:
        return send_body(settings, url, body(), wait, as_json=as_json, echo=lines.append)

    assert await asyncio.to_thread(send, None, as_json=True) == 0
    answer = json.loads(lines.pop())
    name = channel(answer)
    assert await asyncio.to_thread(send, 0) == 4
    assert lines[-2].startswith("pending: to be decided by ")
    await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda message: "approve" in message.action_ids
    )
    waiting = asyncio.create_task(asyncio.to_thread(send, 20))
    await stage.people.wait_for(lambda _: _count(stage, answer["room_id"]) == 3)
    await approve(stage.people, user=VAL, channel=name)
    assert await waiting == 0
    assert "approved by val" in lines[-2]
    assert "/app_redirect?channel=C" in lines[-1]


def _count(stage: Stage, room_id: str) -> int:
    room = stage.app.engine.store.room(room_id)
    return room.count if room else 0
