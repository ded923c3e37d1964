"""`warroom passport scan`: before a model leaves the house, its papers are looked at, and asked.

Rules
- Everything that leaves is reported: what is allowed beforehand is answered at once, by its rule;
  of the rest people decide. The exit codes are the gate's.
- What can't be asked is not known, and not allowed: --offline says what the files alone show.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.check import standards
from bot.check.catalogue import UNRANKED
from bot.cli import passport_files as files
from bot.cli.gate import identities, waiting
from bot.client import bot, report
from bot.client.ci.system import known
from bot.client.ci.systems import run
from bot.client.gate import Gate, Manner
from bot.errors import UsageError
from bot.passport.digests import root_digest
from bot.passport.scanning import not_covered
from bot.passport.scanning import report as reported
from bot.passport.verifying import Finding, Kind, Verified, held_to, opened
from bot.settings import load_settings

FOUND, NOT_KNOWN = 1, 3


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--to", type=click.Choice(("internal", "customer", "public")), required=True,
    help="Who will be able to reach it.",
)  # fmt: skip
@click.option("--customer", default="", help="Which customer.")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="A public key, or its file.")
@click.option("--policy", help="The policy that is asked; matched by the facts unless given.")
@identities
@waiting
@click.option("--offline", is_flag=True, help="Ask nobody: say what the files show.")
@click.option("--json", "as_json", is_flag=True, help="Print the gate's answer as it came.")
@click.pass_context
def scan(  # noqa: PLR0913 - its options
    ctx: click.Context,
    /,
    *,
    path: Path,
    to: str,
    customer: str,
    keys: tuple[str, ...],
    policy: str | None,
    url: str | None,
    timeout: int | None,
    no_wait: bool,
    offline: bool,
    as_json: bool,
    **named: str | None,
) -> None:
    """Ask whether PATH may leave the house, by its passport and by what is decided.

    Each byte is checked, and what is found is reported with the export: who has signed the
    passport, what has changed or ended, whether it covers the destination, how sensitive its data
    is. What the policies clear goes at once; for the rest a war room opens, and its verdict is
    waited for.

    Exit code 0: allow. 1: block. 2: the question was wrong. 3: not known. 4: still pending.
    """
    if customer and to != "customer":
        raise UsageError(f"--customer is of --to customer, not of --to {to}")
    verified, findings, digest, name = _looked_at(path, to, keys)
    for each in findings:
        click.echo(f"{each.kind}: {each.what}", err=True)
    if offline:
        click.echo("Not known: whether it may leave, and what was revoked; nobody was asked.")
        ctx.exit(FOUND if findings else NOT_KNOWN)
    held = standards.load(os.environ, Path.cwd())

    def rank(classification: str) -> int | None:
        found = held.known.rank(classification)
        return None if found == UNRANKED else found

    given: dict[str, Any] = reported(name, digest, verified, findings, to, customer, rank)
    if policy:
        given["policy"] = policy
    initiator = known({each: named[f"initiator_{each}"] for each in report.IDENTITIES})
    body = report.body(run(os.environ), given | ({"initiator": initiator} if initiator else {}))
    manner = Manner(0 if no_wait else timeout, as_json=as_json)
    gate = Gate(bot.found(url), manner, click.echo, partial(click.echo, err=True), sys.stderr)
    ctx.exit(gate.report(body))


def _looked_at(
    path: Path, to: str, keys: Sequence[str]
) -> tuple[Verified, list[Finding], str, str]:
    """What the passport comes to, what is wrong, and the artifact's digest and name."""
    artifact = files.found(path)
    digests = files.hashed(artifact)
    digest = root_digest(list(digests.values()))
    known_keys = files.known_keys(load_settings(), keys)
    try:
        data, _ = files.papers(artifact)
    except UsageError as error:
        none = Verified(None, frozenset(), (Finding(Kind.UNSIGNED, str(error)),))
        return none, list(none.findings), digest, artifact.name
    verified = opened(data, known_keys)
    findings = list(verified.findings)
    if verified.statement is not None:
        findings += held_to(verified.statement, artifact, digests, datetime.now(UTC))
        findings += not_covered(verified.statement, to)
    return verified, findings, digest, artifact.name
