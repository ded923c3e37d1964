"""A store without a database."""

from bot.domain.answers import Answered
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.storage.store import Store


class Holding(Store):
    """Knows these violations, in the order in which they came in, and the room that has them."""

    def __init__(self, *violations: Violation, room: WarRoom | None = None) -> None:
        self._violations = violations
        self._holds = room

    def answers(self, violation_id: str) -> tuple[Answered, ...] | None:
        if self.violation(violation_id) is None:
            return None
        return (Answered(self._holds.policy_id, room=self._holds),) if self._holds else ()

    def violation(self, violation_id: str) -> Violation | None:
        found = (violation for violation in self._violations if violation.id == violation_id)
        return next(found, None)

    def violations_in(self, room_id: str, limit: int) -> list[Violation]:
        del room_id
        return list(reversed(self._violations))[:limit]
