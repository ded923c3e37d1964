"""Logs: one line an event, with a stable action name and fields; JSON where no person looks on."""

import logging
import sys

import structlog


def configure(level: int = logging.INFO) -> None:
    """Log to standard error what is at least of this level."""
    person = sys.stderr.isatty()
    # Plain traces: the prettier ones print local variables, and with them secrets.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if person else structlog.processors.JSONRenderer()
    errors = [] if person else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *errors,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
