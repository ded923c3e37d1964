"""Whose an unknown account may be meant to be: the nearest that the directory knows."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from bot.domain.person import EMAIL
from bot.policies.people import Directory

CUTOFF = 0.75  # of difflib's ratio: `va1@acme.test` is near `val@acme.test`


def nearest(directory: Directory, account: str) -> str | None:
    """`val's val@acme.test`, or None where nothing is like it.

    An address is compared with addresses and a login with logins; where none is near, both with
    whatever identifies somebody anywhere, an address by what stands before the `@`.
    """
    system, _, text = account.partition(":")
    known = list(_known(directory))
    same = {each.text: each for each in known if each.system == system}
    short = {each.short: each for each in known}
    for likely, wanted in ((same, text), (short, _Known(system, text, "").short)):
        if near := get_close_matches(wanted, likely, n=1, cutoff=CUTOFF):
            found = likely[near[0]]
            return f"{found.owner}'s {found.text}"
    return None


class _Known(NamedTuple):
    system: str
    text: str
    owner: str

    @property
    def short(self) -> str:
        """What is compared across systems."""
        return (self.text.partition("@")[0] if self.system == EMAIL else self.text).lower()


def _known(directory: Directory) -> Iterator[_Known]:
    for person in directory.people.values():
        for account in person.accounts:
            system, _, text = account.partition(":")
            yield _Known(system, text, person.name)
    for account, persons in directory.claims.items():
        system, _, text = account.partition(":")
        yield _Known(system, text, persons[0].name)
