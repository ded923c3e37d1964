"""`python -m bot.sandbox`: a workspace that runs alone."""

import asyncio
import contextlib
from pathlib import Path

import click

from bot.sandbox.config import WorkspaceConfig, load
from bot.sandbox.errors import ConfigError
from bot.sandbox.server import serve


@click.command()
@click.option("--port", default=3000, show_default=True, help="Port to listen on; 0: any.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option(
    "--config", "path", type=click.Path(path_type=Path), help="YAML file with the workspace."
)
@click.option("--request-url", help="Where the bot listens, unless it links a socket.")
def main(port: int, host: str, path: Path | None, request_url: str | None) -> None:
    """Run a local Slack workspace."""
    try:
        config = load(path) if path is not None else WorkspaceConfig()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    if request_url is not None:
        config = config.model_copy(update={"request_url": request_url})
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(config, host, port))
    except OSError as error:
        raise click.ClickException(f"can't listen at {host}:{port}: {error.strerror}") from error


if __name__ == "__main__":
    main()
