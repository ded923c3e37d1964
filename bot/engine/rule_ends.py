"""Who answers for a rule hears a week before it ends, and owes its renewal or its end until then.

Rules
- It is owed once for each end of a rule, whichever process looks first: its id says which.
- An ended rule asks nobody any more: it clears nothing, and that is that.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

import structlog

from bot.domain.follow_up import FollowUpKind, Owe
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.person import unlisted
from bot.domain.policy import Policy
from bot.engine.engine import Engine
from bot.engine.follow_ups import Ending, owe
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Transaction

log = structlog.get_logger()

AHEAD = timedelta(days=7)
LOOK_EVERY_SECONDS = 1.0


def ending(policies: Iterable[Policy], now: datetime) -> Iterator[Ending]:
    """The rules whose end is at most a week ahead."""
    for policy in policies:
        for rule in policy.auto_clear:
            if rule.until - AHEAD <= now < rule.until:
                yield Ending(policy, rule)


async def follow_rules(engine: Engine) -> None:
    """Look until it is cancelled."""
    told: frozenset[str] = frozenset()
    while True:
        try:
            told |= await look(engine, told)
        except DatabaseUnavailableError as error:
            log.warning("rules.database_away", error=str(error))
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def look(engine: Engine, told: Collection[str] = ()) -> frozenset[str]:
    """Have the renewal of what ends before long owed by its owner, unless it is already.

    `told` are those of which that is known; gives the others. DatabaseUnavailableError.
    """
    due = ending(engine.config.policies.values(), engine.now())
    new = [each for each in due if each.id not in told]
    for each in new:
        await _tell(engine, each)
    return frozenset(each.id for each in new)


async def _tell(engine: Engine, each: Ending) -> None:
    policy, rule = each
    command = Owe(
        id=each.id,
        kind=FollowUpKind.RENEWAL,
        owner=engine.people.people.get(rule.owner) or unlisted(rule.owner),
        policy_id=policy.id,
        severity=policy.severity,
        team=None,
        title=f"The rule {rule.id} of {policy.title} ends",
        because=f"{policy.file}:{rule.line}: {rule.reason}",
        until=rule.until,
    )

    def order(transaction: Transaction) -> None:
        if transaction.state(FOLLOW_UP, each.id) is None:
            owe(transaction, engine.streams, command)

    await engine.write(order)
