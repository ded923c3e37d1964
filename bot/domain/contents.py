"""What a room holds of its violations: it is bounded, however many come in."""

from bot.domain.makers import MadeBy
from bot.domain.value import StoredValue
from bot.domain.violation import Violation

NEWEST = 10  # violations that a room holds besides its first


class Contents(StoredValue):
    """What a room holds of its violations: how many, the first, and the newest of the others.

    `one_key` is whether all have the same. `callbacks` counts those whose pipeline wants to be
    told, `made_by` says who is behind how many.
    """

    count: int
    first: Violation
    newest: tuple[Violation, ...] = ()
    one_key: bool = True
    callbacks: int = 0
    made_by: tuple[MadeBy, ...] = ()
