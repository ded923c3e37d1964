"""`warroom policy simulate`: what changed policies would have answered to what was recorded."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.since import recorded
from bot.domain.count import counted
from bot.engine.simulation import ALLOW, BLOCK, REFUSED, Simulation
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.measures.safe_text import columns, plain
from bot.policies.load import load
from bot.policies.trial import Trials
from bot.settings import load_settings

TOO_MANY = 1
TITLE_MOST = 60


@click.command(short_help="Try recorded violations on changed policies.")
@click.option("--since", default="90d", show_default=True, help="2026-11-01, 30d, 2 weeks.")
@click.option(
    "--config",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder with the policies to try; WARROOM_CONFIG unless given.",
)
@click.option(
    "--max-block-to-allow",
    "most",
    type=click.IntRange(min=0),
    metavar="N",
    help="Exit code 1 where more verdicts than these would change to allow.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def simulate(
    extensions: Sequence[Extension],
    *,
    since: str,
    folder: Path | None,
    most: int | None,
    as_json: bool,
) -> None:
    """Try recorded violations on changed policies: rooms saved, people asked, other verdicts.

    Both sides are the answers as a violation comes in: a rule or an exception is allow, a room is
    block, whatever people decided there. Each is tried as of when it came and as signed then. One
    whose policy is not there any more, or that breaks none, is listed as refused, and counted with
    neither change. An exception that covered a violation then is taken to cover it again; no other
    exceptions are tried. Nothing is recorded.

    A violation that was in a room, and would be in one of the same policy, stays in it; else one
    room is counted for each policy and deduplication key within the window. People are those on
    duty in the roles that decide, one for each role of a room.
    """
    settings, now = load_settings(), datetime.now(UTC)
    config = load(folder or settings.warroom_config, with_built_in(extensions).sections)
    simulation = Simulation(Trials(config))
    for each in recorded(settings, since, now, "Trying what was recorded"):
        simulation.add(each)
    if as_json:
        click.echo(json.dumps(simulation.as_json, indent=2))
    else:
        for line in _text(simulation):
            click.echo(line)
    if most is not None and (found := simulation.count(BLOCK, ALLOW)) > most:
        click.echo(
            f"warroom: found {counted(found, 'change')} from block to allow, need {most} at most",
            err=True,
        )
        sys.exit(TOO_MANY)


def _text(simulation: Simulation) -> Iterator[str]:
    before, after = simulation.before, simulation.after
    rows = [
        ["", "before", "after"],
        ["rooms", str(before.rooms), str(after.rooms)],
        ["people asked", str(before.people), str(after.people)],
    ]
    saved = counted(before.rooms - after.rooms, "room")
    yield f"{counted(simulation.violations, 'violation')}, {saved} saved"
    yield from columns(rows)
    for change in ((BLOCK, ALLOW), (ALLOW, BLOCK), (BLOCK, REFUSED), (ALLOW, REFUSED)):
        found = [each for each in simulation.changed if (each.before, each.after) == change]
        if not found and REFUSED in change:
            continue
        yield ""
        yield f"{'→'.join(change)}: {len(found)}"
        yield from columns(
            [
                ["", each.violation_id, plain(each.title, TITLE_MOST), plain(each.because, 300)]
                for each in found
            ]
        )
