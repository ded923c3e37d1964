"""Who is to be erased or held: the names and accounts that the record has of one person.

Rules
- Two entries are one person where they share a name or an account.
- A text names them where it holds an address of theirs, a Slack id, or `@` and a login, each as a
  word; a name alone is a word like others, so it counts only as a whole value.
- What the bot itself has written names them by their name as a word, too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.domain import identity
from bot.domain.person import GITHUB, SLACK, SYSTEMS, Person, account

_WORD = r"(?<![\w.+@-]){}(?![\w@-]|\.\w)"


@dataclass(frozen=True)
class Somebody:
    """One person, by every name and account that is known of them."""

    names: frozenset[str]
    accounts: frozenset[str] = frozenset()

    @classmethod
    def called(cls, given: str) -> "Somebody":
        """Whoever has this name, or this account, such as `slack:U0ADA`."""
        system, _, rest = given.partition(":")
        if rest and system in SYSTEMS:
            own = {account(system, rest), identity.account_of(system, rest)}
            return cls(frozenset(own), frozenset(own))
        accounts = {given} if rest else {account(SLACK, given)} if _is_slack_id(given) else set()
        return cls(frozenset({given}), frozenset(accounts))

    @property
    def is_known(self) -> bool:
        """Whether there is more of them than what somebody has asked for."""
        return bool(self.names or self.accounts)

    def is_one_with(self, name: str, accounts: Iterable[str] = ()) -> bool:
        """Whether this name, or one of these accounts, is theirs."""
        return name in self.names or not self.accounts.isdisjoint({name, *accounts})

    def is_person(self, person: Person) -> bool:
        """Whether somebody is this person."""
        return self.is_one_with(person.name, person.accounts)

    def with_more(self, names: Iterable[str] = (), accounts: Iterable[str] = ()) -> "Somebody":
        """The same with what else is known of them."""
        return Somebody(self.names | {*names}, self.accounts | {*accounts})

    def made(self, initiator: Any) -> bool:  # noqa: ANN401 - JSON
        """Whether an initiator, as a report has them, is this person."""
        if not isinstance(initiator, dict):
            return False
        for system in SYSTEMS:
            text = initiator.get(system)
            if text and not self.accounts.isdisjoint(_accounts(system, text)):
                return True
        return initiator.get("name") in self.names

    def is_named_in(self, value: Any, *, by_bot: bool = False) -> bool:  # noqa: ANN401 - JSON
        """Whether a value names them anywhere in it, as the rules above have it."""
        pattern = self._any_word if by_bot else self._identities
        return any(
            text in self.names or text in self.accounts or (pattern and pattern.search(text))
            for text in texts_in(value)
        )

    @cached_property
    def parts(self) -> frozenset[str]:
        """What any value that names them holds at least, in lower case."""
        found = {name.lower() for name in self.names}
        for each in self.accounts:
            _, _, own = each.partition(":")
            local = own.partition("@")[0].partition("+")[0]
            found.add((local if len(local) > 1 else own).lower())
        return frozenset(found - {""})

    @cached_property
    def _identities(self) -> re.Pattern[str] | None:
        return _pattern(_spelt(self.accounts))

    @cached_property
    def _any_word(self) -> re.Pattern[str] | None:
        return _pattern([*_spelt(self.accounts), *("@?" + re.escape(name) for name in self.names)])


def texts_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Each text in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def _accounts(system: str, text: str) -> set[str]:
    try:
        read = identity.read(system, text)
    except ValueError:
        return {account(system, text)}
    return {read.account, *read.same}


def _is_slack_id(text: str) -> bool:
    return bool(re.fullmatch(r"[UW][A-Z0-9]{2,}", text, re.ASCII))


def _spelt(accounts: Iterable[str]) -> list[str]:
    """How accounts are spelt within a text, as patterns."""
    found = []
    for each in sorted(accounts):
        system, _, own = each.partition(":")
        before = {GITHUB: "@", SLACK: "@?"}.get(system, "")
        found.append(before + re.escape(own))
    return found


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    either = "|".join(words)
    # A login's own `@` may not follow a letter: that would be the end of an address.
    return re.compile(_WORD.format(f"(?:{either})"), re.IGNORECASE) if either else None
