"""What people decided on the violations of each policy, for what can be learned from it.

Rules
- Only what people were asked about counts: what a rule or an exception answered asked nobody.
- A decision whose exception was revoked has allowed nothing.
- Who answers for a suggestion is on duty as the policy's adjudicator, or else the next who could.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.domain.assignments import assigned
from bot.domain.exception import ExceptionState
from bot.domain.makers import Behind
from bot.domain.policy import Policy, Role
from bot.engine.simulation import deciders
from bot.policies.load import Config
from bot.policies.suggest import Decided, Suggestion, suggestions
from bot.storage.arrived import Arrived

REVOKED = ExceptionState.REVOKED.value


class Precedents:
    """Recorded violations, and what became of them in their rooms, by policy."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._decided: defaultdict[str, list[Decided]] = defaultdict(list)

    def add(self, arrived: Arrived) -> None:
        """Count one more violation."""
        violation = arrived.violation
        _, makers = self._config.people.attributed(violation.report)
        behind = Behind(makers, self._config.people.people)
        for row in arrived.answers:
            if row.room_id is None or row.policy_id not in self._config.policies:
                continue
            room = arrived.rooms[row.room_id]
            decided = Decided(
                report=violation.report,
                source=violation.signed_by or violation.source,
                behind=behind,
                room=room.id,
                opened_at=room.opened_at,
                asked=deciders(room),
            )
            if decision := room.decision:
                decided = replace(
                    decided,
                    outcome=REVOKED if room.id in arrived.revoked else decision.outcome,
                    by=decision.by,
                    at=decision.at,
                    reason=decision.reason,
                )
            self._decided[row.policy_id].append(decided)

    def suggestions(self, now: datetime, least: int) -> Iterator[Suggestion]:
        """What could be approved beforehand, by the policies' ids."""
        for policy_id, decided in sorted(self._decided.items()):
            policy = self._config.policies[policy_id]
            if owner := self._owner(policy):
                yield from suggestions(policy, decided, owner, now, least)

    def _owner(self, policy: Policy) -> str | None:
        """The first adjudicator whom the configuration names; None where none is."""
        (adjudicator,) = assigned(policy, (), (Role.ADJUDICATOR,))[1:]
        people = self._config.people.people
        return next((name for name in adjudicator.holders if name in people), None)
