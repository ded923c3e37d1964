"""`warroom send`: its options. What it does is imported when it does it: help doesn't wait."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.imports import importing
from bot.client import evaluation

if TYPE_CHECKING:
    from bot.integrations.extension import Extension

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option(
    "--policy",
    help="The policy that was broken; the first of policies.yaml otherwise, or none with facts.",
)
@click.option("--title", default="Test violation sent by hand", show_default=True)
@click.option("--initiator", help="An e-mail address or a Slack id; the first person otherwise.")
@click.option("--file", "body_file", type=_FILE, help="Send this body.")
@click.option(
    "--evaluation",
    "evaluations",
    type=_FILE,
    multiple=True,
    help="Add the facts of this evaluation; may be given several times.",
)
@click.option("--baseline", type=_FILE, help="An earlier evaluation: add what has dropped since.")
@click.option(
    "--min-n",
    type=click.IntRange(min=1),
    help=f"With fewer cases a group is too small; {evaluation.MIN_N} where `n` is given.",
)
@click.option(
    "--lower-is-better",
    metavar="METRIC",
    multiple=True,
    help="A metric that is better the lower it is, as a loss; may be given several times.",
)
@click.option("--secret-name", "signer", help="Sign with the secret of this name, not the first.")
@click.option("--wait", type=click.IntRange(0, 86400), help="Seconds to wait for the verdict.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
@click.pass_obj
def send(  # noqa: PLR0913 - its options
    extensions: Sequence["Extension"],
    *,
    url: str | None,
    policy: str | None,
    title: str,
    initiator: str | None,
    body_file: Path | None,
    evaluations: tuple[Path, ...],
    baseline: Path | None,
    min_n: int | None,
    lower_is_better: tuple[str, ...],
    signer: str | None,
    wait: int | None,
    as_json: bool,
) -> None:
    """Sign a test violation and send it.

    An evaluation is a CSV with the header metric,group,value and, where they are known, n,low,high;
    JSON, a list of objects with these keys; or the JSON of Evidently. A row without a group is of
    the whole. It becomes facts:

    \b
    evaluation.METRIC.value                the whole
    evaluation.METRIC.worst, worst_group   also best, best_group
    evaluation.METRIC.ratio, difference    lowest / highest, highest - lowest
    evaluation.METRIC.drop                 since the baseline; largest_drop,
                                           largest_drop_group: of all groups
    evaluation.METRIC.groups.GROUP         value, n, low, high, drop
    evaluation.METRIC.too_small            groups with fewer cases than --min-n
    evidently.failed                       how many tests
    evidently.tests.NAME.status            FAIL or SUCCESS
    evidently.metrics.NAME                 a number, or count and share

    While a group is too small, its own figures and those of all groups are left out: they are not
    known. Without --policy a violation with an evaluation names no policy.
    """  # noqa: D301 - click's mark of lines that stand as they are
    with importing():
        from bot.cli import sending  # noqa: PLC0415 - see above
        from bot.settings import load_settings  # noqa: PLC0415

    settings, judging = load_settings(), evaluation.Judging(min_n, lower_is_better)
    wanted = sending.Wanted(policy, title, initiator, body_file, evaluations, baseline, judging)
    body = sending.composed(settings, extensions, wanted)
    echo = click.echo
    sys.exit(sending.send_body(settings, url, body, wait, signer, as_json=as_json, echo=echo))
