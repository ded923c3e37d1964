"""The group of commands: what it loads, what it makes of errors, and what can be added to it."""

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bot.cli.main import COMMANDS, command_line
from bot.errors import UnreachableError, UsageError
from bot.integrations.extension import Extension
from bot.storage.single_process import InUseError
from bot.storage.store import DatabaseUnavailableError
from bot.yaml.problems import ConfigError, Place, Problem

HELP = """
import sys
from bot.cli.main import main
main(["--help"], standalone_mode=False)
places = [name for name in sys.modules if name.startswith("bot.")]
print(*places, sep="\\n", file=sys.stderr)
"""


def _raising(error: BaseException) -> click.Command:
    @click.command("fail")
    def fail() -> None:
        raise error

    return fail


def test_the_list_of_commands_loads_none_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP], check=True, capture_output=True, text=True, timeout=60
    )
    assert "doctor" in done.stdout
    assert set(done.stderr.split()) == {
        "bot.cli",
        "bot.cli.client",
        "bot.cli.command_line",
        "bot.cli.imports",
        "bot.cli.main",
        "bot.errors",
        "bot.yaml",
        "bot.yaml.problems",
    }


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.name)
def test_a_command_is_listed_by_its_own_name_and_first_sentence(line: click.Command) -> None:
    loaded = line.load()  # type: ignore[attr-defined] # each is lazy
    assert loaded.name == line.name
    assert loaded.get_short_help_str(1000) == line.get_short_help_str(1000)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("no such file"), 2, "warroom: no such file\n"),
        (UnreachableError("nobody there"), 3, "warroom: nobody there\n"),
        (ConfigError([Problem(Place("a.yaml"), "wrong")]), 2, "warroom: a.yaml: wrong\n"),
        (InUseError("in use"), 2, "warroom: in use\n"),
        (
            DatabaseUnavailableError("away"),
            3,
            "warroom: the database is not available: away\n",
        ),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_of_any_command_is_a_line_and_an_exit_code(
    error: BaseException, code: int, said: str
) -> None:
    group = command_line([Extension(commands=(_raising(error),))])
    done = CliRunner().invoke(group, "fail")
    assert (done.exit_code, done.stderr, done.stdout) == (code, said, "")


def test_a_mistake_of_ours_keeps_its_trace_and_is_no_answer() -> None:
    """It ends with 3, as what is not known does: 1 would say that something was found."""
    group = command_line([Extension(commands=(_raising(ZeroDivisionError("by 0")),))])
    done = CliRunner().invoke(group, "fail")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "in fail\n" in done.stderr
    assert done.stderr.endswith("ZeroDivisionError: by 0\n")


def test_a_reader_that_goes_away_ends_it_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        check=False, stdout=writing, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_command_that_is_added_stands_beside_the_others() -> None:
    @click.command("weather", help="What it is like outside.")
    def weather() -> None:
        click.echo("fine")

    group = command_line([Extension(commands=(weather,))])
    assert "What it is like outside." in CliRunner().invoke(group, "--help").stdout
    assert CliRunner().invoke(group, "weather").stdout == "fine\n"
    with pytest.raises(ValueError, match="two commands are called 'weather'"):
        command_line([Extension(commands=(weather,)), Extension(commands=(weather,))])
    with pytest.raises(ValueError, match="'gate'"):
        command_line([Extension(commands=(click.Command("gate"),))])
