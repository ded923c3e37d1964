"""`/warroom debt`: rooms still open and exceptions still active, weighted by age."""

import asyncio

from bot.engine.figures import liabilities
from bot.measures.debt import Debt, debt
from bot.measures.debt_report import debt_slack_text
from bot.slack.commands.ask import Ask, Reply

USAGE = "debt: governance debt, by team"


async def handle(ask: Ask) -> Reply:
    """Compute the debt."""
    now = ask.engine.now()

    def compute() -> Debt:
        return debt(liabilities(ask.engine.store, now), now)

    return debt_slack_text(await asyncio.to_thread(compute))
