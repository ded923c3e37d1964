"""What a worker does for the log: it puts events in, and signs checkpoints where it has a key."""

import asyncio

from bot.engine.engine import Engine
from bot.evidence.sequencer import follow_log
from bot.settings import Settings


async def keep_log(engine: Engine, settings: Settings) -> None:
    """Do so until it is cancelled. UsageError at once where a key is set that can't be used."""
    signing = None
    if settings.warroom_log_key.get_secret_value().strip():
        # Here alone: what signs is loaded where something is to be signed.
        from bot.evidence.checkpointing import Checkpoints  # noqa: PLC0415
        from bot.evidence.log_keys import log_keys  # noqa: PLC0415

        signing = Checkpoints(engine, log_keys(settings), settings.warroom_log_file)
    await asyncio.gather(follow_log(engine), *([signing.run()] if signing else []))
