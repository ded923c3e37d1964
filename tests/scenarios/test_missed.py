"""What was missed is told, in `/metrics` and by `warroom doctor`, after a restart too."""

import asyncio
import hmac
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.cli import doctor
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.integrations.github.source import GithubSection
from bot.integrations.source_checks import NAMES_SAID
from bot.local_slack import LocalSlack, People
from bot.policies.sources import Sources
from bot.storage.database import Database
from bot.storage.source_names import NAMES_KEPT, ignored_count, ignored_since
from tests.build import POLICY, START, config
from tests.conftest import HandClock
from tests.metrics.reading import scraped
from tests.outgoing import FOLLOWING
from tests.staging.environment import GITHUB_SECRET, variables
from tests.staging.stage import Stage, staged

NAMES = ("Guardrails", "Model export check", "Drift monitor")
COUNTER = "warroom_source_ignored_total"


async def _failed(stage: Stage, name: str) -> httpx.Response:
    run = {"name": name, "head_sha": "8c1f2a7d", "conclusion": "failure"}
    report = {"action": "completed", "check_run": run, "repository": {"full_name": "acme/ranker"}}
    content = json.dumps(report | {"sender": {"login": "ada"}}).encode()
    digest = hmac.new(GITHUB_SECRET.encode(), content, "sha256").hexdigest()
    headers = {"x-github-event": "check_run", "x-hub-signature-256": f"sha256={digest}"}
    return await stage.web.post("/webhooks/github", content=content, headers=headers)


@pytest.fixture
def said(
    local_slack: LocalSlack, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> "Said":
    """The doctor of the bot that works with this database."""
    changes = {"WARROOM_GITHUB_SECRET": GITHUB_SECRET}
    for name, value in variables(local_slack.api_url, database_url, **changes).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return Said()


class Said:
    """What the doctor says."""

    async def __call__(self) -> list[dict[str, str]]:
        lines: list[str] = []
        await doctor.examine(lines.append, as_json=True)
        return [each for each in json.loads(lines[0]) if each["subject"] == "GitHub"]


async def test_an_ignored_failure_is_counted_and_told_with_what_was_probably_meant(
    local_slack: LocalSlack, people: People, database_url: str, said: Said
) -> None:
    """By whichever process, and after all of them have ended."""
    async with staged(local_slack, people, database_url) as stage:
        assert (await scraped(stage.web)).series[COUNTER]["source"] == {"github"}
        for name in ("Guardrials", "Guardrials", "Unit tests", "Guardrails (3.11)"):
            assert (await _failed(stage, name)).status_code == 202
        first = (await scraped(stage.web)).value(COUNTER, source="github", reason="unmapped")
    async with staged(local_slack, people, database_url) as stage:
        await _failed(stage, "Guardrials")
        after = (await scraped(stage.web)).value(COUNTER, source="github", reason="unmapped")
    assert (first, after) == (3, 4)
    near, other = await said()
    assert near["level"] == other["level"] == "warning"
    assert near["message"].startswith("'Guardrials' failed and was ignored 3 times, last on ")
    assert "Did you mean it by 'Guardrails'?" in near["mend"]
    assert other["message"].startswith("'Unit tests' failed and was ignored 1 time, last on ")
    assert "Mapped are: 'Guardrails', 'Model export check', 'Drift monitor'" in other["mend"]


async def test_a_name_that_is_mapped_by_now_is_told_no_more(
    stage: Stage, said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await _failed(stage, "Guardrials")
    assert len(await said()) == 1
    folder = shutil.copytree(stage.app.settings.warroom_config, tmp_path / "mended")
    mapped = (folder / "sources.yaml").read_text().replace("Guardrails:", "Guardr*:")
    (folder / "sources.yaml").write_text(mapped)
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))
    assert await said() == []


@pytest.mark.either_database
async def test_of_many_names_the_doctor_says_those_first_that_are_like_a_pattern(
    stage: Stage, said: Said
) -> None:
    for number in range(NAMES_SAID + 5):
        await _failed(stage, f"{chr(65 + number) * 3} unlike anything {number}")
    await _failed(stage, "Drift moniter")
    told = await said()
    assert len(told) == NAMES_SAID + 1
    assert "Did you mean it by 'Drift monitor'?" in told[0]["mend"]
    assert told[-1]["message"].startswith("6 more names failed and were ignored")


@asynccontextmanager
async def _begun(database: Database, clock: HandClock, *names: str) -> AsyncIterator[Engine]:
    """A process that was started with these names mapped at GitHub."""
    section = GithubSection(secret_env="S", policies=dict.fromkeys(names, POLICY.id))
    loaded = config(POLICY).but(sources=Sources(sections={"github": section}))
    engine = Engine(database, loaded, clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


async def test_a_pattern_that_has_taken_no_name_for_thirty_days_is_told(
    database: Database, said: Said
) -> None:
    """Since it was configured, or since it last took one; a success counts, restarts don't."""
    now = datetime.now(UTC)
    clock = HandClock(now - timedelta(days=40))
    async with _begun(database, clock, *NAMES[:2]) as engine:
        await engine.names.taken("github", NAMES[0])
    clock.at = now - timedelta(days=20)
    async with _begun(database, clock, *NAMES) as engine:
        await engine.names.taken("github", NAMES[0])
    (told,) = await said()
    since = f"{now - timedelta(days=40):%d %b %Y}"
    assert told["message"] == f"'{NAMES[1]}' in sources.yaml has taken no name since {since}"
    assert told["level"] == "warning"


async def test_a_pattern_that_takes_none_is_told_with_the_name_that_was_ignored(
    database: Database, said: Said
) -> None:
    clock = HandClock(datetime.now(UTC) - timedelta(days=31))
    async with _begun(database, clock, NAMES[2]) as engine:
        clock.at = datetime.now(UTC)
        await engine.names.ignored("github", "Drift monitoring")
    told = await said()
    assert "Did you mean 'Drift monitoring'? That was ignored." in told[-1]["mend"]


async def test_a_pattern_that_is_configured_no_more_is_forgotten(
    database: Database, said: Said
) -> None:
    clock = HandClock(datetime.now(UTC) - timedelta(days=40))
    async with _begun(database, clock, NAMES[1]):
        pass
    clock.at = datetime.now(UTC)
    async with _begun(database, clock, NAMES[0]):
        pass
    async with _begun(database, clock, NAMES[1]):
        pass
    assert await said() == []


async def test_a_pattern_that_was_taken_out_of_the_file_is_not_told_before_the_next_start(
    database: Database, said: Said
) -> None:
    clock = HandClock(datetime.now(UTC) - timedelta(days=40))
    async with _begun(database, clock, "Guardrails of last year"):
        pass
    assert await said() == []


@pytest.mark.only_on("postgresql", reason="a file takes one process")
async def test_two_processes_that_ignore_the_same_names_count_together_and_lose_nothing(
    database: Database, clock: HandClock
) -> None:
    """Each forgets the oldest names while the other sees them again."""
    many = NAMES_KEPT + 40
    begun = [_begun(database, clock, NAMES[0]) for _ in range(2)]
    async with begun[0] as one, begun[1] as other:
        for _ in range(3):
            clock.move(timedelta(seconds=1))
            forth = [one.names.ignored("github", f"Check {n}") for n in range(many)]
            back = [other.names.ignored("github", f"Check {n}") for n in reversed(range(many))]
            await asyncio.gather(*forth, *back)
        await one.names.ignored("github", "Check of one")
        assert one.store.ask(ignored_count) == {"github": 6 * many + 1}
        kept = one.store.ask(lambda asked: ignored_since(asked, START))
        assert len(kept) == NAMES_KEPT


async def test_that_a_pattern_took_a_name_is_written_once_an_hour(
    database: Database, clock: HandClock
) -> None:
    """Intake pays for one row more, not for one with each violation."""
    async with _begun(database, clock, "Guardrails") as engine:
        commits = 0
        for minutes in (0, 1, 59, 61):
            before = _times(database)
            clock.at = clock.at.replace(minute=0) + timedelta(minutes=minutes)
            await engine.names.taken("github", "Guardrails")
            commits += _times(database) - before
    assert commits == 2


def _times(database: Database) -> int:
    with database.read.connect() as connection:
        return int(connection.exec_driver_sql("SELECT sum(times) FROM source_names").scalar_one())
