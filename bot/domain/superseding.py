"""What a new commit of a pull request does to the rooms of the others, as commands."""

from bot.domain.explanations import Explanation
from bot.domain.order import Order
from bot.domain.person import Person


class Supersede(Order):
    """Another commit of the pull request that all of the room is about has come in."""

    verb = "supersede"
    commit: str


class CarryOver(Order):
    """What initiators explained in a room of an earlier commit, and who they are."""

    verb = "carry over an explanation"
    explanations: tuple[Explanation, ...]
    persons: tuple[Person, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """Who has explained it."""
        return self.persons
