"""Logs: one line an event, with a stable action name and fields; JSON where no person looks on.

What comes from outside is clean before it is written: a terminal that shows it obeys nothing in it,
and it begins no line of JSON. What a library logs is an event of ours too, `library.logged`.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.domain.clean_text import cleaned


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
    logging.basicConfig(level=logging.WARNING, handlers=[_OfLibraries()])


class _OfLibraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # its arguments are not what it wants of them
            message = str(record.msg)
        structlog.get_logger(record.name).log(
            record.levelno,
            "library.logged",
            library=record.name,
            message=message,
            exc_info=record.exc_info,
        )


def _of(process: int) -> Processor:
    # No variable of the context, as the library has them: threads begin without.
    def add(_logger: WrappedLogger, _name: str, fields: EventDict) -> EventDict:
        fields["process"] = process
        return fields

    return add


def _as_json(fields: EventDict, default: Callable[[Any], Any]) -> str:
    return to_json(fields, fallback=default).decode()


def _clean(_logger: WrappedLogger, _name: str, fields: EventDict) -> EventDict:
    for name, value in fields.items():  # the names are our own
        fields[name] = cleaned(value)
    return fields
