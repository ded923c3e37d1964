"""What is loaded: recorded by how it differs, and kept whole under its digest."""

import getpass
import os
import socket
from collections.abc import Collection
from operator import itemgetter

from sqlalchemy import select

from bot.domain.configuration import CONFIGURATION, STREAM_ID, Configuration, Load
from bot.domain.person import BY_SYSTEM
from bot.domain.policy import Rules, digest_of
from bot.engine.follow_ups import settle_moved_ends
from bot.engine.streams import Streams
from bot.policies.load import Config
from bot.storage import tables
from bot.storage.transaction import Transaction
from bot.storage.upserts import insert_or


def who_runs_this() -> str:
    """Who has started this process, and where: `warroom@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def rules_in(config: Config) -> dict[str, Rules]:
    """The policies of a configuration by their ids, each with its digest."""
    return {
        policy.id: Rules(policy, policy.digest, people=config.people.people)
        for policy in config.policies.values()
    }


def load_recorded(
    transaction: Transaction,
    loaded: Collection[Rules],
    config: Config,
    started_by: str | None,
    streams: Streams,
) -> tuple[Load, Configuration]:
    """What is loaded, and the configuration that is in force: this one, where somebody is named."""
    load = _kept(transaction, loaded, config, started_by or "")
    if started_by:
        streams.apply(transaction, CONFIGURATION, STREAM_ID, load, BY_SYSTEM)
    current = transaction.state(CONFIGURATION, STREAM_ID) or Configuration(version=0)
    if started_by:
        policies = (rules.policy for rules in loaded)
        settle_moved_ends(transaction, streams, policies, current.version)
    return load, current


def _kept(
    transaction: Transaction, loaded: Collection[Rules], config: Config, started_by: str
) -> Load:
    """What is loaded, with its digests; whatever is not kept yet is kept."""
    columns, sources = tables.documents.c, digest_of(config.sources_document)
    known = set(transaction.connection.execute(select(columns.digest)).scalars())
    rows = [
        {
            "digest": rules.digest,
            "kind": "policy",
            "name": rules.policy.id,
            "file": rules.policy.file,
            "line": rules.policy.line,
            "document": rules.policy.document,
            "loaded_at": transaction.now,
        }
        for rules in loaded
    ]
    rows.append(
        {
            "digest": sources,
            "kind": tables.SOURCES,
            "name": "sources",
            "file": "sources.yaml",
            "line": 0,
            "document": config.sources_document,
            "loaded_at": transaction.now,
        }
    )
    new = sorted((row for row in rows if row["digest"] not in known), key=itemgetter("digest"))
    if new:  # in one order, and nothing where another process that starts was first
        kept = insert_or(tables.documents, transaction.connection.dialect.name)
        transaction.connection.execute(kept.on_conflict_do_nothing(), new)
    return Load(
        policies={rules.policy.id: rules.digest for rules in loaded},
        sources=sources,
        people=tuple(config.people.people.values()),
        started_by=started_by,
        imports=tuple(each.name for each in config.people.imports),
    )
