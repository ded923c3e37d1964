"""A subcommand of `/warroom`: how it is used, and what it answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.integrations.slack.commands.invocation import Invocation, Reply


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One word behind `/warroom`.

    `usage` is its line in the help, `NAME [WORDS]: MEANING`. `handle` answers the person who asks,
    with nothing where a modal does; CannotError says why it can't.
    """

    usage: str
    handle: Callable[[Invocation], Awaitable[Reply]]

    @property
    def name(self) -> str:
        """The word that it is called by."""
        return self.usage.replace(":", " ").split(" ")[0]

    @property
    def takes_words(self) -> bool:
        """Whether its usage names any; words for one that takes none are refused before it."""
        return " " in self.usage.partition(":")[0]


Subcommands = tuple[Subcommand, ...]
