"""What a check of `warroom doctor` is: one value, whose findings say what to do.

Rules
- Nothing is changed: a doctor looks.
- What can't be checked because something before it is wrong is left out, not guessed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from bot.integrations.finding import Finding
from bot.policies.load import Config
from bot.settings import Settings

Findings = Iterable[Finding]


@dataclass(frozen=True, slots=True)
class DoctorCheck:
    """One check: what `examine` finds, at once or when it is awaited.

    The configuration is None while it is wrong. What isn't awaited runs in a thread, and may take
    its time.
    """

    name: str
    examine: Callable[[Settings, Config | None], Findings | Awaitable[Findings]]

    async def findings(self, settings: Settings, config: Config | None) -> Findings:
        """All findings, in the order in which they are to be said."""
        found = await asyncio.to_thread(self.examine, settings, config)
        return await found if isinstance(found, Awaitable) else found
