"""Which exceptions cover a violation: one that comes in, or one that might.

Rules
- What covers it is asked under its policy as that is by now; the exception says whether it holds.
- Of a violation of which it isn't known into which band it falls, no exception covers it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.domain import exception as x
from bot.domain import scope
from bot.domain.aggregate import Step
from bot.domain.answering import Judgement
from bot.domain.conditions import Truth
from bot.domain.exception_life import EXCEPTION
from bot.domain.makers import Attributed
from bot.domain.person import BY_SYSTEM
from bot.domain.policy import Rules
from bot.domain.violation import Violation
from bot.policies.matching import in_room
from bot.storage.covering import Covering
from bot.storage.exceptions import exception
from bot.storage.store import Store

Waiver = tuple[x.PolicyException, x.Waive]


def waivers(
    rules: Rules,
    violation: Violation,
    makers: Iterable[Attributed],
    covering: Callable[[Collection[str]], list[x.PolicyException]],
) -> Iterator[Waiver]:
    """The exceptions with the violation's keys, each with the order to waive it.

    Those of the narrowest scope first. `covering` gives the active ones that cover some keys.
    """
    judgement, ask = in_room(rules.policy, violation)
    if is_unknown(judgement):
        return
    for key in scope.keys(rules.policy, violation.report, ask):
        for each in covering((key,)):
            yield (
                each,
                x.Waive(
                    violation=violation,
                    policy_digest=rules.digest,
                    key=key,
                    severity=judgement.severity,
                    basis=judgement.basis(rules.configuration),
                    makers=tuple(makers),
                ),
            )


def waiver(
    store: Store,
    rules: Rules,
    violation: Violation,
    makers: Collection[Attributed],
    now: datetime,
) -> Waiver | None:
    """The exception that would allow a violation if it came at `now`; nothing is recorded."""

    def asked(connection: Connection) -> Waiver | None:
        covering = Covering(connection, now, partial(exception, connection)).covering
        for each, order in waivers(rules, violation, makers, covering):
            answer = EXCEPTION.decide(each, order, BY_SYSTEM, rules, now)
            if each.granted_at <= now and isinstance(answer, Step):
                return each, order
        return None

    return store.ask(asked)


def is_unknown(judgement: Judgement) -> bool:
    """Whether it isn't known into which band a violation falls: then no exception covers it."""
    return any(each.value is Truth.UNKNOWN for each in judgement.conditions)
