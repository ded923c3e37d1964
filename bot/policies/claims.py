"""People who are imported, below those of the file: what their accounts say of who made a change.

Rules
- An import gives accounts to people, and nothing else: no name of the file, no place in a group, no
  role, no account to act with.
- An imported human is the person of the file who has their Slack account, else their address. Only
  who has no Slack account of their own is found by a GitHub login: people write that into their
  profiles themselves, and nobody makes somebody else the initiator of their own changes.
- Each Slack account of theirs that no file has is an initiator too, whichever of their accounts a
  report names: somebody may act with it.
- Whom neither the file nor a Slack account names is nobody who is known: which of those who decide
  it is can't be told.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.domain.configuration import Human
from bot.domain.person import EMAIL, GITHUB, SLACK, Person, unnamed
from bot.domain.war_room import WarRoom
from bot.policies.people import Directory


def with_claims(directory: Directory, humans: Iterable[Human]) -> Directory:
    """The directory of a file with what imported humans claim, and with nothing else changed."""
    claims: defaultdict[str, dict[str, Person]] = defaultdict(dict)
    alike: defaultdict[str, dict[str, Person]] = defaultdict(dict)
    for human in humans:
        accounts = [account for account in human if not directory.is_nobody(account)]
        persons = {person.name: person for person in persons_of(directory, accounts)}
        for account in accounts:
            claims[account] |= persons
        for name in persons:
            alike[name] |= {other: who for other, who in persons.items() if other != name}
    return directory.but(
        claims={account: tuple(people.values()) for account, people in claims.items() if people},
        alike={name: tuple(people.values()) for name, people in alike.items() if people},
    )


def unheard(directory: Directory, room: WarRoom) -> Iterator[tuple[str, tuple[Person, ...]]]:
    """The accounts of a room's initiators, or of nobody yet, with owners whom it doesn't know of.

    A person whom the room knows by another name than the directory may be among them.
    """
    for account in room.unsettled:
        if owners := directory.owners(account):
            yield account, owners
    initiators = frozenset(room.initiators)
    for name in room.initiators:
        for account in room.person(name).accounts:
            owners = directory.owners(account)
            if any(person.name not in initiators for person in owners):
                yield account, owners


def persons_of(directory: Directory, accounts: Iterable[str]) -> tuple[Person, ...]:
    """Who has these accounts, which are one human's; nobody where nobody is known by them."""
    by_system: dict[str, list[tuple[str, Person | None]]] = {SLACK: [], EMAIL: [], GITHUB: []}
    for account in accounts:
        system, _, text = account.partition(":")
        by_system[system].append((text, directory.with_account(system, text)))
    unlisted = [unnamed(SLACK, text) for text, person in by_system[SLACK] if person is None]
    for system in (SLACK, EMAIL, *(() if unlisted else (GITHUB,))):
        if listed := [person for _, person in by_system[system] if person]:
            return (*dict.fromkeys(listed), *unlisted)
    return tuple(unlisted)
