"""The checks, in the order in which a newcomer meets them.

Rules
- Nothing is changed: a doctor looks.
- Each finding says what to do, in words that need no documentation.
- What can't be checked because something before it is wrong is left out, not guessed.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.doctor_log import log_findings
from bot.cli.signers import signers
from bot.domain.count import counted
from bot.errors import UsageError
from bot.http.health import too_late
from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.extension import Extension
from bot.integrations.finding import Finding, Level, error, ok, warning
from bot.integrations.registry import kinds_of, with_built_in
from bot.integrations.source_checks import names_check, secrets_check
from bot.outbox.kinds import Kinds
from bot.outbox.lateness import health
from bot.policies.lint import lint
from bot.policies.load import load
from bot.settings import Settings, load_settings
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.store import DatabaseUnavailableError, Store
from bot.yaml.problems import ConfigError

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def doctor(extensions: Sequence[Extension], *, as_json: bool) -> None:
    """Say what is wrong with the set-up, and how to mend it."""
    sys.exit(asyncio.run(examine(click.echo, extensions, as_json=as_json)))


async def examine(
    echo: Callable[[str], None], extensions: Sequence[Extension] = (), *, as_json: bool
) -> int:
    """Print every finding; the exit code is 0 when nothing is wrong, 1 otherwise."""
    findings = await _findings(with_built_in(extensions))
    wrong = sum(finding.level is Level.ERROR for finding in findings)
    doubtful = sum(finding.level is Level.WARNING for finding in findings)
    if as_json:
        echo(json.dumps([finding.shape for finding in findings], indent=2))
    else:
        for finding in findings:
            echo(f"{_MARKS[finding.level]} {finding.subject}: {finding.message}")
            if finding.mend:
                echo(f"    → {finding.mend}")
        if wrong:
            echo(f"{wrong} to mend, {doubtful} to look at.")
        else:
            echo(f"Ready to serve; {doubtful} to look at." if doubtful else "Ready to serve.")
    return 1 if wrong else 0


async def _findings(parts: Extension) -> list[Finding]:
    try:
        settings = load_settings()
    except UsageError as wrong:
        return [error("settings", str(wrong), "Correct the variable in .env or the environment.")]
    config = None
    try:
        config = load(settings.warroom_config, parts.sections)
    except ConfigError as wrong:
        mend = "Correct the file; `warroom policy lint` checks it again."
        findings = [error("configuration", str(problem), mend) for problem in wrong.problems]
    else:
        people = counted(len(config.people.people), "person", "people")
        message = f"{counted(len(config.policies), 'policy', 'policies')}, {people}"
        mend = "Change it, or keep it knowingly."
        findings = [ok("configuration", message)]
        seldom_meant = lint(config, signers=signers(settings, parts))
        findings += [warning("policy", line, mend) for line in seldom_meant]
    of_sources = (source.doctor_check for source in parts.sources)
    secrets, names = secrets_check(parts.sources), names_check(parts.sources)
    kinds = kinds_of(parts, settings)
    database = DoctorCheck("database", lambda settings, _: _database(settings, kinds))
    for check in (secrets, *filter(None, of_sources), database, names, *parts.doctor_checks):
        findings += await check.findings(settings, config)
    return findings


def _database(settings: Settings, kinds: Kinds) -> list[Finding]:
    database = Database(settings.database_url)
    where = database.shown
    if database.is_sqlite and database.file and not database.file.exists():
        return [ok("database", f"{where} will be made at the first start")]
    try:
        if not migrations.is_current(database):
            mend = "Run `warroom db upgrade`."
            return [error("database", f"{where}: the tables are not current", mend)]
        now = datetime.now(UTC)
        work, of_log = Store(database).ask(
            lambda connection: (
                health(connection, now, kinds),
                list(log_findings(settings, connection, now)),
            )
        )
    except (DatabaseUnavailableError, SQLAlchemyError) as wrong:
        mend = "Check DATABASE_URL, and that the server runs and lets this user in."
        return [error("database", f"{where}: {wrong.args[0]}", mend)]
    finally:
        database.dispose()
    findings = [ok("database", f"{where}: reachable, tables current")]
    mend = "See that `warroom serve` or `warroom worker` runs, and what its log says."
    findings += [warning("work", problem, mend) for problem in too_late(work, now)]
    if work.parked:
        mend = (
            "`warroom outbox list` says why; once that is mended, `warroom outbox retry --all`; "
            "`warroom outbox drop` gives up what never can be delivered."
        )
        given_up = (
            f"{counted(work.parked, 'effect')} {'was' if work.parked == 1 else 'were'} given up"
        )
        findings.append(warning("delivery", given_up, mend))
    return [*findings, *of_log]
