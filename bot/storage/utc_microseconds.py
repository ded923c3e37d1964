"""How times stand in the tables: SQLite would give naive ones back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(when: datetime | None) -> int | None:
    """How a time stands in a table; TypeError for a naive one."""
    return None if when is None else (when - _EPOCH) // _MICROSECOND


class UtcMicroseconds(TypeDecorator[datetime]):
    """An aware time, kept as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Microseconds; TypeError for a naive time."""
        return microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """The aware time."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)
