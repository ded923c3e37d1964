"""`warroom demo`: the bot and a local Slack, to look at.

What both are made of is imported when they start: the help doesn't wait for that.
"""

import asyncio
import logging
import sys
from pathlib import Path

import click

from bot import logs
from bot.cli.event_loop import loop_factory
from bot.errors import UsageError


@click.command()
@click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed anyway.")
@click.option("--headless-story", is_flag=True, help="Tell a story in the terminal, and end.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep everything here, and go on from it; thrown away otherwise.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Where the page is; unless given 3000, or any where that is taken.",
)
def demo(*, no_browser: bool, headless_story: bool, keep: Path | None, port: int | None) -> None:
    """Try it with a local Slack in the browser: no account, nothing leaves this machine."""
    if headless_story and (keep or port):
        raise UsageError("--headless-story keeps nothing and has no page: no --keep, no --port")
    from bot.demo import show, story  # noqa: PLC0415 - see above

    logs.configure(logging.ERROR)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        if headless_story:
            sys.exit(runner.run(story.play(click.echo)))
        runner.run(show.run(port, keep, click.echo, with_browser=not no_browser))
