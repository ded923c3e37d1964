"""`/warroom debt`: open rooms, active exceptions and follow-ups that are owed, weighted by age.

Rules
- What a private room or a follow-up is about is shown to those who have a part in it; that it is
  debt, to all.
"""

import asyncio

from bot.engine.cases import governance_debt
from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.measures.debt import Debt, Owed
from bot.measures.debt_report import SLACK_LISTED, debt_slack_text
from bot.storage.follow_ups import follow_up

USAGE = "debt: governance debt, by team and risk class"


async def handle(invocation: Invocation) -> Reply:
    """Compute the debt."""
    now = invocation.engine.now()

    def compute() -> Debt:
        store, classes = invocation.engine.store, invocation.config.risk_classes
        owed = governance_debt(store, now, classes, SLACK_LISTED)
        heaviest = [shown(liability) for liability in owed.liabilities[:SLACK_LISTED]]
        ended = [shown(liability) for liability in owed.ended[:SLACK_LISTED]]
        return owed.model_copy(update={"liabilities": tuple(heaviest), "ended": tuple(ended)})

    def shown(liability: Owed) -> Owed:
        called = "follow-up" if liability.follow_up else "war room"
        title = f"{called} {liability.id}"
        return liability if may_see(liability) else liability.model_copy(update={"title": title})

    def may_see(liability: Owed) -> bool:
        store, person = invocation.engine.store, invocation.actor.person
        if liability.follow_up:
            owed = follow_up(store, liability.follow_up)
            return owed is not None and owed.name_of(person) in owed.holders
        room = store.room(liability.id)
        return room is not None and invocation.may_see(room)

    return debt_slack_text(await asyncio.to_thread(compute))


DEBT = Subcommand(USAGE, handle)
