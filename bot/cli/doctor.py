"""The checks, in the order in which a newcomer meets them.

Rules
- Nothing is changed: a doctor looks.
- Each finding says what to do, in words that need no documentation.
- What can't be checked because something before it is wrong is left out, not guessed.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.app import kinds_of, utc_now
from bot.errors import UsageError
from bot.http.health import too_late
from bot.integrations.finding import Finding, Level, error, ok, warning
from bot.integrations.slack.doctor import slack_findings
from bot.outbox.lateness import Health, health
from bot.policies.lint import lint
from bot.policies.load import Config, load
from bot.settings import Settings, load_settings
from bot.signatures import SignatureError, secret_key
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.store import DatabaseUnavailableError, Store
from bot.yaml.problems import ConfigError

SECRET_BYTES = 24  # what Standard Webhooks asks for at least
_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


async def examine(echo: Callable[[str], None], *, as_json: bool) -> int:
    """Print every finding; the exit code is 0 when nothing is wrong, 1 otherwise."""
    findings = await _findings()
    if as_json:
        echo(json.dumps([finding.shape for finding in findings], indent=2))
    else:
        for finding in findings:
            echo(f"{_MARKS[finding.level]} {finding.subject}: {finding.message}")
            if finding.mend:
                echo(f"    → {finding.mend}")
        echo(_summary(findings))
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


def _summary(findings: list[Finding]) -> str:
    wrong = sum(finding.level is Level.ERROR for finding in findings)
    doubtful = sum(finding.level is Level.WARNING for finding in findings)
    if wrong:
        return f"{wrong} to mend, {doubtful} to look at."
    return f"Ready to serve; {doubtful} to look at." if doubtful else "Ready to serve."


async def _findings() -> list[Finding]:
    try:
        settings = load_settings()
    except UsageError as wrong:
        return [error("settings", str(wrong), "Correct the variable in .env or the environment.")]
    findings, config = _config(settings)
    findings += _secrets(settings)
    findings += await asyncio.to_thread(_database, settings)
    findings += await slack_findings(settings, config)
    return findings


def _config(settings: Settings) -> tuple[list[Finding], Config | None]:
    try:
        config = load(settings.warroom_config)
    except ConfigError as wrong:
        mend = "Correct the file; `warroom policy lint` checks it again."
        found = [error("configuration", str(problem), mend) for problem in wrong.problems]
        return found, None
    message = f"{len(config.policies)} policies, {len(config.people.people)} people"
    findings = [ok("configuration", message)]
    findings += [
        warning("policy", line, "Change it, or keep it knowingly.") for line in lint(config)
    ]
    return findings, config


def _secrets(settings: Settings) -> Iterable[Finding]:
    if not settings.webhook_secrets:
        mend = "Set WARROOM_WEBHOOK_SECRET=whsec_… (see .env.example for a command that makes one)."
        yield warning("webhook secret", "not set: POST /webhooks/violations answers 401", mend)
    for number, secret in enumerate(settings.webhook_secrets, start=1):
        mend = "A secret is `whsec_` and base64 of 24 to 64 bytes."
        try:
            length = len(secret_key(secret))
        except SignatureError as wrong:
            yield error("webhook secret", f"number {number} can't be used: {wrong}", mend)
            continue
        if length < SECRET_BYTES:
            yield warning("webhook secret", f"number {number} is short: {length} bytes", mend)
        else:
            yield ok("webhook secret", f"number {number} is well formed")
    if settings.warroom_api_token.get_secret_value():
        yield ok("API token", "set")
    else:
        mend = "Set WARROOM_API_TOKEN to a long random word, here and in the pipeline."
        yield warning("API token", "not set: GET /gate answers 401", mend)


def _database(settings: Settings) -> list[Finding]:
    database = Database(settings.database_url)
    where = database.shown
    if database.is_sqlite and database.file and not database.file.exists():
        return [ok("database", f"{where} will be made at the first start")]
    try:
        if not migrations.is_current(database):
            mend = "Run `warroom db upgrade`."
            return [error("database", f"{where}: the tables are not current", mend)]
        now = utc_now()
        kinds = kinds_of(settings)
        found = Store(database).ask(lambda connection: health(connection, now, kinds))
    except (DatabaseUnavailableError, SQLAlchemyError) as wrong:
        mend = "Check DATABASE_URL, and that the server runs and lets this user in."
        return [error("database", f"{where}: {wrong.args[0]}", mend)]
    finally:
        database.dispose()
    return [ok("database", f"{where}: reachable, tables current"), *_work(found, now)]


def _work(found: Health, now: datetime) -> Iterable[Finding]:
    for problem in too_late(found, now):
        mend = "See that `warroom serve` or `warroom worker` runs, and what its log says."
        yield warning("work", problem, mend)
    if found.parked:
        mend = "`warroom outbox list` says why; once that is mended, `warroom outbox retry --all`."
        yield warning("delivery", f"{found.parked} effects were given up", mend)
