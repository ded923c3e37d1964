"""What would be answered to a violation that might come: `warroom policy explain --file`.

Rules
- The body is read as the webhook reads it, and asked as what comes in is; nothing is recorded.
- Exceptions, and people from imports, stand in the database. Where there is none to ask, that is
  said, and the policies answer alone.
"""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from bot.domain.violation import Violation
from bot.engine.explanation import Explanation, foreseen
from bot.engine.loads import rules_in
from bot.engine.people import on_record
from bot.engine.waiving import waiver
from bot.errors import UnreachableError, UsageError
from bot.integrations.body import parse, unmatched
from bot.integrations.callback.addresses import Addresses
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.integrations.request_error import RequestError
from bot.integrations.slack.hear import reports
from bot.integrations.source import Message, Reported, Surroundings
from bot.integrations.standard import source as standard
from bot.policies.cel_parts import compared_with
from bot.policies.claims import with_claims
from bot.policies.load import POLICIES, Config, load
from bot.policies.matching import Matcher, conditions
from bot.settings import Settings
from bot.storage.opening import store_as_it_is
from bot.storage.store import DatabaseUnavailableError, Store
from bot.yaml.problems import instead
from bot.yaml.reader import YamlFile, read

NOTHING_MATCHED = 1


class _Asked(NamedTuple):
    """A violation that might come at `now`, signed as `source`, and the policies of a file."""

    reported: Reported
    source: str
    now: datetime
    config: Config
    file: YamlFile


def of_file(
    body: bytes,
    source: str | None,
    now: datetime,
    folder: Path,
    settings: Settings,
    extensions: Sequence[Extension],
) -> tuple[list[Explanation], str | None]:
    """What each policy would answer to a body, and why no exception was looked for, if none was.

    UsageError for a body that the webhook wouldn't take, and for a source that there isn't.
    """
    parts = with_built_in(extensions)
    config = load(folder, parts.sections)
    if source is not None:
        known = {each.name for each in parts.sources} | {reports.SOURCE}
        known |= {each.name for each in settings.webhook_secrets if each.name}
        texts = (each.text for one in config.policies.values() for each in conditions(one))
        known |= {name for text in texts for name in compared_with("source", text)}
        if source not in known:
            message = f"--source: found the unknown source {source!r}, {instead(source, known)}"
            raise UsageError(message)
    reported = _read(body, config, now)
    file = read(folder / POLICIES)
    asked = _Asked(reported, source or standard.SOURCE.name, now, config, file)
    try:
        with store_as_it_is(settings.database_url) as store:
            return _answers(asked, store), None
    except (UnreachableError, DatabaseUnavailableError) as error:
        return _answers(asked, None), str(error)


def _read(body: bytes, config: Config, now: datetime) -> Reported:
    around = Surroundings(config, None, (), Addresses(config.sources.callbacks.allow).refusal, now)
    try:
        data = parse(body)
        is_event = isinstance(data, dict) and "specversion" in data
        kind = standard.CLOUD_EVENT if is_event else standard.JSON
        headers = {"content-type": kind, "webhook-id": "explain"}
        (reported,) = standard.read(Message(headers, body), around)
    except RequestError as error:
        lines = [f"{each.path}: {each.message}" for each in error.detail] or [error.message]
        raise UsageError("\n".join(f"--file: {line}" for line in lines)) from error
    return reported


def _answers(asked: _Asked, store: Store | None) -> list[Explanation]:
    config, source, now = asked.config, asked.source, asked.now
    people = with_claims(config.people, on_record(store).humans) if store else config.people
    trial = Matcher(config.policies.values()).tried(asked.reported.report, people, source, now)
    if trial.refusal:
        path, named = asked.reported.policy_path, trial.report.policy
        detail = unmatched(path, named, trial.refusal.nearest, config.policies)
        if named is not None:
            raise UsageError(f"--file: {detail.path}: {detail.message}")
        click.echo(f"warroom: {detail.path}: {detail.message}", err=True)
        sys.exit(NOTHING_MATCHED)
    violation = Violation.received(trial.report, "explain", standard.SOURCE.name, now, source)
    rules = rules_in(config)
    found = []
    for each in trial.judgements:
        ruled = rules[each.policy.id]
        waived = waiver(store, ruled, violation, trial.behind.makers, now) if store else None
        found.append(foreseen(each, trial.behind.names, asked.file, now, waived))
    return found
