"""`GET /client/warroom.pyz`: one file that a pipeline fetches, compares with its pin, and runs."""

import asyncio
import hashlib
import io
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.http.client_archive import archive
from bot.local_slack import LocalSlack, People
from tests.client.job import Job, ended
from tests.staging.processes import free_port
from tests.staging.stage import Stage, staged

pytestmark = pytest.mark.either_database
NO_PACKAGES = (sys.executable, "-I", "-S")


@pytest.fixture
async def at_home(
    local_slack: LocalSlack, people: People, database_url: str
) -> AsyncIterator[Stage]:
    """A bot whose address is its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    at_home = staged(local_slack, people, database_url, PORT=port, WARROOM_PUBLIC_URL=url)
    async with at_home as stage:
        yield stage


async def test_it_is_fetched_compared_and_run_with_a_token_alone(
    at_home: Stage, tmp_path: Path
) -> None:
    """It knows the bot that it is from, and the Python that runs it has no packages."""
    answer = await at_home.send()
    program = await at_home.web.get("/client/warroom.pyz")
    digest = await at_home.web.get("/client/warroom.pyz.sha256")
    assert (program.status_code, digest.status_code) == (200, 200)
    await asyncio.to_thread((tmp_path / "warroom.pyz").write_bytes, program.content)
    await asyncio.to_thread((tmp_path / "pinned").write_text, digest.text)
    job = Job(tmp_path, "")
    compared = await ended(await job.start("sha256sum", "-c", "pinned"))
    assert (compared.code, compared.out) == (0, "warroom.pyz: OK\n")
    words = (*NO_PACKAGES, "warroom.pyz", "gate", answer["violation_id"], "--no-wait")
    done = await ended(await job.start(*words, WARROOM_PUBLIC_URL=""))
    assert (done.code, "pending: to be decided by" in done.out) == (4, True), done


async def test_it_is_the_same_each_time_and_with_its_digest(stage: Stage) -> None:
    once = (await stage.web.get("/client/warroom.pyz")).content
    digest = (await stage.web.get("/client/warroom.pyz.sha256")).text
    assert digest == f"{hashlib.sha256(once).hexdigest()}  warroom.pyz\n"
    assert once == archive("https://warroom.test")


def test_it_has_nothing_of_the_server_and_the_licence_of_each_package() -> None:
    with zipfile.ZipFile(io.BytesIO(archive(""))) as content:
        names = content.namelist()
    ours = {name.split("/")[1] for name in names if name.startswith("bot/")}
    assert ours <= {"__init__.py", "check", "cli", "client", "cores.py", "domain", "errors.py"} | {
        "signatures.py",
        "yaml",
    }
    licences = [name for name in names if ".dist-info/" in name]
    assert len({name.split("/")[0] for name in licences}) == 3
