"""The names that sources report, kept: which a pattern took, and which failed in vain.

Rules
- That a pattern took a name is written once an hour by each process: it costs no violation a row.
- What is ignored is on disk before that is answered.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.engine.writer import Waits, Writer
from bot.policies.sources import Sources

TAKEN_AGAIN = timedelta(hours=1)


class ReportedNames:
    """Keeps names in the writer's group commit."""

    def __init__(self, writer: Writer, now: Callable[[], datetime]) -> None:
        self._writer = writer
        self._now = now
        self._written: dict[tuple[str, str], datetime] = {}

    async def configure(self, sources: Sources) -> None:
        """These are the sources' patterns from now on. Raises DatabaseUnavailableError."""
        patterns = {name: tuple(each.policies) for name, each in sources.sections.items()}
        await self._writer.write(lambda order: order.source_names.configure(patterns))

    async def ignored(self, source: str, name: str) -> None:
        """A failure was ignored that no pattern takes. Raises DatabaseUnavailableError."""
        await self._writer.write(
            lambda order: order.source_names.ignored(source, name), waits=Waits.PIPELINE
        )

    async def taken(self, source: str, pattern: str) -> None:
        """A pattern has taken a name. Raises DatabaseUnavailableError."""
        now, key = self._now(), (source, pattern)
        written = self._written.get(key)
        if written is None or abs(now - written) >= TAKEN_AGAIN:
            await self._writer.write(
                lambda order: order.source_names.taken(source, pattern), waits=Waits.PIPELINE
            )
            self._written[key] = now
