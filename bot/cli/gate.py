"""`warroom gate`: what a pipeline asks before it goes on.

What asks is imported when it asks: help doesn't wait for HTTP.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, BinaryIO

import click

from bot.cli.imports import importing
from bot.client import report
from bot.client.ci.systems import OUTPUTS, run
from bot.errors import UsageError

SEVERITIES = ("low", "medium", "high", "critical")
_DAY = 86400


class _ReportFile(click.File):
    """A file to read; no name, as a variable that isn't set leaves it, is told as that."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - click's own
        """The file, opened."""
        if value == "":
            self.fail("found no name, need a file's, or `-` for standard input", param, ctx)
        return super().convert(value, param, ctx)


def identities(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each way to name who made the change."""
    for each in reversed(report.IDENTITIES):
        named = f"initiator_{each}"
        command = click.option(f"--initiator-{each}", named, help="Who made the change.")(command)
    return command


def waiting(command: Callable[..., None]) -> Callable[..., None]:
    """The options of which bot is asked, and for how long its verdict is waited for."""
    for option in reversed(
        (
            click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given."),
            click.option(
                *("--timeout", "--wait"),
                type=click.IntRange(0, _DAY * 30),
                help="Seconds to wait at most; until the decision unless given.",
            ),
            click.option("--no-wait", is_flag=True, help="Say what is known now."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("violation_id", metavar="[ID]", required=False)
@click.option("--title", help="Report this violation, and wait for its verdict.")
@click.option(
    "--file", "file", type=_ReportFile("rb"), help="Report this body, JSON; `-` is standard input."
)
@click.option("--policy", help="The policy that was broken; matched by the facts unless given.")
@click.option("--severity", type=click.Choice(SEVERITIES))
@click.option("--subject", metavar="KIND:NAME[@VERSION]", help="What it was broken with or on.")
@click.option("--digest", help="The subject's digest.")
@click.option(
    "--fact", "facts", metavar="NAME=VALUE", multiple=True, help="VALUE is JSON, or else text."
)
@click.option("--dedup-key", help="Violations with one key are one decision.")
@identities
@waiting
@click.option(
    "--on-unreachable", type=click.Choice(("block", "allow")), default="block", show_default=True,
    help="What it means where the bot doesn't answer.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
@click.option(
    "--output", "outputs", type=click.Choice(tuple(OUTPUTS)), multiple=True,
    help="Tell this CI the verdict, too: by its annotations, outputs and reports.",
)  # fmt: skip
def gate(  # noqa: PLR0913 - its options
    violation_id: str | None,
    *,
    file: BinaryIO | None,
    url: str | None,
    timeout: int | None,
    no_wait: bool,
    on_unreachable: str,
    as_json: bool,
    outputs: tuple[str, ...],
    **given: Any,  # noqa: ANN401 - what makes a report
) -> None:
    """Wait for the verdict.

    It is that on what ID names: a violation, or a war room with one violation; of one with more,
    their ids are listed. Without an ID a violation is reported, and its verdict waited for; where
    it happened, and who made the change, the CI says.

    WARROOM_GATE_TOKEN opens the gate of the bot at WARROOM_PUBLIC_URL.

    Exit code 0: allow. 1: block. 2: the question was wrong. 3: not known, since nobody answers.
    4: still pending. Cancelled: 130 or 143, and the war room stays open.
    """
    body = _body(file) if file else _flags(**given)
    if bool(violation_id) == bool(body):
        raise UsageError("need either an ID to ask about, or --title or --file to report")
    if file and any(given.values()):
        raise UsageError("--file has the whole report, without further options for it")
    with importing():
        from bot.client import bot  # noqa: PLC0415 - see above
        from bot.client.gate import Gate, Manner  # noqa: PLC0415

    seconds = 0 if no_wait else timeout
    manner = Manner(seconds, on_unreachable == "allow", as_json, outputs)
    asked = Gate(bot.found(url), manner, click.echo, partial(click.echo, err=True), sys.stderr)
    if violation_id:
        sys.exit(asked.ask(violation_id))
    sys.exit(asked.report(report.body(run(os.environ), body)))


def _body(file: BinaryIO) -> dict[str, Any]:
    """The report in a file."""
    content = file.read()
    if not content.strip():
        raise UsageError(f"--file: {file.name} is empty, need a report in JSON")
    try:
        found = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"--file: {file.name} is not JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("origin", {}), dict):
        raise UsageError(f"--file: {file.name}: need an object, and an object as its origin")
    if not found:
        raise UsageError(
            f"--file: {file.name}: found an object without keys, need a title at least"
        )
    return found


def _flags(
    *, subject: str | None, digest: str | None, facts: Sequence[str], **given: str | None
) -> dict[str, Any]:
    """The report that options make; nothing where none is given."""
    found: dict[str, Any] = {
        "initiator": {
            each: given.pop(f"initiator_{each}")
            for each in report.IDENTITIES
            if given[f"initiator_{each}"]
        },
        "subject": _subject(subject, digest),
        "facts": _facts(facts),
        **given,
    }
    body = {name: value for name, value in found.items() if value}
    if body and "title" not in body:
        raise UsageError("--title is needed to report a violation")
    return body


def _subject(written: str | None, digest: str | None) -> dict[str, str]:
    kind, mark, rest = (written or "").partition(":")
    name, _, version = rest.partition("@")
    if written and not (kind and mark and name):
        need = "KIND:NAME or KIND:NAME@VERSION, such as model:ranker@7"
        raise UsageError(f"--subject: found {written!r}, need {need}")
    found = {"kind": kind, "name": name, "version": version, "digest": digest or ""}
    return {key: value for key, value in found.items() if value}


def _facts(written: Sequence[str]) -> dict[str, Any]:
    """Facts by their names; `dataset.name` is the `name` in `dataset`."""
    facts: dict[str, Any] = {}
    for each in written:
        path, mark, value = each.partition("=")
        *above, last = path.split(".")
        inner: Any = facts
        for name in above:
            inner = inner.setdefault(name, {}) if isinstance(inner, dict) else None
        if not (mark and all((*above, last))) or not isinstance(inner, dict) or last in inner:
            raise UsageError(f"--fact: found {each!r}, need NAME=VALUE, each name once")
        try:
            inner[last] = json.loads(value)
        except ValueError:
            inner[last] = value
    return facts
