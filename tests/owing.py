"""A sample that a validator owes, raised as the clearance of its violation would raise it."""

from datetime import timedelta

from bot.domain.aggregate import Step
from bot.domain.conditions import Condition
from bot.domain.follow_up import FollowUp, Owe
from bot.domain.person import Person
from bot.domain.policy import ClearRule, Policy
from bot.engine import follow_ups
from bot.engine.engine import Engine
from bot.storage.follow_ups import follow_up
from bot.storage.transaction import Transaction
from tests.build import POLICY, START, ada, jude, made_by, report, rules

RULE = ClearRule(
    id="internal-copies",
    when=Condition(text="true"),
    reason="Copies that stay inside the company.",
    owner=jude.name,
    until=START + timedelta(days=90),
    review_sample=1.0,
    line=7,
)


async def owe_sample(
    engine: Engine, initiator: Person = ada, policy: Policy = POLICY, **fields: object
) -> FollowUp:
    """A follow-up about a violation that was reported, as if a rule had cleared it."""
    receipt = await engine.report(report(**fields), "violations", f"sample {fields}")
    violation = engine.store.violation(receipt.violation_id)
    assert violation

    def order(transaction: Transaction) -> object:
        makers = made_by(initiator)
        return follow_ups.draw(transaction, engine.streams, violation, makers, rules(policy), RULE)

    return _after(await engine.write(order))


async def owe(engine: Engine, command: Owe) -> FollowUp:
    """Whatever is owed by an order."""
    return _after(
        await engine.write(lambda transaction: follow_ups.owe(transaction, engine.streams, command))
    )


def stored(engine: Engine, follow_up_id: str) -> FollowUp:
    """A follow-up as it is by now."""
    found = follow_up(engine.store, follow_up_id)
    assert found
    return found


def _after(step: object) -> FollowUp:
    assert isinstance(step, Step), step
    after: FollowUp = step.after
    return after
