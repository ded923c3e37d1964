"""Imports by hand and in doctor: what would change, what is accepted, and who is unknown."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import doctor
from bot.cli.main import main
from bot.domain.configuration import CONFIGURATION, STREAM_ID, PeopleImported
from bot.domain.person import operator
from bot.domain.violation import Initiator
from bot.engine.engine import Engine
from bot.engine.loads import who_runs_this
from bot.engine.people import on_record
from bot.engine.wakeups import Wakeups
from bot.local_slack import LocalSlack
from bot.storage.database import Database
from bot.storage.store import Store
from tests.build import POLICY, config, report
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING
from tests.staging.environment import CONFIG, variables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration whose people come from `staff.csv`, too."""
    folder = tmp_path / "config"
    folder.mkdir()
    for path in CONFIG.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text())
    people = folder / "people.yaml"
    people.write_text(f"{people.read_text()}\nimport: [{{csv: staff.csv}}]\n")
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\nU0VAL,val-gh\n")
    return folder


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path, database_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    given = variables("http://127.0.0.1:1/api/", database_url, WARROOM_CONFIG=folder)
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def _import(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["people", "import", *arguments])


def _imported(database: Database) -> list[tuple[str, ...]]:
    return list(on_record(Store(database)).humans)


@pytest.mark.usefixtures("environment")
def test_a_dry_run_says_what_would_change_and_records_nothing(database: Database) -> None:
    done = _import("--dry-run")
    assert done.exit_code == 0, done.output
    assert "+ slack:U0VAL github:val-gh" in done.output
    assert "2 people would be imported" in done.output
    assert _imported(database) == []


@pytest.mark.usefixtures("environment")
def test_a_dry_run_after_which_nothing_would_change_says_so(database: Database) -> None:
    assert _import().exit_code == 0
    done = _import("--dry-run")
    assert (done.exit_code, done.output) == (0, "csv staff.csv: 2 people; nothing would change.\n")
    again = _import()
    assert (again.exit_code, again.output) == (0, "csv staff.csv: 2 people; nothing changed.\n")
    assert len(Store(database).stream(CONFIGURATION, STREAM_ID)) == 1


@pytest.mark.usefixtures("environment")
def test_an_import_by_hand_says_what_changed_and_is_in_the_record(
    database: Database, folder: Path
) -> None:
    assert _import().exit_code == 0
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\nU0VAL,val-home\n@val,,\n")
    done = _import()
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "left out: staff.csv:4: found 3 values, need 2 as in the header",
        "+ slack:U0VAL github:val-home",
        "- slack:U0VAL github:val-gh",
        "csv staff.csv: 2 people imported.",
    ]
    assert ("slack:U0VAL", "github:val-home") in _imported(database)


@pytest.mark.usefixtures("environment")
def test_what_shrank_is_taken_only_when_it_is_accepted_and_by_whom(
    database: Database, folder: Path
) -> None:
    assert _import().exit_code == 0
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\n")
    for arguments in ((), ("--dry-run",)):
        refused = _import(*arguments)
        assert refused.exit_code == 1
        assert "need more than nine tenths of the last 2; --accept takes it" in refused.output
    assert len(_imported(database)) == 2
    accepted = _import("--accept")
    assert accepted.exit_code == 0, accepted.output
    assert _imported(database) == [("slack:U0ADA", "github:ada-gh")]
    last = Store(database).stream(CONFIGURATION, STREAM_ID)[-1].event
    assert isinstance(last, PeopleImported)
    assert last.accepted_by == operator(who_runs_this()).account


@pytest.mark.either_database
@pytest.mark.usefixtures("environment")
def test_without_an_import_there_is_nothing_to_do_by_hand(folder: Path) -> None:
    (folder / "people.yaml").write_text((CONFIG / "people.yaml").read_text())
    done = _import()
    assert done.exit_code == 2
    assert "people.yaml has no `import`" in done.output


async def _examined() -> tuple[int, str]:
    lines: list[str] = []
    code = await doctor.examine(lines.append, as_json=False)
    return code, "\n".join(lines)


@pytest.fixture
def patient(environment: None, local_slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    del environment
    monkeypatch.setenv("SLACK_API_URL", local_slack.api_url)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef0123456789abcdef")


@pytest.mark.either_database
@pytest.mark.usefixtures("patient")
async def test_doctor_says_of_an_import_that_never_was_good_that_it_gives_nobody(
    folder: Path,
) -> None:
    (folder / "staff.csv").write_text("slak,github\n")
    code, said = await _examined()
    assert code == 1
    assert "Mend what it says; until then it gives nobody." in said
    assert "0 people" not in said


@pytest.mark.either_database
@pytest.mark.usefixtures("patient")
async def test_doctor_says_of_a_file_that_is_not_there_where_it_is_named_and_what_holds(
    folder: Path,
) -> None:
    staff = folder / "staff.csv"
    staff.rename(folder / "later.csv")
    for holds in ("until then it gives nobody.", "ago, holds, with 2 people."):
        code, said = await _examined()
        assert code == 1, said
        assert "✗ import csv staff.csv: people.yaml:" in said
        assert f": csv: found no file {staff}, need one" in said
        assert holds in said
        (folder / "later.csv").rename(staff)
        assert (await asyncio.to_thread(_import)).exit_code == 0
        staff.rename(folder / "later.csv")


@pytest.mark.either_database
@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    "content",
    [
        b"slack,email,github\n,newc@acme.test,\n",
        b"slack,email,github\n,newc@acme.test,newc\n",
        b"slack,email,github\n,va1@acme.test,va1\nU0VAL,va1@acme.test,\n",
        b"slack,email,github\nU0GONE,ada@acme.test;val@acme.test,ada;val\n",
        b"slack,email,github\nUSLACKBOT,,\nU0VAL,,dependabot[bot]\n",
        b"slack,email,github\n,\xc3\xa9@\xc3\xa9.test,\n",
        b"email\n\x00@acme.test\nval@acme.test\n",
        b'{"email": "\\ud800@acme.test"}\n{"slack": "U0VAL"}\n',
        b'{"email": "val@acme.test", "name": "\xe2\x80\xa8"}\n',
        b"email\n" + b"a" * 200_000 + b"@acme.test\n",
        b"slack\n",
        b"",
        b"\x00",
    ],
    ids=lambda content: repr(content[:60]),
)
async def test_whatever_an_import_holds_the_commands_end_with_what_they_found(
    database: Database, content: bytes, folder: Path
) -> None:
    """Whoever it names and nobody knows is nobody's, and no reason for anything to fail."""
    await _reported(database, datetime.now(UTC), Initiator(email="newc@acme.test"))
    await _reported(database, datetime.now(UTC), Initiator(github="va2"))
    (folder / "staff.csv").write_bytes(content)
    for arguments in ("--dry-run", "--accept"):
        done = await asyncio.to_thread(_import, arguments)
        assert done.exit_code in (0, 1), done.exception
        assert "csv staff.csv: " in done.output
    code, said = await _examined()
    assert code in (0, 1)
    assert "unknown initiator: `newc@acme.test`" in said
    assert said.splitlines()[-1].startswith(("Ready to serve", "1 to mend"))


@pytest.mark.either_database
@pytest.mark.usefixtures("patient")
async def test_doctor_tries_each_import_and_says_how_the_last_went(folder: Path) -> None:
    code, said = await _examined()
    assert code == 0, said
    assert "✓ import csv staff.csv: 2 people" in said
    assert (await asyncio.to_thread(_import)).exit_code == 0
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\n")
    code, said = await _examined()
    assert code == 1
    assert "✗ import csv staff.csv: found 1 person, need more than nine tenths" in said
    assert "warroom people import --accept" in said
    assert "✓ import csv staff.csv: imported " in said
    (folder / "staff.csv").write_text("slak,github\n")
    code, said = await _examined()
    assert code == 1
    assert "staff.csv:1:1: found the unknown column 'slak', did you mean 'slack'?" in said
    assert "ago, holds, with 2 people" in said


@pytest.mark.either_database
@pytest.mark.usefixtures("patient")
async def test_doctor_names_the_deciders_who_are_known_too_little_after_imports(
    folder: Path,
) -> None:
    people = folder / "people.yaml"
    people.write_text(people.read_text().replace("github: val,", "").replace("github: viv,", ""))
    assert (await asyncio.to_thread(_import)).exit_code == 0
    _, said = await _examined()
    assert "! people: viv decides, and has no GitHub login" in said
    assert "need `github: …` at viv in people.yaml, or from an import" in said
    assert "people: val" not in said, "the import has a login of hers"
    people.write_text(people.read_text().partition("\nimport:")[0])
    _, said = await _examined()
    assert said.count("viv decides, and has no GitHub login") == 1, "without an import it is so too"


@pytest.mark.either_database
@pytest.mark.usefixtures("patient")
async def test_doctor_lists_the_unknown_initiators_of_30_days_with_the_nearest(
    database: Database,
) -> None:
    """Who is known by now isn't listed, and neither is who is like nobody told to be somebody."""
    for days, initiator in (
        (40, Initiator(github="long-ago")),
        (20, Initiator(email="va1@acme.test")),
        (10, Initiator(github="zzz")),
        (1, Initiator(github="val-gh")),
    ):
        await _reported(database, datetime.now(UTC) - timedelta(days=days), initiator)
    assert (await asyncio.to_thread(_import)).exit_code == 0
    code, said = await _examined()
    assert code == 0, said
    unknown = [line for line in said.splitlines() if "unknown initiator" in line]
    assert unknown == [
        "! unknown initiator: `zzz`",
        "! unknown initiator: `va1@acme.test`: did you mean val's val@acme.test?",
    ]
    assert "add it to people.yaml" in said


NAME_A_HUMAN = "let the pipeline name them in `initiator` or `contributors`"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("initiator", "said", "mend"),
    [
        (Initiator(github="renovate[bot]"), "`renovate[bot]` is a bot, which", NAME_A_HUMAN),
        (Initiator(github="acme-ci"), "`acme-ci` is a bot, which", NAME_A_HUMAN),
        (Initiator(slack="USLACKBOT"), "`USLACKBOT` is a bot, which", NAME_A_HUMAN),
        (Initiator(slack="U0BOT"), "`U0BOT` is a bot, which", NAME_A_HUMAN),
        (Initiator(slack="U0NOBODY"), "`U0NOBODY`", "add it to people.yaml"),
        (Initiator(github="zzz"), "`zzz`", "add it to people.yaml"),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
async def test_doctor_advises_what_makes_somebody_known_and_no_line_that_changes_nothing(
    database: Database, initiator: Initiator, said: str, mend: str
) -> None:
    """A bot alone has a human behind it: that it is listed as one makes nobody known."""
    await _reported(database, datetime.now(UTC), initiator)
    code, told = await _examined()
    assert code == 0, told
    lines = told.splitlines()
    (at,) = (number for number, line in enumerate(lines) if "unknown initiator" in line)
    assert lines[at].startswith(f"! unknown initiator: {said}")
    assert mend in lines[at + 1]
    assert ("*I know who this is…*" in lines[at + 1]) is (mend == NAME_A_HUMAN)
    assert ("`bots`" in lines[at + 1]) is (mend != NAME_A_HUMAN)


@pytest.mark.usefixtures("environment")
def test_one_person_is_no_people(folder: Path) -> None:
    (folder / "staff.csv").write_text("slack,github\nU0ADA,ada-gh\n")
    assert _import("--dry-run").output.endswith("csv staff.csv: 1 person would be imported.\n")
    assert _import().output.endswith("csv staff.csv: 1 person imported.\n")
    assert _import().output == "csv staff.csv: 1 person; nothing changed.\n"


@pytest.mark.usefixtures("patient")
async def test_doctor_says_of_whoever_has_no_identity_that_no_file_can_know_them(
    database: Database,
) -> None:
    for name in ("Val\x1b[2J Osei", "whoever wrote commit 8c1f2a7d (not named)"):
        await _reported(database, datetime.now(UTC) - timedelta(days=1), Initiator(name=name))
    _, said = await _examined()
    (line,) = [line for line in said.splitlines() if "unknown initiator" in line]
    assert line.startswith("! unknown initiator: reported without an identity: `whoever wrote")
    assert "`Val" in line
    assert "\x1b" not in said
    assert "add it to people.yaml" not in said
    assert "people.yaml can't know them" in said


async def _reported(database: Database, at: datetime, initiator: Initiator) -> None:
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), HandClock(at), wakeups, FOLLOWING)
    await engine.start("tests")
    given = report(initiator=initiator, dedup_key=initiator.label)
    await engine.report(given, "violations", initiator.label)
    await asyncio.to_thread(engine.stop)
