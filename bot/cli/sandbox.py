"""`warroom sandbox`: a local Slack that runs alone, for any bot.

Rules
- It says what to put into a bot's environment.
- What the command needs is imported when it runs: `--help` answers at once.
- SIGINT ends it too where a shell has started it in the background, and it would be ignored.
"""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.local_slack import LocalSlackConfig


@click.command()
@click.option("--port", default=3000, show_default=True, help="Port to listen on; 0: any.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML file with the workspace: people, channels, tokens, limits.",
)
@click.option("--request-url", help="Where the bot listens, unless it links a socket.")
def sandbox(port: int, host: str, path: Path | None, request_url: str | None) -> None:
    """Run a local Slack workspace for a bot, and its page for people."""
    from bot.local_slack import ConfigError, LocalSlackConfig, load_config

    try:
        config = load_config(path) if path is not None else LocalSlackConfig()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    if request_url is not None:
        config = config.model_copy(update={"request_url": request_url})
    try:
        with suppress(KeyboardInterrupt):  # on Windows
            asyncio.run(_serve(config, host, port))
        click.echo("Stopped.")
    except OSError as error:
        raise click.ClickException(f"can't listen at {host}:{port}: {error.strerror}") from error


async def _serve(config: "LocalSlackConfig", host: str, port: int) -> None:
    from bot.local_slack import LocalSlack

    stop = asyncio.Event()
    with suppress(NotImplementedError):  # Windows has no such handlers
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with LocalSlack(config, host=host, port=port) as slack:
        click.echo(f"""The local Slack runs at {slack.url}/
Stop it with Ctrl-C. A bot takes these in its environment:

SLACK_API_URL={slack.api_url}
SLACK_BOT_TOKEN={config.bot_token}
SLACK_APP_TOKEN={config.app_token}
SLACK_SIGNING_SECRET={config.signing_secret}
""")
        await stop.wait()
