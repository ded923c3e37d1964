"""The `warroom` command, as a user types it: output, exit codes, errors that help."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from bot.cli.command_line import LazyCommand
from bot.cli.main import main
from bot.domain import commands as c
from bot.domain.war_room import Category
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.evidence.keys import SigningKey
from bot.storage.database import Database
from tests.build import APPROVE, JUSTIFICATION, POLICY, START, acting, config, jude, report, val
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING
from tests.staging.environment import CONFIG, variables

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment of the test's own: no .env, no variable of whoever runs it."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("WEBHOOK_SECRET", "API_TOKEN", "GATE_TOKEN", "PUBLIC_URL"):
        monkeypatch.delenv(f"WARROOM_{name}", raising=False)
    monkeypatch.setenv("WARROOM_CONFIG", str(CONFIG))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/warroom.db")


def _warroom(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


async def _story(url: str) -> None:
    """Four violations: one each hour, settled after 10 minutes, overridden, and two left open."""
    clock, database = HandClock(), Database(url)
    engine = Engine(database, config(POLICY), clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    rooms = []
    for number in range(4):
        found = report(dedup_key=f"k{number}", team="search" if number else "ads")
        rooms.append((await engine.report(found, "violations", f"d{number}")).room.id)
        clock.move(HOUR / 4)
    clock.move(timedelta(minutes=10))
    await engine.handle(rooms[0], APPROVE, acting(val.name))
    order = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    await engine.handle(rooms[1], order, acting(jude.name))
    await asyncio.to_thread(engine.stop)
    database.dispose()


@pytest.fixture
def story(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    asyncio.run(_story(database_url))
    with freeze_time(START + 3 * HOUR):
        yield


def test_help_names_every_command() -> None:
    said = _warroom("--help").output
    for command in ("serve", "web", "worker", "demo", "sandbox", "send", "gate", "stats"):
        assert command in said
    for command in ("debt", "policy", "db", "doctor", "export", "import", "outbox"):
        assert command in said


@pytest.mark.usefixtures("story")
def test_stats_as_json_has_the_figures_of_the_whole_and_of_each_group() -> None:
    done = _warroom("stats", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    current = said["current"]
    assert said["baseline"] is None
    assert (current["n"], current["resolved"], current["open"]) == (4, 2, 2)
    assert current["half_life"]["value"] == pytest.approx(55 * 60 + 15 * 60, abs=1)
    assert set(current["half_life"]) >= {"value", "low", "high"}
    assert set(current["by_team"]) == {"ads", "search"}
    assert current["by_policy"]["pii-fine-tuning"]["n"] == 4
    assert set(current["by_outcome"]) >= {"approved", "overridden"}
    assert current["by_severity"]["high"]["open"] == 2


@pytest.mark.usefixtures("story")
def test_stats_of_a_part() -> None:
    assert json.loads(_warroom("stats", "--json", "--team", "ads").output)["current"]["n"] == 1
    assert json.loads(_warroom("stats", "--json", "--since", "1m").output)["current"]["n"] == 0
    assert json.loads(_warroom("stats", "--json", "--since", "2026-11-01").output)["current"]["n"]
    assert json.loads(_warroom("stats", "--json", "--since", "9999 weeks").output)["current"]["n"]
    near = _warroom("stats", "--policy", "pii-fine-tunin")
    assert "found 'pii-fine-tunin', did you mean 'pii-fine-tuning'?" in near.output
    unknown = _warroom("stats", "--policy", "other")
    assert (unknown.exit_code, "need one of: " in unknown.output) == (2, True)


@pytest.mark.usefixtures("story")
def test_stats_of_a_team_that_nobody_knows_is_a_wrong_question() -> None:
    """Known is a team of people.yaml, and one that a violation was reported of, ever."""
    unknown = _warroom("stats", "--team", "nope")
    assert unknown.exit_code == 2
    known = "ads, legal, privacy, search"
    assert unknown.output == f"warroom: --team: found 'nope', need one of: {known}\n"
    assert _warroom("stats", "--team", "ads", "--since", "1m").exit_code == 0
    assert _warroom("stats", "--team", "legal").exit_code == 0


@pytest.mark.usefixtures("story")
def test_stats_sets_a_teams_past_beside_it(tmp_path: Path) -> None:
    past = tmp_path / "past.csv"
    past.write_text(
        "detected_at,resolved_at\n"
        "2026-01-01T00:00:00Z,2026-01-04T04:48:00Z\n"
        "2026-01-02T00:00:00Z,2026-01-05T04:48:00Z\n"
        "2026-01-03T00:00:00Z,\n"
    )
    said = json.loads(_warroom("stats", "--json", "--baseline", str(past)).output)
    assert said["baseline"]["half_life"]["value"] == pytest.approx(3.2 * 86400)
    text = _warroom("stats", "--baseline", str(past)).output
    assert "3.2 days" in text


def test_stats_of_nothing_and_a_broken_baseline(tmp_path: Path) -> None:
    assert _warroom("db", "upgrade").exit_code == 0
    assert _warroom("stats").exit_code == 0
    past = tmp_path / "past.csv"
    past.write_text("time,resolved\n3,maybe\n")
    done = _warroom("stats", "--baseline", str(past))
    assert done.exit_code == 2
    assert "past.csv:2" in done.output
    assert _warroom("stats", "--baseline", "nowhere.csv").exit_code == 2
    assert "30d" in _warroom("stats", "--since", "lately").output


# Whatever reads a database, or mends what is in it, with arguments to call it with.
READING = (
    ("policy explain", ("x",)),
    ("policy reload", ()),
    ("stats", ()),
    ("stats", ("--json", "--policy", "other")),
    ("debt", ()),
    ("exceptions", ("--json", "--all")),
    ("policy simulate", ()),
    ("policy suggest", ()),
    ("outbox list", ("--json",)),
    ("outbox retry", ("--all",)),
    ("outbox drop", ("1", "--why", "It can't be delivered.")),
    ("room assign", ("r1", "validator", "val", "--why", "Nobody else can.")),
    ("people import", ("--dry-run",)),
    ("erase", ("--person", "ada")),
    ("hold add", ("--room", "r1", "--reason", "A lawsuit.")),
    ("hold remove", ("h1", "--reason", "It is over.")),
    ("hold list", ("--json", "--all")),
    ("export", ("-",)),
    ("audit export", ("-",)),
    ("audit prove", ("r1",)),
)
# What asks no database, looks for itself, or makes one where there is none.
NOT_READING = {
    *("demo", "sandbox", "send", "gate", "check", "policy lint", "policy test", "doctor"),
    *("serve", "web", "worker", "db upgrade", "import", "audit keygen", "audit verify"),
    *("passport make", "passport read", "passport verify", "passport scan", "passport card"),
}


@pytest.mark.parametrize(("command", "options"), READING)
def test_who_reads_or_mends_a_database_makes_none_and_says_where_it_was_looked_for(
    command: str, options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    people = folder / "people.yaml"
    people.write_text(f"{people.read_text()}\nimport: [{{csv: staff.csv}}]\n")
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\n")
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))
    monkeypatch.setenv("DATABASE_URL", "sqlite:///nowhere.db")
    monkeypatch.setenv("WARROOM_LOG_ORIGIN", "warroom.test/log")
    monkeypatch.setenv("WARROOM_LOG_KEY", SigningKey.generate("warroom.test/log").written)
    done = _warroom(*command.split(), *options)
    assert (done.exit_code, done.stdout) == (3, ""), done.output
    assert f"found no database at {tmp_path}/nowhere.db" in done.stderr
    assert not list(tmp_path.glob("nowhere.db*"))


def test_a_database_of_another_version_is_told_and_no_trace_is_shown(tmp_path: Path) -> None:
    assert _warroom("db", "upgrade").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "warroom.db")) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")
    for command in ("stats", "debt", "outbox list", "outbox retry --all", "export -"):
        done = _warroom(*command.split())
        assert (done.exit_code, done.stdout) == (2, ""), done.output
        assert "has the tables of another version of warroom" in done.stderr


def test_every_command_is_tried_without_a_database_or_needs_none() -> None:
    names = set[str]()
    for name in main.commands:
        command = main.get_command(click.Context(main), name)
        loaded = command.load() if isinstance(command, LazyCommand) else command
        inner = loaded.commands if isinstance(loaded, click.Group) else {}
        names.update(f"{name} {each}" for each in inner)
        names.update(set() if inner else {name})
    assert names == NOT_READING | {command for command, _ in READING}


@pytest.mark.usefixtures("story")
def test_debt_lists_open_rooms_and_exceptions_that_hold() -> None:
    """Of an override; the approval without a scope allows nothing that is still owed."""
    said = json.loads(_warroom("debt", "--json").output)
    assert (said["open"], said["exceptions"]) == (2, 1)
    assert "search" in _warroom("debt").output
    with freeze_time(START + timedelta(days=30)):
        assert json.loads(_warroom("debt", "--json").output)["exceptions"] == 0


@pytest.mark.usefixtures("story")
def test_exceptions_lists_what_holds_and_with_all_what_held() -> None:
    """Of an approval and of an override; those that end first first."""
    listed = json.loads(_warroom("exceptions", "--json").output)
    assert listed == sorted(listed, key=lambda each: (each["until"], each["id"]))
    approved, overridden = sorted(listed, key=lambda each: each["allowed_by"], reverse=True)
    assert (approved["allowed_by"], overridden["allowed_by"]) == ("val", "jude")
    assert {**approved, "until": None, "granted_at": None, "id": "", "room_id": ""} == {
        "id": "",
        "policy": "pii-fine-tuning",
        "scope": None,
        "allows": "nothing besides what was decided on",
        "until": None,
        "allowed_by": "val",
        "owner": "val",
        "team": approved["team"],
        "severity": "high",
        "waived": 0,
        "review_at": None,
        "state": "active",
        "granted_at": None,
        "revoked_at": None,
        "revoked_by": None,
        "room_id": "",
    }
    assert approved["id"] == approved["room_id"]
    assert approved["granted_at"] < approved["until"] <= overridden["until"]
    table = _warroom("exceptions", "--policy", "pii-fine-tuning").output
    assert approved["id"] in table
    assert "2 exceptions." in table
    unknown = _warroom("exceptions", "--json", "--policy", "pii-fine-tunin")
    said = "--policy: found 'pii-fine-tunin', did you mean 'pii-fine-tuning'?"
    assert (unknown.exit_code, said in unknown.stderr) == (2, True)
    assert _warroom("exceptions", "--policy", "sources").exit_code == 2, "no policy's id"
    assert json.loads(_warroom("exceptions", "--json", "--subject", "other").output) == []
    with freeze_time(START + timedelta(days=30)):
        assert _warroom("exceptions").output == "No exception is active.\n"
        said = json.loads(_warroom("exceptions", "--json", "--all").output)
        assert [each["state"] for each in said] == ["ended", "ended"]


def test_serve_without_a_token_says_what_to_do() -> None:
    done = _warroom("serve")
    assert done.exit_code == 2
    assert "SLACK_BOT_TOKEN" in done.output
    assert "warroom demo" in done.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", "PORT: "),
        ("DATABASE_URL", "mysql://x", "need sqlite:///FILE or postgresql"),
        ("SLACK_API_URL", "slack.com/api", "SLACK_API_URL: found 'slack.com/api'"),
        ("WARROOM_PUBLIC_URL", "foo", "WARROOM_PUBLIC_URL: found 'foo'"),
    ],
)
def test_a_bad_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    done = _warroom("serve")
    assert done.exit_code == 2
    assert said in done.output


def test_a_database_that_is_not_there_is_exit_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/nothing")
    for command in (("stats",), ("db", "upgrade")):
        done = _warroom(*command)
        assert done.exit_code == 3, done.output
        assert "secret" not in done.output


def test_db_upgrade_brings_the_tables(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert _warroom("db", "upgrade").exit_code == 0


def test_the_list_of_what_can_be_done_with_policies_cuts_no_sentence() -> None:
    done = _warroom("policy", "--help")
    listed = done.output.partition("Commands:\n")[2].splitlines()
    assert "lint" in [line.split()[0] for line in listed]
    assert all(line.endswith(".") and not line.endswith("..") for line in listed), done.output


def test_lint_tells_findings_apart_from_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _warroom("policy", "lint").exit_code == 0
    folder = tmp_path / "config"
    folder.mkdir()
    for path in CONFIG.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text())
    policies = folder / "policies.yaml"
    policies.write_text(policies.read_text().replace("private: true", "private: false"))
    assert _warroom("policy", "lint", str(folder)).exit_code == 1
    policies.write_text(policies.read_text().replace("window: 2h", "windw: 2h"))
    done = _warroom("policy", "lint", str(folder))
    assert done.exit_code == 1
    assert "'window'" in done.output


def test_send_and_gate_say_what_is_missing_and_what_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "WARROOM_WEBHOOK_SECRET" in _warroom("send").output
    assert "WARROOM_GATE_TOKEN" in _warroom("gate", "x").output
    monkeypatch.setenv("WARROOM_WEBHOOK_SECRET", "whsec_" + "QUFB" * 8)
    monkeypatch.setenv("WARROOM_API_TOKEN", "t")
    for command in (("send",), ("gate", "x", "--no-wait")):
        done = _warroom(*command, "--url", "http://127.0.0.1:1")
        assert done.exit_code == 3, done.output
        assert "warroom serve" in done.output
        assert _warroom(*command, "--url", "127.0.0.1:1").exit_code == 2
    assert "one of ada, val" in _warroom("send", "--initiator", "nobody").output
    assert "is not JSON" in _warroom("send", "--file", __file__).output
    done = _warroom("send", "--secret-name", "export-ci")
    assert (done.exit_code, "--secret-name: " in done.output) == (2, True)
    assert "need violations" in done.output
    monkeypatch.setenv("WARROOM_WEBHOOK_SECRET", "hello")
    done = _warroom("send")
    assert (done.exit_code, "WARROOM_WEBHOOK_SECRET: " in done.output) == (2, True)


@pytest.mark.parametrize(
    ("part", "number"),
    [("serve", signal.SIGINT), ("web", signal.SIGTERM), ("worker", signal.SIGTERM)],
    ids=str,
)
def test_a_signal_stops_it_cleanly(postgres_url: str, part: str, number: signal.Signals) -> None:
    environment = os.environ | variables("http://127.0.0.1:1/api/", postgres_url)
    command = [sys.executable, "-m", "bot", part]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        first = process.stderr.readline()
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == 0, first + rest
    assert "warroom.stopping" in first + rest
    assert "Traceback" not in first + rest


def test_a_key_that_was_made_signs_the_log_and_doctor_says_what_is_missing_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _warroom("db", "upgrade")
    assert "log: no key is set" in _warroom("doctor").output
    made = _warroom("audit", "keygen", "--origin", "warroom.example.com/log")
    lines = dict(line.split("=", 1) for line in made.stdout.splitlines())
    names = {"WARROOM_LOG_ORIGIN", "WARROOM_LOG_KEY", "WARROOM_STATEMENT_KEY"}
    assert lines.keys() == names
    for name, value in lines.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WARROOM_LOG_FILE", str(tmp_path / "none" / "checkpoints"))
    said = _warroom("doctor").output
    assert "log: warroom.example.com/log: 0 leaves, no checkpoint yet" in said
    assert "can't be written" in said
    assert "log: no witness cosigns checkpoints" in said
    assert "log: no Slack channel gets the day's checkpoint" in said
    monkeypatch.setenv("WARROOM_LOG_WITNESSES", "https://witness.example.com")
    assert "found no key behind https://witness.example.com" in _warroom("doctor").output
    monkeypatch.setenv("WARROOM_LOG_ORIGIN", "another")
    assert "WARROOM_LOG_ORIGIN names another" in _warroom("doctor").output
    assert "WARROOM_LOG_KEY is set already" in _warroom("audit", "keygen").stderr
    assert "is set already" not in made.stderr


def test_a_key_appended_to_an_env_is_read_from_it_and_others_who_can_read_it_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _warroom("db", "upgrade")
    monkeypatch.chdir(tmp_path)
    env = tmp_path / ".env"
    env.write_text("WARROOM_PUBLIC_URL=https://warroom.example.com")  # without a last newline
    env.chmod(0o644)
    command = [
        sys.executable,
        "-m",
        "bot",
        "audit",
        "keygen",
        "--origin",
        "warroom.example.com/log",
    ]
    with env.open("ab") as out:
        made = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=True, text=True)
    assert [line.split("=")[0] for line in env.read_text().splitlines() if line] == [
        *("WARROOM_PUBLIC_URL", "WARROOM_LOG_ORIGIN", "WARROOM_LOG_KEY"),
        "WARROOM_STATEMENT_KEY",
    ]
    assert "others can read" in made.stderr.lower()
    said = _warroom("doctor").output
    assert "log: others can read" in said
    assert "chmod 600" in said
    env.chmod(0o600)
    said = _warroom("doctor").output
    assert "log: warroom.example.com/log: 0 leaves" in said
    assert "others can read" not in said


def test_a_name_that_no_key_can_have_is_refused() -> None:
    assert _warroom("audit", "keygen", "--origin", "a log").exit_code == 2
