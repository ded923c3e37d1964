"""People who come from where they are: from a file, a command and Slack, at the start and hourly.

The threat: a validator whose login stands in no file, and who approves her own change.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot.domain.commands import Assign
from bot.domain.person import operator, unnamed
from bot.domain.policy import Role
from bot.integrations.people.files import run_command
from bot.integrations.people.slack_members import Members
from bot.local_slack import LocalSlack, Member, People, SlackMessage
from bot.policies.imported import ImportFailedError
from bot.policies.imports import CommandImport, SlackImport
from bot.storage import tables
from tests.approving import try_to_approve
from tests.build import EVE, JUDE, NAMES, VAL, VIV
from tests.choosing import choose
from tests.local_slack.support import client_of
from tests.staging.environment import CONFIG
from tests.staging.pipeline import channel
from tests.staging.stage import Stage, local_slack_config, staged

pytestmark = pytest.mark.usefixtures("fresh_loggers")

HELD_BACK = "Held back."
HOUR = timedelta(hours=1)
FIELD = {"id": "Xf0GITHUB", "label": "GitHub"}
LOGINS = {"val": "https://github.com/val-gh", "eve": "eve-gh", "viv": "not a login"}


def slack_with_logins(*more_scopes: str) -> LocalSlack:
    """People have their logins in their profiles; among them is a bot, and who has left."""
    people = [
        Member(
            id=user,
            name=name,
            email=f"{name}@acme.test",
            fields={"Xf0GITHUB": LOGINS[name]} if name in LOGINS else {},
        )
        for user, name in NAMES.items()
    ]
    people.append(Member(id="U0GONE", name="gone", email="gone@acme.test", deactivated=True))
    config = local_slack_config(people=tuple(people), profile_fields=(FIELD,))
    return LocalSlack(config.model_copy(update={"scopes": (*config.scopes, *more_scopes)}))


@pytest.fixture
async def local_slack() -> AsyncIterator[LocalSlack]:
    async with slack_with_logins("users.profile:read") as slack:
        yield slack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    for path in CONFIG.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text())
    return folder


def importing(folder: Path, *entries: str) -> None:
    people = (CONFIG / "people.yaml").read_text()
    (folder / "people.yaml").write_text(f"{people}\nimport: [{', '.join(entries)}]\n")


Staged = Callable[..., Any]


@pytest.fixture
def with_imports(
    local_slack: LocalSlack, people: People, database_url: str, folder: Path
) -> Staged:
    """The bot with what `importing` has written, once it has imported all of it."""

    @asynccontextmanager
    async def started(sources: int) -> AsyncIterator[Stage]:
        async with staged(local_slack, people, database_url, WARROOM_CONFIG=folder) as stage:
            # Also noted: a clock that is moved before would put off the next import.
            await until(stage, lambda: _succeeded(stage) >= sources)
            await until(stage, lambda: len(stage.app.engine.people.claims) > 0 or not sources)
            yield stage

    return started


def _succeeded(stage: Stage) -> int:
    done = select(func.count()).where(tables.imports.c.succeeded_at.is_not(None))
    return stage.app.engine.store.ask(lambda connection: connection.execute(done).scalar_one())


async def until(stage: Stage, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await stage.app.engine.wakeups.room_changed("configuration", 0.1)


async def card(stage: Stage, answer: dict[str, Any], holds: Callable[[str], bool]) -> SlackMessage:
    return await stage.people.wait_for_message(
        user=VIV,
        channel=channel(answer),
        holds=lambda message: message.pinned and holds(message.words),
    )


async def approve(stage: Stage, user: str, answer: dict[str, Any]) -> str:
    await try_to_approve(stage.people, user=user, channel=channel(answer))
    return str((await stage.gate(answer["violation_id"]))["verdict"])


async def test_who_has_a_login_in_their_profile_is_its_owner(
    with_imports: Staged, folder: Path
) -> None:
    importing(folder, "{slack: {github_field: github}}")
    async with with_imports(1) as stage:
        answer = await stage.send(initiator={"github": "val-gh"})
        shown = await card(stage, answer, lambda words: "Initiator: " in words)
        assert "<@U0VAL>" in shown.words
        assert HELD_BACK not in shown.words
        assert await approve(stage, VAL, answer) == "pending"
        assert await approve(stage, VIV, answer) == "allow"


@pytest.mark.either_database
async def test_who_is_only_in_slack_is_known_and_has_no_role(
    with_imports: Staged, folder: Path
) -> None:
    importing(folder, "{slack: {github_field: Xf0GITHUB}}")
    async with with_imports(1) as stage:
        answer = await stage.send(initiator={"github": "eve-gh"})
        shown = await card(stage, answer, lambda words: "Initiator: <@U0EVE>" in words)
        assert HELD_BACK not in shown.words
        assert await approve(stage, VAL, answer) == "allow"


@pytest.mark.either_database
async def test_who_is_imported_by_an_address_gets_the_slack_account_that_has_it(
    with_imports: Staged, folder: Path
) -> None:
    """An address alone can't be told from the account that somebody acts with."""
    importing(folder, "{csv: staff.csv}")
    (folder / "staff.csv").write_text(
        "email,github\neve@acme.test,eve-staff\nval@acme.test,val-staff\nno@acme.test,no-staff\n"
    )
    async with with_imports(1) as stage:
        owners = stage.app.engine.people.owners
        assert [who.name for who in owners("github:eve-staff")] == ["slack:U0EVE"]
        assert [who.name for who in owners("github:val-staff")] == ["val"]
        assert owners("github:no-staff") == ()


@pytest.mark.either_database
async def test_who_is_named_by_one_of_their_accounts_is_an_initiator_by_the_others_too(
    with_imports: Staged, folder: Path
) -> None:
    """Eve's account is Val's second one, as the import says, whom a person names by it alone."""
    importing(folder, "{csv: staff.csv}")
    (folder / "staff.csv").write_text("slack\nU0VAL;U0EVE\n")
    async with with_imports(1) as stage:
        answer = await stage.send(initiator={"github": "newcomer"})
        await card(stage, answer, lambda words: HELD_BACK in words)
        await choose(stage.people, user=VIV, channel=channel(answer), verb="identify")
        form = await stage.people.wait_for_modal(user=VIV, callback_id="identify_modal")
        values = {"account": "github:newcomer", "person": EVE}
        await stage.people.submit(user=VIV, view_id=form.id, values=values)
        shown = await card(stage, answer, lambda words: "by the word of <@U0VIV>" in words)
        assert "Initiator: <@U0EVE> (not seen yet), <@U0VAL> (not seen yet)" in shown.words
        assert await approve(stage, VAL, answer) == "pending"
        assert await approve(stage, JUDE, answer) == "allow"


async def _adjudicating(stage: Stage, answer: dict[str, Any]) -> None:
    """Eve has got the adjudicator's role, and can act in the channel."""
    eve = unnamed("slack", EVE)
    order = Assign(role=Role.ADJUDICATOR, to=eve, why="Jude has left the company.")
    await stage.app.engine.handle(answer["room_id"], order, operator("ops"))
    await stage.joined(channel(answer), EVE)


@pytest.mark.either_database
async def test_one_human_is_no_second_person_by_another_account(
    with_imports: Staged, folder: Path
) -> None:
    """Both accounts have a role of their own; that they are one human's only the import says."""
    importing(folder, "{csv: staff.csv}")
    (folder / "staff.csv").write_text("slack,email\nU0EVE,val@acme.test\n")
    async with with_imports(1) as stage:
        answer = await stage.send(initiator={"github": "newcomer"})
        await card(stage, answer, lambda words: HELD_BACK in words)
        await _adjudicating(stage, answer)
        assert await approve(stage, VAL, answer) == "pending"
        assert await approve(stage, EVE, answer) == "pending"
        assert await approve(stage, VIV, answer) == "allow"


@pytest.mark.either_database
async def test_an_initiator_decides_nothing_by_an_account_that_a_later_import_says_is_theirs(
    with_imports: Staged, folder: Path
) -> None:
    importing(folder, "{csv: staff.csv}")
    staff = folder / "staff.csv"
    staff.write_text("slack,email\nU0VIV,viv@acme.test\n")
    async with with_imports(1) as stage:
        answer = await stage.send(initiator={"slack": VAL})
        await _adjudicating(stage, answer)
        staff.write_text("slack,email\nU0VIV,viv@acme.test\nU0EVE,val@acme.test\n")
        stage.move(HOUR)
        await card(
            stage, answer, lambda words: "Initiator: <@U0VAL> (not seen yet), <@U0EVE>" in words
        )
        assert await approve(stage, EVE, answer) == "pending"
        assert await approve(stage, VIV, answer) == "allow"


async def test_a_room_goes_on_once_an_import_an_hour_later_says_who_made_it(
    with_imports: Staged, folder: Path
) -> None:
    importing(folder, "{csv: staff.csv}")
    staff = folder / "staff.csv"
    staff.write_text("slack,github\nU0VIV,viv-gh\n")
    async with with_imports(1) as stage:
        answer = await stage.send(initiator={"github": "val-home"})
        await card(stage, answer, lambda words: HELD_BACK in words)
        staff.write_text("slack,github\nU0VIV,viv-gh\nU0VAL,val-home\n")
        stage.move(HOUR)
        shown = await card(stage, answer, lambda words: HELD_BACK not in words)
        assert "Initiator: <@U0VAL>" in shown.words
        assert await approve(stage, VAL, answer) == "pending"
        assert await approve(stage, VIV, answer) == "allow"


@pytest.mark.either_database
async def test_a_room_is_told_at_the_start_of_whom_the_file_names_by_now(
    with_imports: Staged, folder: Path
) -> None:
    async with with_imports(0) as stage:
        answer = await stage.send(initiator={"github": "val-home"})
        await card(stage, answer, lambda words: HELD_BACK in words)
    people = folder / "people.yaml"
    people.write_text(people.read_text().replace("github: val,", "github: [val, val-home],"))
    async with with_imports(0) as stage:
        shown = await card(stage, answer, lambda words: HELD_BACK not in words)
        assert "Initiator: <@U0VAL>" in shown.words


async def test_an_import_that_fails_or_shrinks_keeps_the_last_one_and_says_so(
    with_imports: Staged, folder: Path
) -> None:
    importing(folder, "{command: [sh, ./staff.sh]}", "{csv: staff.csv}")
    command, staff = folder / "staff.sh", folder / "staff.csv"
    command.write_text("printf 'slack,github\\nU0VAL,val-gh\\n'")
    staff.write_text("slack,github\nU0VIV,viv-gh\nU0VAL,val-home\n")
    async with with_imports(2) as stage:
        known = partial(_known, stage)
        await until(stage, lambda: known("github:val-gh") and known("github:val-home"))
        command.write_text("echo no answer >&2; exit 3")
        staff.write_text("slack,github\nU0VIV,viv-gh\n")
        with capture_logs() as lines:
            stage.move(HOUR)
            await until(stage, lambda: len(_failures(lines)) > 1)
        assert known("github:val-gh")
        assert known("github:val-home")
    said = {line["source"]: line["error"] for line in _failures(lines)}
    assert said["command sh"] == "sh ended with exit code 3, need 0"
    assert said["csv staff.csv"] == "found 1 person, need more than nine tenths of the last 2"


async def test_a_start_without_the_file_of_an_import_keeps_the_last_one_and_says_so(
    with_imports: Staged, folder: Path
) -> None:
    """An export may be about to write it anew; a file that never was there gives nobody."""
    importing(folder, "{csv: staff.csv}", "{csv: never.csv}")
    staff = folder / "staff.csv"
    staff.write_text("slack,github\nU0VAL,val-gh\n")
    async with with_imports(1) as stage:
        assert _known(stage, "github:val-gh")
        stage.move(HOUR)
    staff.unlink()
    with capture_logs() as lines:
        async with with_imports(1) as stage:
            async with asyncio.timeout(20):
                while len(_failures(lines)) < 2:  # each hour it is tried again, whoever did so last
                    stage.move(HOUR)
                    await stage.app.engine.wakeups.room_changed("configuration", 0.5)
            answer = await stage.send(initiator={"github": "val-gh"})
            shown = await card(stage, answer, lambda words: "Initiator: " in words)
            assert "Initiator: <@U0VAL>" in shown.words
            assert HELD_BACK not in shown.words
    for line in _failures(lines):
        assert line["error"].startswith("people.yaml:")
        assert "csv: found no file" in line["error"]
        assert line["source"].removeprefix("csv ") in line["error"]


def _known(stage: Stage, account: str) -> bool:
    return bool(stage.app.engine.people.owners(account))


def _failures(lines: Any) -> list[Any]:  # noqa: ANN401 - structlog's
    return [line for line in lines if line["event"] == "people.import_failed"]


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sleep 60", "sh was not done after 0.2 s"),
        ("yes slack", "sh printed more than"),
        ("exit 1", "exit code 1"),
        ("true", "found no header"),
    ],
)
async def test_a_command_has_its_time_and_its_output(
    command: str, said: str, tmp_path: Path
) -> None:
    source = CommandImport(name="sh", argv=("sh", "-c", command), folder=tmp_path)
    with pytest.raises(ImportFailedError, match=said):
        await run_command(source, seconds=0.2 if "sleep" in command else 60)


SLACK = SlackImport(name="slack", github_field="GitHub")


async def test_everybody_in_slack_is_imported_but_bots_and_who_has_left(
    local_slack: LocalSlack,
) -> None:
    imported = await Members(client_of(local_slack)).imported(SLACK)
    assert [human[0] for human in imported.humans] == [f"slack:{user}" for user in NAMES]
    assert ("slack:U0VAL", "email:val@acme.test", "github:val-gh") in imported.humans
    assert ("slack:U0VIV", "email:viv@acme.test") in imported.humans
    assert [said.partition(": found")[0] for said in imported.skipped] == ["U0VIV: github"]


async def test_when_slack_says_to_wait_it_is_waited_for(
    local_slack: LocalSlack, people: People
) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    await people.fault("http", method="users.list", status=503, times=1)
    await people.fault("error", method="users.profile.get", error="ratelimited", times=1)
    imported = await Members(client_of(local_slack), wait).imported(SLACK)
    assert len(imported.humans) == len(NAMES)
    assert len(waited) == 2


async def test_a_field_that_is_not_there_and_a_scope_that_is_missing_are_said(
    local_slack: LocalSlack,
) -> None:
    unknown = SlackImport(name="slack", github_field="Git Hub")
    with pytest.raises(ImportFailedError, match=r"no profile field 'Git Hub'.*mean 'GitHub'"):
        await Members(client_of(local_slack)).imported(unknown)
    async with slack_with_logins() as without:
        with pytest.raises(ImportFailedError, match=r"lacks the scope users\.profile:read"):
            await Members(client_of(without)).imported(SLACK)
