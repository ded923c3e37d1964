"""What a worker does for the log: it puts events in, and with a key it signs checkpoints.

Rules
- Witnesses are asked to cosign those, each by itself: one that is away holds up nothing.
"""

import asyncio

from bot.engine.engine import Engine
from bot.evidence.sequencer import follow_log
from bot.settings import Settings


async def keep_log(engine: Engine, settings: Settings) -> None:
    """Do so until it is cancelled. UsageError at once where a key or a witness can't be used."""
    kept = [follow_log(engine)]
    if settings.warroom_log_key.get_secret_value().strip():
        # Here alone: what signs is loaded where something is to be signed.
        from bot.evidence.asking import Asking  # noqa: PLC0415
        from bot.evidence.checkpointing import Checkpoints  # noqa: PLC0415
        from bot.evidence.log_keys import log_keys  # noqa: PLC0415
        from bot.evidence.posting import Posting  # noqa: PLC0415
        from bot.evidence.witnesses import log_witnesses  # noqa: PLC0415

        signing = Checkpoints(engine, log_keys(settings), settings.warroom_log_file)
        channel = settings.warroom_log_channel
        asking = [Asking(engine, each, channel) for each in log_witnesses(settings)]
        kept += [signing.run(), *(each.run() for each in asking)]
        if channel:
            kept.append(Posting(engine, channel).run())
    await asyncio.gather(*kept)
