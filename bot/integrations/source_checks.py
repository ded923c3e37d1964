"""What `warroom doctor` knows of every source: its secrets, and the names that it sends in vain.

Rules
- A source that is not configured is not spoken of: most who try the bot have no GitHub yet.
- A name that a pattern takes by now is forgiven.
- Where there is no database with current tables, nothing is said of names: another check says that.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.finding import Finding, error, ok, warning
from bot.integrations.source import Source
from bot.policies import patterns
from bot.policies.load import Config
from bot.policies.sources import SourceSection
from bot.settings import Settings
from bot.signatures import SignatureError
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.source_names import SeenName, ignored_since, patterns_untaken_since
from bot.storage.store import DatabaseUnavailableError, Store

LOOKED_BACK = timedelta(days=30)
NAMES_SAID = 10
QUOTES = ("'", '"')

Sources = Sequence[Source[Any]]


def secrets_check(sources: Sources) -> DoctorCheck:
    """Each secret that a message may be signed with: whether there is one, and it can be used."""

    def examine(settings: Settings, config: Config | None) -> Iterator[Finding]:
        sections = config.sources.sections if config else {}
        for source in sources:
            section = sections.get(source.name)
            if section or not source.settings.section:
                yield from _secrets(source, settings, section)

    return DoctorCheck("secrets of sources", examine)


def names_check(sources: Sources) -> DoctorCheck:
    """Failures that were ignored since no pattern takes their name, and patterns that take none."""

    def examine(settings: Settings, config: Config | None) -> Iterator[Finding]:
        sections = config.sources.sections if config else {}
        seen = _seen(settings, datetime.now(UTC) - LOOKED_BACK) if sections else None
        ignored, untaken = seen or ([], [])
        for source in sources:
            if section := sections.get(source.name):
                own = [
                    each
                    for each in ignored
                    if each.source == source.name and not section.mapped(each.name)
                ]
                yield from _ignored(source, section, own)
                for each in untaken:
                    if each.source == source.name and each.name in section.policies:
                        yield _untaken(source, each, own)

    return DoctorCheck("names of sources", examine)


def _secrets(
    source: Source[Any], settings: Settings, section: SourceSection | None
) -> Iterator[Finding]:
    subject, variable = f"secret of {source.title}", source.settings.variable(section)
    secrets = source.settings.secrets(settings, section)
    if not secrets:
        what = f"{variable} is not set, or empty: POST {source.path} answers 401"
        mend = "Set it to what the sender has too: .env.example says how one is made."
        yield warning(subject, what, mend)
    for number, secret in enumerate(secrets, start=1):
        text, which = secret.text, variable
        if len(secrets) > 1 or secret.name:
            which += f": {secret.place(number)}"
        if text != text.strip():
            mend = "Write the value without it; `echo` adds a line break, `printf %s` adds none."
            yield error(subject, f"{which} has a blank or line break at an end, which counts", mend)
        elif len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES:
            mend = "Write the value without quotes: `docker run --env-file` keeps them."
            yield error(subject, f"{which} is in quotes, which count as a part of it", mend)
        else:
            yield _flaw(source, subject, which, text)


def _flaw(source: Source[Any], subject: str, which: str, secret: str) -> Finding:
    mend = f"Make a new one: see .env.example, and give it to {source.title} too."
    try:
        weak = source.settings.flaw(secret)
    except SignatureError as wrong:
        return error(subject, f"{which} can't be used: {wrong}", mend)
    return warning(subject, f"{which} is {weak}", mend) if weak else ok(subject, f"{which} is set")


def _seen(settings: Settings, since: datetime) -> tuple[list[SeenName], list[SeenName]] | None:
    """What was ignored since then, and the patterns that took nothing; None where nobody knows."""
    database = Database(settings.database_url)
    if database.is_sqlite and database.file and not database.file.exists():
        return None
    try:
        if not migrations.is_current(database):
            return None
        return Store(database).ask(
            lambda asked: (ignored_since(asked, since), patterns_untaken_since(asked, since))
        )
    except (DatabaseUnavailableError, SQLAlchemyError):
        return None
    finally:
        database.dispose()


def _ignored(
    source: Source[Any], section: SourceSection, names: Sequence[SeenName]
) -> Iterator[Finding]:
    """Those that are like a pattern come first: they are the likeliest mistakes."""
    near = {each.name: patterns.nearest(section.policies, each.name) for each in names}
    place = f"sources.yaml, {source.name}.policies"
    for each in sorted(names, key=lambda each: near[each.name] is None)[:NAMES_SAID]:
        often = f"{each.times} time{'' if each.times == 1 else 's'}"
        what = f"{each.name!r} failed and was ignored {often}, last on {each.last_at:%d %b %Y}"
        if pattern := near[each.name]:
            mend = f"Did you mean it by {pattern!r}? Write it in {place} as it comes."
        else:
            mapped = ", ".join(map(repr, section.policies))
            mend = f"Map it in {place}, where it concerns a policy. Mapped are: {mapped}."
        yield warning(source.title, f"{what}: no policy is mapped to it", mend)
    more = len(names) - NAMES_SAID
    if more > 0:
        what = f"{more} more names failed and were ignored, as the log says: source.ignored"
        yield warning(source.title, what, f"Map those that concern a policy in {place}.")


def _untaken(source: Source[Any], pattern: SeenName, ignored: Sequence[SeenName]) -> Finding:
    since = pattern.last_at or pattern.first_at
    what = f"{pattern.name!r} in sources.yaml has taken no name since {since:%d %b %Y}"
    like = [each.name for each in ignored if patterns.nearest([pattern.name], each.name)]
    mend = f"Did you mean {like[0]!r}? That was ignored." if like else "Correct it, or remove it."
    return warning(source.title, what, mend)
