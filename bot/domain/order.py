"""What every command is: one order, which names whom it is about."""

from typing import ClassVar

from bot.domain.person import Person
from bot.domain.value import Value


class Order(Value):
    """One order; `verb` completes «you may not …»."""

    verb: ClassVar[str]

    @property
    def people(self) -> tuple[Person, ...]:
        """Whom it names."""
        return ()
