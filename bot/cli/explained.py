"""Errors that a user can mend end a command with their exit code, not with a trace."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from bot.errors import UnreachableError, UsageError

INTERRUPTED = 130


def explained(command: Callable[..., None]) -> Callable[..., None]:
    """`command`, whose errors are said in a line each."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:  # noqa: ANN401 - whatever click hands over
        try:
            _explaining(command, *args, **options)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            sys.exit(INTERRUPTED)

    return run


def _explaining(command: Callable[..., None], *args: Any, **options: Any) -> None:  # noqa: ANN401 - the same
    from bot.storage.single_process import InUseError
    from bot.storage.store import DatabaseUnavailableError
    from bot.yaml.problems import ConfigError

    try:
        command(*args, **options)
    except (UsageError, UnreachableError) as error:
        _end(str(error), error.exit_code)
    except (ConfigError, InUseError) as error:
        _end(str(error), UsageError.exit_code)
    except DatabaseUnavailableError as error:
        _end(f"the database is not available: {error}", UnreachableError.exit_code)


def _end(message: str, code: int) -> None:
    click.echo(f"warroom: {message}", err=True)
    sys.exit(code)
