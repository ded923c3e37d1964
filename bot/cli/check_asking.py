"""What a check's result is shown as, and what the bot is asked about it.

Rules
- Without `--gate` the bot is asked only where the environment names a token; that it isn't there is
  a note, and nothing counts as allowed then.
- JSON and SARIF are alone on standard output. Written into a file they leave it to people, who read
  there what they read without them.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from bot.check import gating, reported
from bot.check.findings import Checked
from bot.check.output import whole_file
from bot.check.output.forms import FORMS, Form
from bot.check.output.text import plain
from bot.client import bot
from bot.client.ci.system import Run
from bot.client.ci.systems import run as run_around
from bot.client.gate import Gate, Manner
from bot.errors import UnreachableError, UsageError


@dataclass(frozen=True, slots=True)
class Asking:
    """How the bot is asked about what was found, and in what form both are shown."""

    form: Form
    output: Path | None
    gate: bool
    one: bool
    policy: str | None
    no_wait: bool
    timeout: int | None
    on_unreachable: str
    url: str | None
    offline: bool
    initiator: Mapping[str, str]  # by identity, where it is given

    def __post_init__(self) -> None:
        if self.output:
            if self.form.spoken:
                raise UsageError(f"--format {self.form.name} is read from standard output")
            whole_file.ready(self.output)
        if self.gate and self.offline:
            raise UsageError("--gate asks the bot, and --offline asks nobody: need one of them")
        waits = {
            "--one": self.one,
            "--no-wait": self.no_wait,
            "--timeout": self.timeout is not None,
            "--on-unreachable allow": self.on_unreachable == "allow",
        }
        if not self.gate and any(waits.values()):
            raise UsageError(f"{next(name for name in waits if waits[name])} needs --gate")

    def ended(self, checked: Checked) -> int:
        """Ask, and show the result; the exit code. UsageError where it can't be written."""
        code, told = self._told(checked)
        if self.output:
            whole_file.write(self.output, "".join(f"{line}\n" for line in self.form.lines(told)))
        return code

    def _told(self, checked: Checked) -> tuple[int, Checked]:
        """Ask, and show the result on standard output; the exit code, and what the bot said."""
        form = FORMS["text"] if self.output else self.form
        if not (self.gate and checked.findings):
            checked = self._suppressed(checked)
            _show(checked, form)
            return (0 if checked.sound else 1), checked
        if form.at_once:
            _show(checked, form)
        aside = partial(click.echo, err=True)
        seconds = 0 if self.no_wait else self.timeout
        manner = Manner(seconds, self.on_unreachable == "allow")
        say = _say if form.at_once else aside
        gate = Gate(bot.found(self.url), manner, say, aside, sys.stderr)
        code, judged = gating.gated(checked, gate, self._run(), self.policy or "", one=self.one)
        if not form.at_once:
            _show(judged, form)
        return code, judged

    def _suppressed(self, checked: Checked) -> Checked:
        """The result with what the bot says of it, where one is named."""
        if self.offline or not checked.findings or not bot.is_named():
            return checked
        try:
            return reported.suppressed(checked, bot.found(self.url), self._run(), self.policy or "")
        except UnreachableError as error:
            return checked.noted(f"Nothing counts as allowed, since the bot isn't there: {error}")

    def _run(self) -> Run:
        run = run_around(os.environ)
        return replace(run, initiator=self.initiator) if self.initiator else run


def _say(words: str) -> None:
    for line in words.split("\n"):
        click.echo(plain(line))


def _show(checked: Checked, form: Form) -> None:
    for line in form.lines(checked):
        click.echo(line)
    form.beside(os.environ, checked)
