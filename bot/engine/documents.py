"""What was loaded, kept whole under its digest: policies, and the sources."""

from collections.abc import Collection

from sqlalchemy import insert, select

from bot.domain.configuration import Load
from bot.domain.policy import Rules, digest_of
from bot.policies.load import Config
from bot.storage import tables
from bot.storage.transaction import Transaction


def keep(
    transaction: Transaction, loaded: Collection[Rules], config: Config, started_by: str
) -> Load:
    """Keep whatever is not kept yet; gives what is loaded, with its digests."""
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
            "kind": "sources",
            "name": "sources",
            "file": "sources.yaml",
            "line": 0,
            "document": config.sources_document,
            "loaded_at": transaction.now,
        }
    )
    new = [row for row in rows if row["digest"] not in known]
    if new:
        transaction.connection.execute(insert(tables.documents), new)
    return Load(
        policies={rules.policy.id: rules.digest for rules in loaded},
        sources=sources,
        people=tuple(config.people.people.values()),
        started_by=started_by,
        imports=tuple(each.name for each in config.people.imports),
    )
