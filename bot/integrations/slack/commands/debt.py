"""`/warroom debt`: rooms still open and exceptions still active, weighted by age.

Rules
- What a private room is about is shown to those who have a part in it; that it is debt, to all.
"""

import asyncio

from bot.engine.cases import liabilities
from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.measures.debt import Debt, Owed, debt
from bot.measures.debt_report import SLACK_LISTED, debt_slack_text

USAGE = "debt: governance debt, by team"


async def handle(invocation: Invocation) -> Reply:
    """Compute the debt."""
    now = invocation.engine.now()

    def compute() -> Debt:
        owed = debt(liabilities(invocation.engine.store, now), now)
        heaviest = [shown(liability) for liability in owed.liabilities[:SLACK_LISTED]]
        ended = [shown(liability) for liability in owed.ended[:SLACK_LISTED]]
        return owed.model_copy(
            update={
                "liabilities": (*heaviest, *owed.liabilities[SLACK_LISTED:]),
                "ended": (*ended, *owed.ended[SLACK_LISTED:]),
            }
        )

    def shown(liability: Owed) -> Owed:
        room = invocation.engine.store.room(liability.room)
        if room and invocation.may_see(room):
            return liability
        return liability.model_copy(update={"title": f"war room {liability.room}"})

    return debt_slack_text(await asyncio.to_thread(compute))


DEBT = Subcommand(USAGE, handle)
