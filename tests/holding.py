"""A store without a database."""

from bot.domain.violation import Violation
from bot.storage.store import Store


class Holding(Store):
    """Knows these violations, in the order in which they came in, and nothing else."""

    def __init__(self, *violations: Violation) -> None:
        self._violations = violations

    def violation(self, violation_id: str) -> Violation | None:
        found = (violation for violation in self._violations if violation.id == violation_id)
        return next(found, None)

    def violations_in(self, room_id: str, limit: int) -> list[Violation]:
        del room_id
        return list(reversed(self._violations))[:limit]
