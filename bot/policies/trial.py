"""How a violation would be answered by policies that need not be in force: nothing is recorded.

Rules
- It is asked as what comes in is, in one place. Exceptions stand in no file, and are none of this.
"""

from collections.abc import Collection
from datetime import datetime

from bot.domain.answering import Judgement
from bot.domain.assignments import assigned
from bot.domain.policy import Role
from bot.domain.violation import Report
from bot.policies.load import Config
from bot.policies.matching import Matcher, Trial


class Trials:
    """Tries violations on the policies and people of one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._matcher = Matcher(config.policies.values())

    def of(self, report: Report, source: str, now: datetime) -> Trial | None:
        """What a report that is signed as `source` would get at `now`; None: it is refused."""
        trial = self._matcher.tried(report, self.config.people, source, now)
        return None if trial.refusal else trial


def on_duty(judgement: Judgement, made_by: Collection[str]) -> dict[Role, tuple[str, ...]]:
    """Whom a room of its own would have on duty; of a Slack user group its id.

    `made_by` are the people who are known to have made the change.
    """
    if judgement.cleared_by:
        return {Role.VALIDATOR: (), Role.ADJUDICATOR: ()}
    assignments = assigned(judgement.policy, made_by, judgement.terms(None).decide)
    return {
        each.role: tuple(name for name in (each.on_duty or each.unknown_group,) if name)
        for each in assignments
    }
