"""Each way to run the bot loads what it uses, and nothing else: that is most of its start.

Each is a process that runs as users run it. Python starts it with a module of ours that writes down
at its end what is loaded.
"""

import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from bot.storage import migrations
from bot.storage.database import Database
from tests.staging.environment import ROOT, variables
from tests.staging.processes import bot

NO_SLACK = "http://127.0.0.1:1/api/"
SAYING = """
import atexit, sys
from pathlib import Path

def say():
    names = [name for name, module in sys.modules.items() if module]
    Path(__file__).with_name("loaded").write_text(" ".join(names))

atexit.register(say)
"""

PRINTING = {"rich", "pygments"}
MIGRATING = {"alembic", "mako", "bot.storage.migrations.steps"}
POSTGRESQL = {"psycopg", "psycopg_binary", "sqlalchemy.dialects.postgresql"}
SLACK = {"slack_sdk", "slack_bolt", "aiohttp", "bot.integrations.slack"}
WEB = {"starlette", "uvicorn", "httptools", "bot.http"}
SERVER = {"pydantic", "sqlalchemy", "structlog", "bot.engine", "bot.integrations", "bot.policies"}
# All that it loads of others. One package more is megabytes more: that is decided here.
PACKAGES = frozenset(
    {"aiohappyeyeballs", "aiohttp", "aiosignal", "annotated_types", "anyio", "apscheduler", "attr"}
    | {"bot", "cel_expr_python", "click", "dotenv", "frozenlist", "greenlet", "httptools", "idna"}
    | {"multidict", "prometheus_client", "propcache", "pydantic", "pydantic_core"}
    | {"pydantic_settings", "slack_bolt", "slack_sdk", "sqlalchemy", "starlette", "structlog"}
    | {"typing_extensions", "typing_inspection", "tzlocal", "uvicorn", "uvloop", "yaml", "yarl"}
)
PLAYED = {"bot.local_slack", "bot.demo", "bot.check", "jinja2", "httpx"}


@pytest.fixture
def saying(tmp_path: Path) -> dict[str, str]:
    """What has a process write down what it has loaded, to be found in `tmp_path`."""
    (tmp_path / "sitecustomize.py").write_text(SAYING)
    return {"PYTHONPATH": f"{tmp_path}:{ROOT}"}


def _loaded(folder: Path) -> set[str]:
    return set((folder / "loaded").read_text().split())


def _of_command(folder: Path, told: dict[str, str], *words: str) -> set[str]:
    subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=folder, env=os.environ | told,
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return _loaded(folder)


async def _of_serving(folder: Path, saying: dict[str, str], **changes: object) -> set[str]:
    told = variables(NO_SLACK, f"sqlite:///{folder}/warroom.db", **changes)
    part = bot("part", "serve", folder, told | saying)
    await part.start()
    await part.stop()
    return _loaded(folder)


async def test_serving_on_sqlite_over_http_loads_nothing_for_the_other_ways(
    tmp_path: Path, saying: dict[str, str]
) -> None:
    new = await _of_serving(tmp_path, saying)
    again = await _of_serving(tmp_path, saying)
    assert new | again >= SLACK | WEB | SERVER
    unused = PRINTING | MIGRATING | POSTGRESQL | PLAYED
    unused |= {"slack_bolt.adapter.socket_mode", "slack_sdk.socket_mode", "sqlalchemy.orm"}
    unused |= {"cel_expr_python.ext"}
    assert (new | again) & unused == set()
    installed = {name.partition(".")[0] for name in new | again} & packages_distributions().keys()
    assert installed - PACKAGES == set()


async def test_socket_mode_and_a_step_that_is_due_load_what_they_need(
    tmp_path: Path, saying: dict[str, str]
) -> None:
    """What the test above doesn't find would be found."""
    database = Database(f"sqlite:///{tmp_path}/warroom.db")
    with database.write.begin() as connection:
        migrations.upgrade_on(connection, migrations.revisions()[1])
    database.dispose()
    loaded = await _of_serving(tmp_path, saying, SLACK_APP_TOKEN="xapp-1")
    assert loaded >= MIGRATING | {"slack_bolt.adapter.socket_mode", "slack_sdk.socket_mode"}


@pytest.mark.parametrize("command", ["stats", "debt"])
def test_figures_load_no_web_and_no_slack(
    command: str, tmp_path: Path, saying: dict[str, str]
) -> None:
    told = variables(NO_SLACK, f"sqlite:///{tmp_path}/warroom.db") | saying
    _of_command(tmp_path, told, "db", "upgrade")
    loaded = _of_command(tmp_path, told, command, "--json")
    assert loaded >= {"sqlalchemy", "bot.measures", "bot.policies"}
    assert loaded & (PRINTING | MIGRATING | POSTGRESQL | PLAYED | SLACK | WEB) == set()


@pytest.mark.parametrize("command", ["gate", "send", "serve", "web", "worker"])
def test_help_loads_nothing_of_the_server(
    command: str, tmp_path: Path, saying: dict[str, str]
) -> None:
    loaded = _of_command(tmp_path, saying, command, "--help")
    assert "click" in loaded
    assert loaded & (PRINTING | MIGRATING | POSTGRESQL | PLAYED | SLACK | WEB | SERVER) == set()


def test_the_gate_loads_no_package_but_the_one_that_reads_its_options(
    tmp_path: Path, saying: dict[str, str]
) -> None:
    loaded = _of_command(tmp_path, saying, "gate", "--help")
    assert "urllib.request" not in loaded
    packages = {name.partition(".")[0] for name in loaded}
    assert packages - sys.stdlib_module_names == {"__main__", "sitecustomize", "bot", "click"}
