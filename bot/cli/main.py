"""The `warroom` command. Exit codes: 0 allow or fine, 1 block or finding, 2 usage, 3 unreachable.

What a command needs is imported when it runs: `--help` answers at once.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot import __version__
from bot.cli import database
from bot.cli.explained import explained
from bot.cli.sandbox import sandbox
from bot.errors import UsageError

CONTEXT = {"help_option_names": ["-h", "--help"]}
# How long a thread may keep the interpreter from one that wants it: what writes gives it away at
# each call into the database, and a click waits behind it.
SWITCH_SECONDS = 0.0005


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="warroom")
def main() -> None:
    """The policy violation war room: one violation, one room, one decision."""


def _serve(*, web: bool, worker: bool) -> None:
    from bot import app, logs
    from bot.settings import load_settings

    logs.configure()
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = load_settings()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(app.run(settings, web=web, worker=worker))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@main.command()
@explained
def serve() -> None:
    """Hear and act, in one process: web and worker."""
    _serve(web=True, worker=True)


@main.command()
@explained
def web() -> None:
    """Hear: webhooks, the gate, Slack."""
    _serve(web=True, worker=False)


@main.command()
@explained
def worker() -> None:
    """Act: run the clock, deliver to Slack."""
    _serve(web=False, worker=True)


@main.command()
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
@explained
def demo(*, no_browser: bool, headless_story: bool, keep: Path | None, port: int | None) -> None:
    """Try it with a local Slack in the browser: no account, nothing leaves this machine."""
    if headless_story and (keep or port):
        raise UsageError("--headless-story keeps nothing and has no page: no --keep, no --port")
    from bot import logs
    from bot.demo import show

    logs.configure(logging.ERROR)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        if headless_story:
            from bot.demo import story

            sys.exit(runner.run(story.play(click.echo)))
        runner.run(show.run(port, keep, click.echo, with_browser=not no_browser))


@main.command()
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option("--policy", help="The policy that was broken; the first of policies.yaml otherwise.")
@click.option("--title", default="Test violation sent by hand", show_default=True)
@click.option("--initiator", help="An e-mail address or a Slack id; the first person otherwise.")
@click.option(
    "--file", "body_file", type=click.Path(dir_okay=False, path_type=Path), help="Send this body."
)
@click.option("--wait", type=click.IntRange(0, 86400), help="Seconds to wait for the verdict.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
@explained
def send(**options: Any) -> None:  # noqa: ANN401 - handed on as they are
    """Sign a test violation and send it."""
    from bot.cli import send as command

    sys.exit(command.send(**options, echo=click.echo))


@main.command()
@click.argument("violation_id")
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option("--wait", type=click.IntRange(0, 86400), default=0, help="Seconds to wait at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
@explained
def gate(violation_id: str, url: str | None, wait: int, *, as_json: bool) -> None:
    """Ask for the verdict.

    Exit code 0: allow. 1: block, or still pending. 2: the question was wrong. 3: no answer.
    """
    from bot.client import gate as client

    sys.exit(client.ask(violation_id, url, wait, as_json=as_json, echo=click.echo))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--since", help="Detected since: 2026-11-01, or 30d.")
@click.option("--policy", help="Of this policy only.")
@click.option("--team", help="Of this team only.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV of the past: detected_at,resolved_at or time,resolved.",
)
@explained
def stats(
    since: str | None, policy: str | None, team: str | None, baseline: Path | None, *, as_json: bool
) -> None:
    """The decision half-life and the other measures, beside a team's past."""
    from bot.cli import measures

    click.echo(measures.stats(since, policy, team, baseline, as_json=as_json))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@explained
def debt(*, as_json: bool) -> None:
    """Governance debt: what is still open, and exceptions that still hold."""
    from bot.cli import measures

    click.echo(measures.debt(as_json=as_json))


@main.group(context_settings=CONTEXT)
def policy() -> None:
    """Work on policies."""


@policy.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@explained
def lint(folder: Path | None) -> None:
    """Check the configuration as the start does; exit code 1 with findings."""
    from bot.policies.lint import lint as findings_of
    from bot.policies.load import load
    from bot.settings import load_settings
    from bot.yaml.problems import ConfigError

    try:
        config = load(folder or load_settings().warroom_config)
    except ConfigError as error:
        click.echo(str(error))
        sys.exit(1)
    findings = findings_of(config)
    for finding in findings:
        click.echo(finding)
    click.echo(f"{len(config.policies)} policies, {len(findings)} findings.")
    sys.exit(1 if findings else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@explained
def doctor(*, as_json: bool) -> None:
    """Say what is wrong with the set-up, and how to mend it."""
    from bot.cli import doctor

    sys.exit(asyncio.run(doctor.examine(click.echo, as_json=as_json)))


for command in (sandbox, *database.COMMANDS):
    main.add_command(command)
