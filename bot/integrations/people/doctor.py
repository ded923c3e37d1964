"""What doctor says of people: each import as it would go now, and who is known too little.

Rules
- An import is tried, and not recorded. Who is known too little is asked of what is on record.
- Without a database, or with tables of another version, what needs it is left out.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.configuration import Configuration, ImportPeople, too_few
from bot.domain.count import counted
from bot.domain.makers import accounts_of
from bot.domain.person import NAME, SERVICE, SLACK
from bot.engine.people import on_record
from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.finding import Finding, error, ok, warning
from bot.integrations.people.fetch import fetch
from bot.integrations.people.slack_members import Members
from bot.integrations.slack.accounts import BOT, Accounts
from bot.measures.formatting import duration
from bot.measures.safe_text import plain
from bot.outbox.delivery import PassingError
from bot.policies.claims import persons_of, with_claims
from bot.policies.deciders import sparsely_known
from bot.policies.imported import Imported, ImportFailedError
from bot.policies.imports import Import, SlackImport
from bot.policies.load import Config
from bot.policies.nearest import nearest
from bot.policies.people import Directory
from bot.settings import Settings
from bot.storage import imports, migrations
from bot.storage.database import Database
from bot.storage.imports import ImportStatus
from bot.storage.store import DatabaseUnavailableError, Store
from bot.storage.unknown_people import rooms_with_unknown

LATELY = timedelta(days=30)
SHOWN_MOST = 20
ROWS_SHOWN = 5
LINE_MOST = 500  # characters
NAME_SHOWN = 60  # characters


@dataclass(frozen=True, slots=True)
class _Record:
    """What the database says: imported people, how imports went, and who is unknown."""

    configuration: Configuration
    statuses: Mapping[str, ImportStatus]
    unknown: tuple[str, ...]


async def examine(settings: Settings, config: Config) -> AsyncIterator[Finding]:
    """Each import, those who decide, and those who made a change lately and are unknown."""
    now = datetime.now(UTC)
    record = _on_record(settings, config, now)
    token = settings.slack_bot_token.get_secret_value()
    client = AsyncWebClient(token=token, base_url=settings.api_url, timeout=10)
    for source in config.people.imports:
        yield await _tried(source, config.people, client, record, now)
        for finding in _last(record.statuses.get(source.name), now):
            yield finding
    directory = with_claims(config.people, record.configuration.humans)
    mend = "Write it there; an import has it in a column of that name, beside their Slack account."
    for line in sparsely_known(config.policies, directory):
        yield warning("people", line, mend)
    async for finding in _unknown(record.unknown, directory, Accounts(client, lambda: now)):
        yield finding


async def _tried(
    source: Import, directory: Directory, client: AsyncWebClient, record: _Record, now: datetime
) -> Finding:
    subject = f"import {source.name}"
    held = len(record.configuration.imported.get(source.name, ()))
    status = record.statuses.get(source.name)
    try:
        if isinstance(source, SlackImport):
            count = await Members(client).checked(source)
            return ok(subject, f"it can be read: {_people(count)}")
        imported = await fetch(source, directory, client)
    except ImportFailedError as wrong:
        since = f", imported {_ago(status, now)}," if status and status.succeeded_at else ""
        holds = f"the last import{since} holds, with {_people(held)}" if held else "it gives nobody"
        mend = f"Mend what it says; until then {holds}."
        return error(subject, plain(wrong.whole, LINE_MOST), mend)
    people = ImportPeople(source=source.name, humans=imported.humans)
    if refusal := too_few(record.configuration, people):
        mend = (
            "If that is meant, run `warroom people import --accept`; until then the last one holds."
        )
        return error(subject, refusal.message, mend)
    return _read(subject, imported, directory)


def _read(subject: str, imported: Imported, directory: Directory) -> Finding:
    count = _people(len(imported.humans))
    placeless = sum(not persons_of(directory, human) for human in imported.humans)
    if placeless:
        count += f", neither in people.yaml nor in Slack: {placeless}"
    if not imported.skipped:
        return ok(subject, count)
    rows = "; ".join(imported.skipped[:ROWS_SHOWN])
    more = "; …" if len(imported.skipped) > ROWS_SHOWN else ""
    said = f"{count}; left out, {len(imported.skipped)}: {rows}{more}"
    return warning(subject, said, "Correct it where it comes from.")


def _last(status: ImportStatus | None, now: datetime) -> Iterator[Finding]:
    if status is None:
        return
    subject = f"import {status.source}"
    if status.error is None:
        yield ok(subject, f"imported {_ago(status, now)}, with {_people(status.people or 0)}")
        return
    last = f"the last good one was {_ago(status, now)}" if status.succeeded_at else "none was good"
    mend = "It is tried again within minutes; see the log of `warroom serve` or `warroom worker`."
    yield warning(subject, f"the last attempt failed: {status.error}; {last}", mend)


def _ago(status: ImportStatus, now: datetime) -> str:
    since = now - (status.succeeded_at or now)
    return f"{duration(max(since.total_seconds(), 0))} ago"


async def _unknown(
    accounts: tuple[str, ...], directory: Directory, slack: Accounts
) -> AsyncIterator[Finding]:
    nameless = [account for account in accounts if account.startswith(f"{NAME}:")]
    for finding in _without_identity(nameless):
        yield finding
    left = [each for each in accounts if each not in nameless and not directory.owners(each)]
    shown = (_one_unknown(account, directory, slack) for account in left[:SHOWN_MOST])
    for finding in await asyncio.gather(*shown):
        yield finding
    if len(left) > SHOWN_MOST:
        more = f"{len(left) - SHOWN_MOST} more within {LATELY.days} days"
        yield warning(
            "unknown initiator", more, "Let people.yaml import people from where they are."
        )


def _without_identity(accounts: Sequence[str]) -> Iterator[Finding]:
    """Whom people.yaml can't know, in a line for all of them."""
    if accounts:
        shown = ", ".join(
            f"`{plain(account.partition(':')[2], NAME_SHOWN)}`" for account in accounts[:ROWS_SHOWN]
        )
        more = ", …" if len(accounts) > ROWS_SHOWN else ""
        mend = (
            "people.yaml can't know them: have commits and reports name an address or a login, "
            "and workflows reported rather than checks; until then, *I know who this is…* does."
        )
        yield warning("unknown initiator", f"reported without an identity: {shown}{more}", mend)


async def _one_unknown(account: str, directory: Directory, slack: Accounts) -> Finding:
    """Somebody who is unknown, with what is needed instead: a bot alone needs a human beside it."""
    system, _, text = account.partition(":")
    name_them = "let the pipeline name them in `initiator` or `contributors`"
    if system == SERVICE or await _is_bot(account, directory, slack):
        mend = f"A human is behind it: {name_them}; in an open room *I know who this is…* does."
        said = f"`{text}` is a bot, which stands for nobody"
        return warning("unknown initiator", said, mend)
    like = nearest(directory, account)
    hint = f": did you mean {like}?" if like else ""
    mend = (
        "If it is somebody's, add it to people.yaml; if it is nobody's, to its `bots`: "
        f"then a human is behind it, and {name_them}."
    )
    return warning("unknown initiator", f"`{text}`{hint}", mend)


async def _is_bot(account: str, directory: Directory, slack: Accounts) -> bool:
    """Whether it is known by now that no human has this account; Slack is asked of its own."""
    system, _, text = account.partition(":")
    if system != SLACK:
        return directory.is_nobody(account)
    with suppress(PassingError):  # what Slack doesn't say now isn't known
        return await slack.why_nobody(text, directory) == BOT
    return False


def _people(count: int) -> str:
    return counted(count, "person", "people")


def _on_record(settings: Settings, config: Config, now: datetime) -> _Record:
    empty = _Record(Configuration(version=0), {}, ())
    database = Database(settings.database_url)
    if database.file and not database.file.exists():
        return empty
    try:
        with suppress(DatabaseUnavailableError, SQLAlchemyError):  # the database's check says it
            if migrations.is_current(database):
                store = Store(database)
                names = [source.name for source in config.people.imports]
                rooms = rooms_with_unknown(store, now - LATELY)
                accounts = (each for room in rooms for each in accounts_of(room.unknown_makers))
                return _Record(
                    on_record(store),
                    store.ask(lambda connection: imports.statuses(connection, names)),
                    tuple(dict.fromkeys(accounts)),
                )
    finally:
        database.dispose()
    return empty


async def _all(settings: Settings, config: Config | None) -> list[Finding]:
    return [finding async for finding in examine(settings, config)] if config else []


CHECK = DoctorCheck("people", _all)
