"""Posts the newest checkpoint in the Slack channel of the log, once a day.

Rules
- The record says what was posted last, and the post is recorded with its effect in one transaction:
  neither a restart nor another worker posts it again.
- A checkpoint is posted once: while the log doesn't grow there is nothing to say.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.domain.checkpoint import CHECKPOINT, Post
from bot.domain.person import BY_SYSTEM
from bot.engine.engine import Engine
from bot.evidence.looking import keep_looking
from bot.storage import log as rows
from bot.storage import log_checkpoints as kept_rows
from bot.storage.transaction import Transaction

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 60.0
EVERY = timedelta(days=1)


@dataclass
class Posting:
    """Where it is posted, and what this process knows to be posted."""

    engine: Engine
    channel: str
    _last: kept_rows.Posted | None = None

    async def run(self) -> None:
        """Post until it is cancelled."""
        await keep_looking("posting", self.look, LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Have the newest one posted where that is due."""
        newest = await asyncio.to_thread(self.engine.store.ask, kept_rows.newest_checkpoint)
        if newest and self._is_due(self._last, newest):
            self._last = await self.engine.write(self._post)

    def _is_due(self, last: kept_rows.Posted | None, newest: kept_rows.Checkpoint) -> bool:
        if last is None:
            return True
        return newest.size > last.size and self.engine.now() - last.at >= EVERY

    def _post(self, transaction: Transaction) -> kept_rows.Posted | None:
        """What was posted last, after this; None where another process holds the log."""
        connection = transaction.connection
        if rows.hold(connection) is None:
            return None
        last, newest = kept_rows.last_posted(connection), kept_rows.newest_checkpoint(connection)
        if newest is None or not self._is_due(last, newest):
            return last
        command = Post(channel=self.channel)
        self.engine.streams.apply(transaction, CHECKPOINT, str(newest.size), command, BY_SYSTEM)
        log.info("checkpoint.posted", size=newest.size, channel=self.channel)
        return kept_rows.Posted(newest.size, transaction.now)
