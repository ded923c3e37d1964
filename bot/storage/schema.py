"""What all tables are made with: names of constraints, conditions of indexes, numbers."""

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def where(condition: str) -> dict[str, Any]:
    """What an index is told that has only the rows of a condition."""
    return {"sqlite_where": text(condition)}  # on PostgreSQL too, which `migrations` tells


COUNTED = BigInteger().with_variant(Integer, "sqlite")  # only so SQLite gives numbers by itself
