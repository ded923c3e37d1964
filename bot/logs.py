"""Logs: one line an event, with a stable action name and fields; JSON where no person looks on.

What comes from outside is clean before it is written: a terminal that shows it obeys nothing in it,
and it begins no line. Where a library logs a trace, its lines are indented.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.domain.clean_text import clean, cleaned


def configure(level: int = logging.INFO, process: int | None = None) -> None:
    """Log to standard error what is at least of this level; `process` stands on each line."""
    person = sys.stderr.isatty()
    # Plain traces: the prettier ones print local variables, and with them secrets.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if person else structlog.processors.JSONRenderer(_as_json)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *([_of(process)] if process else []),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    others = logging.StreamHandler()
    others.setFormatter(_CleanFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[others])


def _of(process: int) -> Processor:
    # No variable of the context, as the library has them: threads begin without.
    def add(_logger: WrappedLogger, _name: str, fields: EventDict) -> EventDict:
        fields["process"] = process
        return fields

    return add


def _as_json(fields: EventDict, default: Callable[[Any], Any]) -> str:
    return to_json(fields, fallback=default).decode()


class _CleanFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record)).replace("\n", "\n  ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return clean(super().formatMessage(record)).replace("\n", r"\n")


def _clean(_logger: WrappedLogger, _name: str, fields: EventDict) -> EventDict:
    for name, value in fields.items():  # the names are our own
        fields[name] = cleaned(value)
    return fields
