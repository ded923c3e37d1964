"""How a violation would be answered by policies that need not be in force: nothing is recorded.

Rules
- The same people are behind the change and the same policies are asked as when it comes in.
- Exceptions stand in no file, and are none of this.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.answering import Judgement
from bot.domain.assignments import assigned
from bot.domain.policy import Role
from bot.domain.violation import Report
from bot.domain.war_room import Verdict
from bot.policies.load import Config
from bot.policies.matching import Matcher, NoPolicyError


@dataclass(frozen=True, slots=True)
class Trial:
    """What each policy would answer, by its id, and who is known to be behind the change."""

    judgements: tuple[Judgement, ...]
    made_by: tuple[str, ...]

    @property
    def asking(self) -> tuple[Judgement, ...]:
        """Those answers that ask people."""
        return tuple(each for each in self.judgements if each.cleared_by is None)

    @property
    def verdict(self) -> Verdict:
        """What the pipeline would be told at once."""
        return Verdict.PENDING if self.asking else Verdict.ALLOW

    @property
    def gravest(self) -> Judgement:
        """The gravest of those that ask people, or else of all."""
        return min(self.asking or self.judgements, key=_gravity)

    def on_duty(self, judgement: Judgement) -> dict[Role, tuple[str, ...]]:
        """Whom a room of its own would have on duty; of a Slack user group its id."""
        if judgement.cleared_by:
            return {Role.VALIDATOR: (), Role.ADJUDICATOR: ()}
        terms = judgement.terms(None)
        assignments = assigned(judgement.policy, self.made_by, terms.decide)
        return {
            each.role: tuple(name for name in (each.on_duty or each.unknown_group,) if name)
            for each in assignments
        }


class Trials:
    """Tries violations on the policies and people of one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._matcher = Matcher(config.policies.values())

    def of(self, report: Report, source: str, now: datetime) -> Trial | None:
        """What a report that is signed as `source` would get at `now`; None: it is refused."""
        report, makers = self.config.people.attributed(report)
        made_by = tuple(dict.fromkeys(each.name for maker in makers for each in maker.persons))
        try:
            return Trial(self._matcher.judged(report, source, now, made_by), made_by)
        except NoPolicyError:
            return None


def _gravity(judgement: Judgement) -> tuple[int, float, str]:
    window = judgement.terms(None).window
    return -judgement.severity.rank, window.total_seconds(), judgement.policy.id
