"""The group of all commands: what it loads when, and how what goes wrong ends.

Rules
- A command's module is imported when it is called: `warroom --help` answers at once.
- Errors that a user can mend become a line on standard error and an exit code, here and nowhere
  else: 2 for what the caller can mend, 3 for somebody who doesn't answer, 130 for Ctrl-C. Whatever
  else is raised is a mistake of ours: it keeps its trace, and ends with 3, since 1 is an answer.
  A reader that has gone away, as of `warroom outbox list | head -1`, ends a command with 1 and
  without a word, as click does it.
"""

import errno
import traceback
from importlib import import_module

import click

from bot import HOME, __version__
from bot.cli.imports import importing
from bot.errors import UnreachableError, UsageError
from bot.yaml.problems import ConfigError


class LazyCommand(click.Command):
    """A command by its place, `module:attribute`, and by the first sentence of its help."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self.place = place

    def load(self) -> click.Command:
        """The command itself."""
        module, _, attribute = self.place.partition(":")
        with importing():
            command: click.Command = getattr(import_module(module), attribute)
        return command


class RefusedError(click.ClickException):
    """The end of a command for a reason that the caller can mend; also how such an end looks."""

    exit_code = UsageError.exit_code

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Say why, on standard error."""
        click.echo(f"warroom: {self.message}", err=True)


class NoAnswerError(RefusedError):
    """The end of a command to which somebody doesn't answer."""

    exit_code = UnreachableError.exit_code


class ServersError(RefusedError):
    """The end of a command that needs more packages than are here."""

    def __init__(self, missing: str) -> None:
        # By its address: under its bare name an index may have somebody else's.
        how = f"pip install 'policy-war-room[server] @ git+{HOME}@v{__version__}'"
        super().__init__(f"this command needs the server's packages, found no {missing}: {how}")


class MistakeError(click.ClickException):
    """The end of a command by a mistake of ours."""

    exit_code = UnreachableError.exit_code

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Where it was made, on standard error."""
        click.echo(self.message, err=True, nl=False)


class StoppedError(click.ClickException):
    """The end of a command by Ctrl-C."""

    exit_code = 130

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Say that it was stopped, on standard error."""
        click.echo(self.message, err=True)


class CommandLine(click.Group):
    """A group whose commands raise what goes wrong, and need not know how that ends."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with, loaded, and the rest of them."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest

    def invoke(self, ctx: click.Context) -> object:
        """Run what the arguments ask for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise StoppedError("Stopped.") from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except (UsageError, ConfigError) as error:
            raise RefusedError(str(error)) from error
        except UnreachableError as error:
            said = f"{error.who}: {error}" if error.who else str(error)
            raise NoAnswerError(said) from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # the reader has gone away
            if isinstance(error, ModuleNotFoundError) and not _is_ours(missing := error.name or ""):
                raise ServersError(missing) from error
            raise MistakeError(traceback.format_exc()) from error


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("", "bot")
